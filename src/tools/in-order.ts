/** Steps that happen one after another, in the order in which they were given: at once where the ones before need no time. */

/** A step; a promise only where it needs time. It does not throw or reject. */
export type Step = () => Promise<void> | undefined;

/** Steps in order. */
export class InOrder {
  #last: Promise<void> | undefined;
  #pending = 0;

  add(step: Step): void {
    const going = this.#last === undefined ? step() : this.#last.then(step);
    if (going !== undefined) {
      this.#pending += 1;
      this.#last = this.#finish(going);
    }
  }

  async #finish(going: Promise<void>): Promise<void> {
    await going;
    this.#pending -= 1;
    if (this.#pending === 0) {
      this.#last = undefined;
    }
  }
}
