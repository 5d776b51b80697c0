/** At most so many tokens in any window of time: a log of what the starts in it took, corrected when more is known. */

/** What one start took. */
export interface TokenEntry {
  readonly atMs: number;
  tokens: number;
  /** Whether no window with now has it any more. */
  forgotten: boolean;
}

/** The tokens taken within one window, an entry for each start. */
export class TokenWindow {
  /** How many tokens any window may hold: an integer from 1. */
  limit: number;
  readonly #windowMs: number;
  #entries: TokenEntry[] = [];
  #head = 0;
  #sum = 0;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.#windowMs = windowMs;
  }

  /** From when so many more break no window. More than a limit that was lowered meanwhile go alone rather than never. */
  readyAtMs(nowMs: number, tokens: number): number {
    this.#forget(nowMs);
    let sum = this.#sum;
    let readyAtMs = -Infinity;
    for (let at = this.#head; sum > 0 && sum + tokens > this.limit; at += 1) {
      const entry = this.#entries[at] as TokenEntry; // The sum is that of the entries from the head.
      sum -= entry.tokens;
      readyAtMs = entry.atMs + this.#windowMs;
    }
    return readyAtMs;
  }

  /** Something starts now that is estimated to take so many. */
  add(nowMs: number, tokens: number): TokenEntry {
    this.#forget(nowMs);
    const entry = { atMs: nowMs, tokens, forgotten: false };
    this.#entries.push(entry);
    this.#sum += tokens;
    return entry;
  }

  /** An entry is known better. Too many are paid back by those who come later. */
  correct(entry: TokenEntry, tokens: number): void {
    if (!entry.forgotten) {
      this.#sum += tokens - entry.tokens;
      entry.tokens = tokens;
    }
  }

  /** How many the window has room for. */
  left(nowMs: number): number {
    this.#forget(nowMs);
    return Math.max(0, this.limit - this.#sum);
  }

  /** How many a start takes, in the mean; 1 where none is known. */
  mean(nowMs: number): number {
    this.#forget(nowMs);
    return Math.max(1, this.#sum / Math.max(1, this.#entries.length - this.#head));
  }

  /** Whether it remembers no start. */
  isEmpty(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#head === this.#entries.length;
  }

  #forget(nowMs: number): void {
    for (
      let first = this.#entries[this.#head];
      first !== undefined && first.atMs + this.#windowMs <= nowMs;
      first = this.#entries[this.#head]
    ) {
      this.#sum -= first.tokens;
      first.forgotten = true;
      this.#head += 1;
    }
    // Half of the array is spent: what is left moves to the front, at an amortised constant cost.
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
