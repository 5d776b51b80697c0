/**
 * A bound on extra calls: a bucket of tokens that calls fill and extra calls empty, as for retries and hedges in gRPC ("gRPC Retry
 * Design", proposal A6, "Throttling Retry Attempts and Hedged RPCs"), but filled by calls rather than by successes, and empty at first.
 */

/** The parts of a token: whole numbers, so that a thousand times 0.001 is 1. */
const TOKEN = 1_000_000;

/** A bound on extra calls. */
export class HedgeBudget {
  readonly #perCall: number;
  readonly #most: number;
  #parts = 0;

  /** So many extra calls for each call, of which so many may be saved up; any number where `perCall` is Infinity. */
  constructor(perCall: number, burst: number) {
    this.#perCall = Math.floor(perCall * TOKEN + 1e-3); // The product may be a little less than the whole number that it stands for.
    this.#most = burst * TOKEN;
  }

  /** So many calls are made. */
  earn(calls: number): void {
    this.#parts = Math.min(this.#most, this.#parts + calls * this.#perCall);
  }

  /** Takes one extra call; false when there is none left. */
  take(): boolean {
    if (this.#perCall === Infinity) {
      return true;
    }
    const isEnough = this.#parts >= TOKEN;
    this.#parts -= isEnough ? TOKEN : 0;
    return isEnough;
  }
}
