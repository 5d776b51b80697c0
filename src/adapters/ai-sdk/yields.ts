/** Values that are made in one place and read in another, each once, in order. */

/** What a call yields before its result. */
export class Yields implements AsyncIterable<unknown> {
  readonly #values: unknown[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  /** Reads a source to its end, and resolves with the last of its values. */
  async drain(source: AsyncIterable<unknown>): Promise<unknown> {
    let last: unknown;
    for await (const value of source) {
      last = value;
      if (!this.#isClosed) {
        this.#values.push(value);
        this.#wake?.();
      }
    }
    return last;
  }

  /** There will be no more. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, undefined> {
    for (;;) {
      while (this.#values.length > 0) {
        yield this.#values.shift();
      }
      if (this.#isClosed) {
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
