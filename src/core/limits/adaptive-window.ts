/**
 * How much may be in use at once at a service whose capacity nobody knows: grows slowly while it is used, halves when the service
 * rejects something (additive increase, multiplicative decrease; Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for
 * Congestion Avoidance in Computer Networks", 1989). Latency says nothing here: that of a model varies tenfold with the length of its
 * answer.
 *
 * It begins as TCP does: with 10 (RFC 6928), and one more for each success until the first rejection (slow start, RFC 5681, section
 * 3.1), then one more for each round of successes. It grows only where at least half of it is used (RFC 7661, section 4.3).
 */

const FIRST = 10;

/** The window of a limit, in units of its concurrency. */
export class AdaptiveWindow {
  #size = FIRST;
  #isFirst = true;

  /** How much may be in use at once: an integer from 1. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** Something ended well while so much was in use. The window never grows beyond `most`. */
  succeed(inUse: number, most: number): void {
    this.#size = Math.min(this.#size, most);
    if (inUse * 2 >= this.size) {
      this.#size = Math.min(most, this.#size + (this.#isFirst ? 1 : 1 / this.#size));
    }
  }

  /** The service rejected something while so much was in use. Call it once for all that were under way together. */
  reject(inUse: number): void {
    this.#size = Math.max(1, Math.min(this.#size, inUse) / 2);
    this.#isFirst = false;
  }
}
