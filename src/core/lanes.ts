/** Lanes: small numbers for running attempts, so that a timeline has as many rows as ever ran at once. */

/** Which lanes are taken. */
export class Lanes {
  readonly #taken: boolean[] = [];

  /** Takes the wanted lane if it is free, else the smallest that is. */
  take(wanted: number | undefined): number {
    const free = this.#taken.indexOf(false);
    const smallest = free < 0 ? this.#taken.length : free;
    const lane = wanted !== undefined && this.#taken[wanted] === false ? wanted : smallest;
    this.#taken[lane] = true;
    return lane;
  }

  free(lane: number): void {
    this.#taken[lane] = false;
  }
}
