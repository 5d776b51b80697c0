/** What a function of `map` or `mapReduce` is handed where its context is made of another. */
import type { Cost } from "../core/task.ts";
import type { MapContext } from "./map-options.ts";

/** The context of an attempt, with another place and key. */
export class PlacedContext implements MapContext {
  readonly index: number;
  readonly key: string;
  readonly #ctx: Omit<MapContext, "index">;

  constructor(index: number, key: string, ctx: Omit<MapContext, "index">) {
    this.index = index;
    this.key = key;
    this.#ctx = ctx;
  }

  get attempt(): number {
    return this.#ctx.attempt;
  }

  get signal(): AbortSignal {
    return this.#ctx.signal;
  }

  spend(spent: Cost): void {
    this.#ctx.spend(spent);
  }
}
