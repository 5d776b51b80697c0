/**
 * Starts that are evenly spaced, but for a burst after idleness: the generic cell rate algorithm (ITU-T Recommendation I.371, annex
 * A, "virtual scheduling algorithm"). It keeps one number: when the next start would come if all were evenly spaced.
 */

/** Spaces starts by an interval, and lets so many at once through as were not used before. */
export class Spacing {
  readonly #intervalMs: number;
  readonly #burst: number;
  #nextMs = -Infinity;

  constructor(intervalMs: number, burst: number) {
    this.#intervalMs = intervalMs;
    this.#burst = burst;
  }

  /** From when something may start. */
  readyAtMs(): number {
    return this.#nextMs - (this.#burst - 1) * this.#intervalMs;
  }

  /** Something starts now. */
  add(nowMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, nowMs) + this.#intervalMs;
  }

  /** At that time one may start, and no burst. */
  spend(atMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, atMs + (this.#burst - 1) * this.#intervalMs);
  }
}
