/**
 * When to look at the clock, and when to let the event loop turn. Reading the clock costs as much as ten tasks that do nothing, so
 * it is read for every start only while starts are rare: after 64 reads of which none was a millisecond after the one before, once
 * for as many starts as take about a tenth of a millisecond.
 *
 * A long run of instant tasks never leaves the microtask queue. After 4 ms in which no turn of the event loop was seen one is asked
 * for; if it has not come 4 ms later, the run pauses until it has. Where tasks do wait for input or output, it comes by itself.
 */
import { afterTurn, type Clock } from "../core/clock.ts";

const EXACT_READS = 64;
const ASK_AFTER_MS = 4;
const PAUSE_AFTER_MS = 4;
/** While starts are many, looks at the clock are between this and half of it apart, or as far as the most starts that may share one. */
const LOOK_AFTER_MS = 0.1;

/** What a pulse works with. */
export interface PulseOptions {
  readonly clock: Clock;
  /** How many starts share one look at the clock at the most. */
  readonly coarse: number;
  /** Called after a pause. */
  readonly onTurn: () => void;
}

/** What was seen of the clock. */
export class Pulse {
  /** How many starts until {@link look} is to be called again, by the caller, who counts. */
  interval = 1;
  /** Whether the run is to start nothing until `onTurn` was called. */
  paused = false;
  readonly #options: PulseOptions;
  #credit = EXACT_READS;
  #lookedMs: number;
  #turnMs: number;
  /** Since when a turn has been asked for that has not come. */
  #askedMs: number | undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.now();
    this.#turnMs = this.#lookedMs;
  }

  /** Whether the clock is read for every start. */
  get exact(): boolean {
    return this.#credit > 0;
  }

  /** Reads the clock, and decides when to read it next and whether to pause. */
  look(): number {
    const nowMs = this.#options.clock.now();
    const sinceMs = nowMs - this.#lookedMs;
    if (sinceMs >= 1) {
      this.#credit = EXACT_READS;
    }
    this.#lookedMs = nowMs;
    if (this.#credit > 0) {
      this.#credit -= 1;
      this.interval = 1;
    } else if (sinceMs > LOOK_AFTER_MS) {
      this.interval = Math.max(1, this.interval >> 1);
    } else if (sinceMs < LOOK_AFTER_MS / 2) {
      this.interval = Math.min(this.#options.coarse, this.interval * 2);
    }
    if (this.#askedMs !== undefined) {
      this.paused = nowMs - this.#askedMs >= PAUSE_AFTER_MS;
    } else if (nowMs - this.#turnMs >= ASK_AFTER_MS) {
      this.#askedMs = nowMs;
      afterTurn(() => this.#turned());
    }
    return nowMs;
  }

  #turned(): void {
    this.#askedMs = undefined;
    this.#turnMs = this.#options.clock.now();
    if (this.paused) {
      this.paused = false;
      this.#options.onTurn();
    }
  }
}
