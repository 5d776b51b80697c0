/** `hedging`: what calls have in common that start another one when the first is late. */
import { HedgeBudget } from "./hedge-budget.ts";
import { thousandthsOf, type Percentile } from "./percentile.ts";
import { RecentDurations } from "./recent-durations.ts";

/** Options of {@link hedging}. */
export interface HedgingOptions {
  /**
   * How many extra starts there may be for each call: 0.05 stands for at most 5 % more calls over time. 0 allows none, Infinity any
   * number. A number from 0. @defaultValue 0.05
   */
  readonly hedgeBudget?: number | undefined;
  /** How many extra starts may be saved up in quiet times, and then come at once: an integer from 1. @defaultValue 10 */
  readonly burst?: number | undefined;
}

/** How many keys are remembered: those used last. */
const MOST_KEYS = 1000;

/**
 * What hedged calls learn and spend. Make one with {@link hedging} and hand it to all that call the same service.
 *
 * The counts are over everything that it was handed to.
 */
export class Hedging {
  readonly #budget: HedgeBudget;
  /** By key, the one used last at the end. */
  readonly #durations = new Map<string, RecentDurations>();
  #calls = 0;
  #hedges = 0;
  #wins = 0;
  #wastedMs = 0;

  /** @internal Use {@link hedging}. */
  constructor(options: HedgingOptions) {
    const { hedgeBudget = 0.05, burst = 10 } = options;
    if (!(hedgeBudget >= 0)) {
      throw new RangeError(
        `Cannot hedge as "hedgeBudget" must be a number from 0: ${String(hedgeBudget)}`,
      );
    }
    if (!Number.isSafeInteger(burst) || burst < 1) {
      throw new RangeError(`Cannot hedge as "burst" must be an integer from 1: ${String(burst)}`);
    }
    this.#budget = new HedgeBudget(hedgeBudget, burst);
  }

  /** How many starts were due at once: one for each `hedge`, `count` for each `first`. Those after a failure are not counted. */
  get calls(): number {
    return this.#calls;
  }

  /** How many extra starts there were: while as many were under way as successes were wanted. */
  get hedges(): number {
    return this.#hedges;
  }

  /** How many extra starts were among the first successes. */
  get wins(): number {
    return this.#wins;
  }

  /** How long those ran, in milliseconds and from start to end, that were cancelled because others had won. */
  get wastedMs(): number {
    return this.#wastedMs;
  }

  /**
   * A percentile of the durations of the last 1,000 starts of a key, in milliseconds: never less, and at most 2 % more.
   * Undefined before enough of them have succeeded: 20 up to `"p95"`, 100 for `"p99"`, 1,000 for `"p99.9"`.
   *
   * @throws `RangeError` when the percentile is none from `"p50"` to `"p99.9"`.
   */
  percentileMs(key: string, percentile: Percentile): number | undefined {
    const thousandths = thousandthsOf(percentile);
    return this.#durations.get(key)?.percentileMs(thousandths);
  }

  /** @internal So many starts are due at once. */
  call(starts: number): void {
    this.#calls += starts;
    this.#budget.earn(starts);
  }

  /** @internal Takes an extra start from the budget; false when that is spent. */
  take(): boolean {
    const isTaken = this.#budget.take();
    this.#hedges += isTaken ? 1 : 0;
    return isTaken;
  }

  /** @internal An extra start won. */
  win(): void {
    this.#wins += 1;
  }

  /** @internal Somebody lost after so long. */
  waste(durationMs: number): void {
    this.#wastedMs += durationMs;
  }

  /** @internal A start of `key` has ended, or was stopped after so long. */
  learn(key: string, durationMs: number, how: "ended" | "stopped"): void {
    const known = this.#durations.get(key) ?? new RecentDurations();
    this.#durations.delete(key);
    this.#durations.set(key, known);
    known.add(durationMs, how);
    if (this.#durations.size > MOST_KEYS) {
      const [oldest] = this.#durations.keys();
      this.#durations.delete(oldest as string); // There are more than none.
    }
  }
}

/**
 * Makes what hedged calls share: the durations that they learn from, the budget for extra starts, and what those cost. Nothing is
 * shared but what was handed the same object.
 *
 * Durations are those of successes, by key, from the start of the first attempt. One that was cancelled, failed or ran out of time
 * lasted at least so long, and is counted as that: hedging does not make its calls look faster than they are.
 *
 * Over all calls there are at most `hedgeBudget` times as many extra starts as calls, and in any stretch of them at most `burst` more
 * than that.
 *
 * Not guaranteed: durations of more than 1,000 keys, the ones used last; a percentile below 0.1 milliseconds or above a day.
 *
 * @throws `RangeError` when a number is out of its range.
 * @example
 * ```ts
 * import { hedge, hedging } from "fanfold";
 *
 * const searches = hedging({ hedgeBudget: 0.05 });
 * const search = { idempotent: true, run: async () => ["a.ts", "b.ts"] };
 * console.log(await hedge(search, { hedging: searches, key: "search" }));
 * console.log(searches.calls, searches.hedges, searches.wastedMs);
 * ```
 */
export function hedging(options: HedgingOptions = {}): Hedging {
  return new Hedging(options);
}
