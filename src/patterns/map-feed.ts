/** Reads a source: an array by index, an iterable, or an async iterable; and closes it when it is left early. */
import type { MapSource } from "./map-options.ts";

/** An open source. Exactly one of `items`, `sync` and `async` is there. */
export class Feed {
  readonly items: readonly unknown[] | undefined;
  readonly sync: Iterator<unknown> | undefined;
  readonly async: AsyncIterator<unknown> | undefined;
  #open = true;

  /** @throws what the source throws when it is opened; `TypeError` when it cannot be iterated. */
  constructor(source: MapSource<unknown>) {
    const given: unknown = typeof source === "function" ? source() : source;
    if (Array.isArray(given) && given[Symbol.iterator] === Array.prototype[Symbol.iterator]) {
      this.items = given;
      return;
    }
    const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = (given ?? {}) as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >; // Checked here.
    if (typeof async === "function") {
      this.async = async.call(given as AsyncIterable<unknown>);
    } else if (typeof sync === "function") {
      this.sync = sync.call(given as Iterable<unknown>);
    } else {
      throw new TypeError(
        `Cannot map as the source must be an iterable, an async iterable, or a function that makes one: ${String(given)}`,
      );
    }
  }

  /** Notes that the source has ended or thrown: then it is not to be closed. */
  noteEnd(): void {
    this.#open = false;
  }

  /** Calls `return()` of a source that has not ended. @throws what that throws; or returns its promise. */
  close(): unknown {
    if (!this.#open) {
      return undefined;
    }
    this.#open = false;
    return this.sync === undefined ? this.async?.return?.() : void this.sync.return?.();
  }
}
