/** How many calls of one run of a node may be at work: the `maxConcurrency` of its graph, which a `ToolNode` by itself ignores. */

/** First come, first served. */
export class Places {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Does something while it has a place. */
  async within<R>(work: () => R | PromiseLike<R>): Promise<R> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await new Promise<void>((resolve) => {
        this.#line.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next === undefined) {
        this.#free += 1;
      } else {
        next(); // The place is theirs before they wake.
      }
    }
  }
}
