/** A limit: how much may run at once, and how fast. It may be shared by any number of runs. */
import { systemClock, type Clock } from "../clock.ts";
import type { RetryBudget } from "../retry-budget.ts";
import type { StartQueue } from "../start-queue.ts";
import type { Gate } from "./gate.ts";
import { Rate } from "./rate.ts";
import {
  checked,
  knowsTime,
  NO_RATE,
  rateSettings,
  type RateOptions,
  type RateSettings,
} from "./rate-settings.ts";
import type { Stalled } from "./stalled-runs.ts";
import { isWaitedFor, type Crowd } from "./line.ts";
import { startWaiting } from "./start-waiting.ts";

/**
 * What a limit allows: at least one of `concurrency`, `requestsPerSecond`, `requestsPerMinute`, `tokensPerMinute` and `adaptive`. All
 * that are given hold together.
 */
export interface LimitOptions {
  /** How many units may be in use at once: an integer from 1, or Infinity. @defaultValue Infinity */
  readonly concurrency?: number | undefined;
  /**
   * How many attempts may start in any second: an integer from 1, or Infinity. An attempt is one request, whatever its weight.
   * @defaultValue Infinity
   */
  readonly requestsPerSecond?: number | undefined;
  /** How many attempts may start in any 60 seconds: an integer from 1, or Infinity. Costs 8 bytes each. @defaultValue Infinity */
  readonly requestsPerMinute?: number | undefined;
  /**
   * How many tokens the attempts that start in any 60 seconds may take: an integer from 1, or Infinity. A task says by `cost` how many
   * it will take, and by `ctx.spend` how many it took. @defaultValue Infinity
   */
  readonly tokensPerMinute?: number | undefined;
  /**
   * How many attempts may start at once after idleness; the others are evenly spaced. An integer from 1, or Infinity for no spacing.
   * Takes effect with `requestsPerSecond` or `requestsPerMinute`. @defaultValue as many as the rate allows in a second, at least 1
   */
  readonly burst?: number | undefined;
  /**
   * Finds out how much may be in use at once, up to `concurrency`: begins with 10, grows while all goes well, halves when an attempt is
   * rejected (a status of 429, 503 or 529). @defaultValue false
   */
  readonly adaptive?: boolean | undefined;
  /** The budget for retries of all tasks of this limit that repeat failed attempts and name none of their own. @defaultValue none */
  readonly retryBudget?: RetryBudget | undefined;
  /** What reports call it. @defaultValue "limit" */
  readonly name?: string | undefined;
}

/** How a limit stands at this moment. */
export interface LimitStats {
  /** How many units are in use. */
  readonly inUse: number;
  /** How many tasks wait for it, with those that take their slots back. */
  readonly waiting: number;
  /** How many units may be in use now: with `adaptive`, what it has found out. */
  readonly concurrency: number;
  /** How many more attempts the windows have room for. */
  readonly requestsLeft: number;
  /** How many more tokens the window has room for. */
  readonly tokensLeft: number;
  /** For how long nobody will start, as the service asked for it, in milliseconds. */
  readonly pausedMs: number;
  /** How many attempts the service has rejected. */
  readonly rejected: number;
}

/**
 * How much may run at once, and how fast. Make one with {@link limit} and hand it to any number of runs and tasks.
 *
 * A freed slot is charged to the next waiter before that waiter wakes, so that no third caller can take it in between.
 *
 * A limit that knows more than `concurrency` takes the time from the clock of the runs that use it. All runs that use it at a time must
 * have the same; once nobody uses it, a run on another clock may, and the limit then starts afresh.
 */
export class Limit {
  /** What reports call it. */
  readonly name: string;
  /** @internal The waiters, a queue for each combination of limits and weight: in start order, by the ranks that the queues have. */
  readonly queues: StartQueue[] = [];
  /** @internal Those of the queues in which somebody may come to have waited for too long. */
  readonly aging: StartQueue[] = [];
  /** @internal When these were last looked through. */
  agedAtMs = -Infinity;
  /** @internal Which of the queues is looked at next for somebody who is passed over. */
  looksAt = 0;
  /** @internal */
  readonly retryBudget: RetryBudget | undefined;
  /** @internal Those who have the line to themselves: then nobody waits in the queues. */
  crowd: Crowd | undefined;
  /** @internal The runs that have to look again when it has kept somebody from starting who has room: nothing moves in them. */
  stalled: Set<Stalled> | undefined;
  /** @internal Called when it comes to remember something. */
  keep: (() => void) | undefined;
  /** @internal What it knows of time; undefined for a plain limit, which knows nothing of it. */
  rate: Rate | undefined;
  /** @internal Who lets attempts through besides slots: what it knows of time, or an account of a budget. */
  gate: Gate | undefined;
  #concurrency: number;
  /** How much may be in use now. */
  #ceiling: number;
  #inUse = 0;
  #clock: Clock | undefined;
  #settings: RateSettings = NO_RATE;

  /** @internal Use {@link limit}. */
  constructor(options: LimitOptions) {
    this.name = options.name ?? "limit";
    this.retryBudget = options.retryBudget;
    this.#concurrency = checked("concurrency", options.concurrency) ?? Infinity;
    this.#ceiling = this.#concurrency;
    this.#setRate(options);
  }

  /** How many units may be in use at once, as it was told. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** How many units are in use. May exceed `concurrency` after that was lowered, until enough have been released. */
  get inUse(): number {
    return this.#inUse;
  }

  /**
   * Changes the limit, also while it is in use: what is absent stays, and Infinity lifts it. Lowering it stops nobody; it holds back new
   * starts. What has started counts in windows that were limited before; others count from now.
   *
   * @throws `RangeError` when a number is not an integer from 1 or Infinity; then nothing has changed.
   */
  set(changes: Omit<LimitOptions, "name" | "retryBudget">): void {
    const concurrency = checked("concurrency", changes.concurrency) ?? this.#concurrency;
    this.#setRate(changes);
    this.#concurrency = concurrency;
    this.#adapt();
    // Those who wait for it may be held back for less than before, and then others go on wherever these stand.
    startWaiting([this, ...this.queues.flatMap(({ limits }) => limits)]);
  }

  /**
   * Tells the limit what the service said beside an answer. Errors of tasks that carry status and headers are told by themselves;
   * call it for other answers. A status of 429, 503 or 529 begins a pause for all, as long as `retry-after` asks for, or a second and
   * twice as long each time in a row. Where `x-ratelimit-*` or `anthropic-ratelimit-*` say that nothing is left, nobody starts until
   * something is. What cannot be understood is ignored.
   */
  observe(headers: object | undefined, status?: number): void {
    this.#withRate().observe(headers, status);
  }

  /** How it stands at this moment. */
  stats(): LimitStats {
    const none = { requestsLeft: Infinity, tokensLeft: Infinity, pausedMs: 0, rejected: 0 };
    return {
      inUse: this.#inUse,
      waiting: this.queues.reduce((sum, queue) => sum + queue.waiting, this.crowd?.waiting ?? 0),
      concurrency: this.#ceiling,
      ...(this.rate?.stats() ?? none),
    };
  }

  /** @internal */
  take(weight: number): void {
    this.#inUse += weight;
  }

  /** @internal */
  give(weight: number): void {
    this.#inUse -= weight;
  }

  /** @internal Whether `weight` more fits. A weight above a limit that was lowered meanwhile runs alone rather than never. */
  fits(weight: number): boolean {
    return this.fitsBeside(this.#inUse, weight);
  }

  /** @internal Whether `weight` fits where so much is in use. */
  fitsBeside(inUse: number, weight: number): boolean {
    return inUse + weight <= this.#ceiling || inUse === 0;
  }

  /** @internal How much weight may pass somebody before it is their turn. */
  get patience(): number {
    return Math.min(this.#concurrency, this.rate?.requests ?? Infinity);
  }

  /** @internal Whether nobody uses it or waits for it. */
  get isUnused(): boolean {
    return this.#inUse === 0 && !isWaitedFor(this);
  }

  /** @internal Whether nobody uses it, and it remembers nothing that a new one would not know but what `adaptive` has found out. */
  get isIdle(): boolean {
    return this.isUnused && (this.rate === undefined || this.rate.isFresh);
  }

  /**
   * @internal A run with this clock is going to use it.
   * @throws `TypeError` when it counts time, by another clock, for somebody else.
   */
  use(clock: Clock): void {
    if (clock !== this.#clock) {
      this.#useAnother(clock);
    }
  }

  #useAnother(clock: Clock): void {
    const { rate } = this;
    if (rate !== undefined && rate.clock !== clock) {
      if (!this.isUnused) {
        throw new TypeError(
          `Cannot use limit "${this.name}" as it counts the time of runs that have another clock: make one for each clock`,
        );
      }
      rate.restart(clock);
      this.#adapt();
    }
    this.#clock = clock;
  }

  #setRate(changes: RateOptions): void {
    this.#settings = rateSettings(changes, this.#settings);
    if (this.rate === undefined && knowsTime(this.#settings)) {
      this.#withRate();
    } else {
      this.rate?.set(this.#settings);
    }
  }

  #withRate(): Rate {
    if (this.rate === undefined) {
      this.crowd?.makeWay(); // It knows nothing of time.
      this.rate = new Rate(
        { limit: this, wake: () => startWaiting([this]), adapt: () => this.#adapt() },
        this.#clock ?? systemClock,
        this.#settings,
      );
      for (const queue of this.queues) {
        queue.isGuarded = true;
      }
      this.gate = this.rate;
      this.#adapt();
    }
    return this.rate;
  }

  #adapt(): void {
    this.#ceiling = this.rate?.ceiling ?? this.#concurrency;
  }
}

/**
 * Makes a limit.
 *
 * @example
 * ```ts
 * import { limit, settle } from "fanfold";
 *
 * const database = limit({ name: "database", concurrency: 2 });
 * await settle([() => 1, () => 2, () => 3], { limit: database });
 * ```
 * @throws `RangeError` when a number is not an integer from 1 or Infinity, or nothing is limited.
 */
export function limit(options: number | LimitOptions): Limit {
  const given = typeof options === "number" ? { concurrency: options } : options;
  if (given.concurrency === undefined && !knowsTime(rateSettings(given, NO_RATE))) {
    throw new RangeError(
      'Cannot limit as one of "concurrency", "requestsPerSecond", "requestsPerMinute", "tokensPerMinute" and "adaptive" must be given',
    );
  }
  return new Limit(given);
}
