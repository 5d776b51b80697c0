/** Values as they come, for any number of loops. */

/** What was put in so far, and what is still to come. Keeps everything: for a few values of a run that is kept anyway. */
export class Outlet<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #isClosed = false;
  #waiting: (() => void)[] = [];

  put(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  /** Nothing more will come. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Each loop sees everything, from the first. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#values.length) {
        if (this.#isClosed) {
          return;
        }
        await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      }
      yield this.#values[index] as T; // There is one.
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) {
      wake();
    }
  }
}
