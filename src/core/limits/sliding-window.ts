/**
 * At most so many starts in any window of time, exactly: a log of the starts in the window that ends now. Two windows side by side,
 * as most limiters count them, let nearly twice as many through across their border.
 */

/** The starts within one window, as a ring of their times: at most as many as the limit, 8 bytes each. */
export class SlidingWindow {
  /** How many starts any window may hold: an integer from 1. */
  limit: number;
  readonly #windowMs: number;
  #times = new Float64Array(16);
  #head = 0;
  #count = 0;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.#windowMs = windowMs;
  }

  /** From when another start breaks no window. */
  readyAtMs(nowMs: number): number {
    this.#forget(nowMs);
    return this.#count < this.limit
      ? -Infinity
      : this.#time(this.#count - this.limit) + this.#windowMs;
  }

  /** Something starts now. */
  add(nowMs: number): void {
    this.#forget(nowMs);
    if (this.#count === this.#times.length) {
      this.#grow();
    }
    this.#times[(this.#head + this.#count) % this.#times.length] = nowMs;
    this.#count += 1;
  }

  /** How many starts the window has room for. */
  left(nowMs: number): number {
    this.#forget(nowMs);
    return Math.max(0, this.limit - this.#count);
  }

  /** Whether it remembers no start. */
  isEmpty(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#count === 0;
  }

  /** Forgets the starts that no window with now has in it. */
  #forget(nowMs: number): void {
    while (this.#count > 0 && this.#time(0) + this.#windowMs <= nowMs) {
      this.#head = (this.#head + 1) % this.#times.length;
      this.#count -= 1;
    }
  }

  #time(place: number): number {
    return this.#times[(this.#head + place) % this.#times.length] as number; // Within the ring.
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    for (let place = 0; place < this.#count; place += 1) {
      times[place] = this.#time(place);
    }
    this.#times = times;
    this.#head = 0;
  }
}
