/**
 * When to look at the clock, and when to let the event loop turn. Reading the clock costs as much as a task that does nothing, so
 * it is read for every start only while starts are rare: after 64 reads of which none was a millisecond after the one before, for
 * each 256th.
 *
 * A long run of instant tasks never leaves the microtask queue. After 4 ms without a turn of the event loop one is asked for; if
 * it has not come after 8 ms, the run pauses until it has. Where tasks do wait for input or output, no pause is ever needed.
 */
import { afterTurn, type Clock } from "../core/clock.ts";

const EXACT_READS = 64;
const COARSE = 256;
const ASK_AFTER_MS = 4;
const PAUSE_AFTER_MS = 8;

/** What was seen of the clock. */
export class Pulse {
  /** How many starts until {@link look} is to be called again, by the caller, who counts. */
  interval = 1;
  /** Whether the run is to start nothing until `onTurn` was called. */
  paused = false;
  readonly #clock: Clock;
  readonly #onTurn: () => void;
  #credit = EXACT_READS;
  #lookedMs: number;
  #turnMs: number;
  #asked = false;

  constructor(clock: Clock, onTurn: () => void) {
    this.#clock = clock;
    this.#onTurn = onTurn;
    this.#lookedMs = clock.now();
    this.#turnMs = this.#lookedMs;
  }

  /** Whether the clock is read for every start. */
  get exact(): boolean {
    return this.#credit > 0;
  }

  /** Reads the clock, and decides when to read it next and whether to pause. */
  look(): number {
    const nowMs = this.#clock.now();
    if (nowMs - this.#lookedMs >= 1) {
      this.#credit = EXACT_READS;
    }
    this.#lookedMs = nowMs;
    if (this.#credit > 0) {
      this.#credit -= 1;
      this.interval = 1;
    } else {
      this.interval = COARSE;
    }
    const sinceMs = nowMs - this.#turnMs;
    if (sinceMs >= ASK_AFTER_MS) {
      this.#askForTurn();
      this.paused = sinceMs >= PAUSE_AFTER_MS;
    }
    return nowMs;
  }

  #askForTurn(): void {
    if (this.#asked) {
      return;
    }
    this.#asked = true;
    afterTurn(() => {
      this.#asked = false;
      this.#turnMs = this.#clock.now();
      if (this.paused) {
        this.paused = false;
        this.#onTurn();
      }
    });
  }
}
