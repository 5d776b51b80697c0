/** What a function of `map` or `mapReduce` is handed where its context is made of another. */
import { InternalError } from "../core/errors.ts";
import type { Cost, TaskContext } from "../core/task.ts";
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

  /** @internal What it was made of. */
  get around(): Omit<MapContext, "index"> {
    return this.#ctx;
  }
}

/** The context of the task behind one that a `map` or `mapReduce` hands out which is `within` another: something to start tasks in. */
export function taskContextOf(ctx: MapContext): TaskContext {
  let behind: Omit<MapContext, "index"> = ctx;
  while (behind instanceof PlacedContext) {
    behind = behind.around;
  }
  if (!("start" in behind)) {
    throw new InternalError(`Cannot start a task in "${ctx.key}" as its map is within no task`);
  }
  return behind as TaskContext; // Nothing else has both.
}
