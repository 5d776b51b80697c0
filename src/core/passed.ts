/** What has gone before somebody who waits in line, although it comes later in start order. */
import type { Limit } from "./limits/limit.ts";
import type { Waiter } from "./start-queue.ts";

/** Weight and tokens that have passed a waiter while it was the first of its line, for each of its limits. */
export class Passed {
  /** Since when others have gone first. */
  readonly sinceMs: number;
  readonly #limits: readonly Limit[];
  readonly #weights: number[];
  readonly #tokens: number[];

  constructor({ limits, owner }: Waiter) {
    this.sinceMs = owner.now();
    this.#limits = limits;
    this.#weights = limits.map(() => 0);
    this.#tokens = limits.map(() => 0);
  }

  /** Adds one that has gone first. */
  add({ limits, weight, estimate }: Waiter): void {
    for (const [index, each] of this.#limits.entries()) {
      if (limits.includes(each)) {
        this.#weights[index] = (this.#weights[index] ?? 0) + weight;
        this.#tokens[index] = (this.#tokens[index] ?? 0) + estimate.reserve.tokens;
      }
    }
  }

  /** Whether so much has passed at one of the limits that others must now leave all of them alone. */
  get isEnough(): boolean {
    return this.#limits.some(
      ({ patience, rate }, index) =>
        (this.#weights[index] ?? 0) >= patience ||
        (this.#tokens[index] ?? 0) >= (rate?.tokensPerMinute ?? Infinity),
    );
  }

  /** Counts anew: for the next of those that a waiter stands for, who have waited as long. */
  restart(): void {
    this.#weights.fill(0);
    this.#tokens.fill(0);
  }
}
