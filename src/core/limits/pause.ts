/**
 * When nobody starts, as the service asked for it, and how starts begin again: with one, the next half a second later, and each further
 * one after half the time of the one before. A service that still rejects says so within that time, to one request instead of to all;
 * one that is well gets to full speed within a second.
 */

/** The pause after a rejection that does not say for how long; twice as long after each further one in a row. */
const SHORTEST_MS = 1000;

/** What such a pause never exceeds. */
const LONGEST_MS = 60_000;

/** The time between the first two starts after a pause. */
const FIRST_GAP_MS = 500;

/** A gap that is not worth a timer. */
const LAST_GAP_MS = 1;

/** The pause of one limit, shared by all who use it. */
export class Pause {
  #untilMs = -Infinity;
  #nextMs = -Infinity;
  #heldUntilMs = -Infinity;
  /** 0 when starts are not spaced by it. */
  #gapMs = 0;
  #inARow = 0;

  /** From when something may start. */
  readyAtMs(): number {
    return Math.max(this.#nextMs, this.#heldUntilMs);
  }

  /** How long nobody will start. */
  leftMs(nowMs: number): number {
    return Math.max(0, Math.max(this.#untilMs, this.#heldUntilMs) - nowMs);
  }

  /** Whether nobody may start now. */
  isOn(nowMs: number): boolean {
    return this.#untilMs > nowMs;
  }

  /** Begins a pause: as long as was asked for, or as is usual. Returns its end. */
  begin(nowMs: number, askedMs = 0): number {
    this.#inARow += 1;
    const usualMs = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (this.#inARow - 1));
    return this.#extend(nowMs + (askedMs > 0 ? askedMs : usualMs));
  }

  /** Another of those that were under way together was rejected: only what it asks for counts. Returns the end of the pause. */
  prolong(nowMs: number, askedMs = 0): number {
    const untilMs = nowMs + askedMs;
    return askedMs > 0 && untilMs > this.#untilMs ? this.#extend(untilMs) : this.#untilMs;
  }

  /** Nobody starts before that time, and then all may: the service said so, and rejected nothing. */
  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  /** Something starts now. Returns whether it is one of the first after a pause. */
  start(nowMs: number): boolean {
    const isSpaced = this.#gapMs > 0;
    if (isSpaced) {
      this.#nextMs = nowMs + this.#gapMs;
      this.#gapMs = this.#gapMs / 2 < LAST_GAP_MS ? 0 : this.#gapMs / 2;
    }
    return isSpaced;
  }

  /** Something that started after the pause ended well. */
  succeed(): void {
    this.#inARow = 0;
  }

  #extend(untilMs: number): number {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    this.#nextMs = this.#untilMs;
    this.#gapMs = FIRST_GAP_MS;
    return this.#untilMs;
  }
}
