/** How far a `map` may go in its source: to its end, as far as its reader has made room, to the end of the group. */
import type { EngineOptions } from "./map-engine.ts";

/** What bounds the starts of one run. */
export class Reach {
  /** How many items the source has; Infinity while that is not known. */
  length = Infinity;
  readonly #options: Pick<EngineOptions, "outbox" | "settings">;
  #groupEnd: number;

  constructor(options: Pick<EngineOptions, "outbox" | "settings">) {
    this.#options = options;
    this.#groupEnd = options.settings.batch;
  }

  /** The first item that may not start yet. */
  get end(): number {
    const { outbox, settings } = this.#options;
    return Math.min(outbox.freed + settings.window, this.length, this.#groupEnd);
  }

  /**
   * Where all items before number `next` are done: lets the next group begin; or, like an iterator, reads an array on that has grown.
   * Returns whether there is more.
   */
  widen(next: number, items: readonly unknown[] | undefined): boolean {
    if (items !== undefined && items.length > this.length) {
      this.length = items.length;
      return true;
    }
    const isNext = next >= this.#groupEnd && next < this.length;
    if (isNext) {
      this.#groupEnd += this.#options.settings.batch;
    }
    return isNext;
  }
}
