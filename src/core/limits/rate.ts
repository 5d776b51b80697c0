/**
 * What a limit knows of time: when the next attempt may start, who waits for that, and what the service said. Everything that a plain
 * limit does not need is here, so that it pays nothing for it.
 *
 * There is one timer, and only while somebody waits for time: it is set for the first moment at which somebody may start.
 */
import type { Clock, Timer } from "../clock.ts";
import { AdaptiveWindow } from "./adaptive-window.ts";
import type { Waiter } from "../start-queue.ts";
import type { Gate, GrantEnd } from "./gate.ts";
import { RateGrant } from "./rate-grant.ts";
import { Pause } from "./pause.ts";
import { exhaustedMs } from "./rate-headers.ts";
import { burstOf, perSecond, type RateSettings } from "./rate-settings.ts";
import { askedMs } from "../retry-after.ts";
import { isRejection } from "./rejection.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { Spacing } from "./spacing.ts";
import { TokenWindow, type TokenEntry } from "./token-window.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** The limit that it belongs to. */
export interface RateOwner {
  readonly limit: {
    readonly inUse: number;
    readonly concurrency: number;
    readonly keep: (() => void) | undefined;
  };
  /** Starts whoever may start now. */
  wake(): void;
  /** What may be in use at once has changed. */
  adapt(): void;
}

/** What one limit knows of time. */
export class Rate implements Gate {
  readonly reason = "rate";
  readonly #owner: RateOwner;
  #clock: Clock;
  #settings: RateSettings;
  #second: SlidingWindow | undefined;
  #minute: SlidingWindow | undefined;
  #tokens: TokenWindow | undefined;
  #spacing: Spacing | undefined;
  #adaptive: AdaptiveWindow | undefined;
  #pause = new Pause();
  /** How often the service has rejected what was under way. */
  #epoch = 0;
  #rejected = 0;
  #timer: Timer | undefined;
  #wakeAtMs = 0;

  constructor(owner: RateOwner, clock: Clock, settings: RateSettings) {
    this.#owner = owner;
    this.#clock = clock;
    this.#settings = settings;
    this.set(settings);
  }

  /** By which it counts. */
  get clock(): Clock {
    return this.#clock;
  }

  /** How much may be in use at once. */
  get ceiling(): number {
    return Math.min(this.#owner.limit.concurrency, this.#adaptive?.size ?? Infinity);
  }

  /** How many tokens a window holds. */
  get tokensPerMinute(): number {
    return this.#settings.tokensPerMinute;
  }

  /** How many requests may pass somebody before it is their turn. */
  get requests(): number {
    return Math.min(this.#settings.requestsPerSecond, this.#settings.requestsPerMinute);
  }

  /** Whether nothing is remembered that a new one would not know. */
  get isFresh(): boolean {
    const nowMs = this.#now();
    return (
      this.#pause.readyAtMs() <= nowMs &&
      (this.#second?.isEmpty(nowMs) ?? true) &&
      (this.#minute?.isEmpty(nowMs) ?? true) &&
      (this.#tokens?.isEmpty(nowMs) ?? true)
    );
  }

  /** Changes the settings. Windows that go on keep what they know. */
  set(settings: RateSettings): void {
    const { requestsPerSecond, requestsPerMinute, tokensPerMinute } = settings;
    const burst = burstOf(settings);
    const isSpaced = burst < Infinity && perSecond(settings) < Infinity;
    const before = this.#settings;
    if (!isSpaced) {
      this.#spacing = undefined;
    } else if (
      this.#spacing === undefined ||
      burst !== burstOf(before) ||
      perSecond(settings) !== perSecond(before)
    ) {
      this.#spacing = new Spacing(SECOND_MS / perSecond(settings), burst);
    }
    this.#second = resized(this.#second, requestsPerSecond, SECOND_MS);
    this.#minute = resized(this.#minute, requestsPerMinute, MINUTE_MS);
    if (tokensPerMinute === Infinity) {
      this.#tokens = undefined;
    } else {
      this.#tokens ??= new TokenWindow(tokensPerMinute, MINUTE_MS);
      this.#tokens.limit = tokensPerMinute;
    }
    this.#adaptive = settings.adaptive ? (this.#adaptive ?? new AdaptiveWindow()) : undefined;
    this.#settings = settings;
  }

  /** Forgets everything that another clock had told. Nobody uses the limit. */
  restart(clock: Clock): void {
    this.stopWaiting();
    this.#clock = clock;
    this.#second = undefined;
    this.#minute = undefined;
    this.#tokens = undefined;
    this.#spacing = undefined;
    this.#adaptive = undefined;
    this.#pause = new Pause();
    this.set(this.#settings);
  }

  /** Whether an attempt has to wait. */
  holds({ estimate: { reserve } }: Waiter): boolean {
    const nowMs = this.#now();
    return this.#readyAtMs(nowMs, reserve.tokens) > nowMs;
  }

  /** Whether an attempt may start now. If not, the limit wakes when it may. */
  admits({ estimate: { reserve } }: Waiter): boolean {
    const nowMs = this.#now();
    const readyAtMs = this.#readyAtMs(nowMs, reserve.tokens);
    if (readyAtMs > nowMs) {
      this.#wakeAt(readyAtMs, nowMs);
      return false;
    }
    return true;
  }

  /** An attempt starts now. */
  admit({ estimate: { reserve } }: Waiter): RateGrant {
    const { tokens } = reserve;
    const nowMs = this.#now();
    this.#owner.limit.keep?.();
    if (this.#pause.start(nowMs)) {
      this.#spacing?.spend(nowMs); // Or the burst that was saved up meanwhile would follow.
    }
    this.#spacing?.add(nowMs);
    this.#second?.add(nowMs);
    this.#minute?.add(nowMs);
    const entry = this.#tokens?.add(nowMs, tokens);
    return new RateGrant(this, { epoch: this.#epoch, entry, tokens });
  }

  /** What an attempt took is known better. */
  correct(entry: TokenEntry, tokens: number): void {
    this.#tokens?.correct(entry, tokens);
  }

  /** An attempt has ended; it still counts as in use. */
  end({ epoch }: RateGrant, end: GrantEnd): void {
    switch (end.kind) {
      case "completed":
        if (epoch === this.#epoch) {
          this.#pause.succeed();
          this.#adaptive?.succeed(this.#owner.limit.inUse, this.#owner.limit.concurrency);
          this.#owner.adapt();
        }
        return;
      case "rejected":
        this.#reject(epoch === this.#epoch, end.askedMs);
        return;
      case "other":
    }
  }

  /** What the service said beside an answer. */
  observe(headers: object | undefined, status: number | undefined): void {
    const nowMs = this.#now();
    this.#owner.limit.keep?.();
    if (isRejection(status)) {
      this.#reject(!this.#pause.isOn(nowMs), headers && askedMs(headers));
    }
    this.#hold(headers, nowMs);
  }

  /** Somebody has left the line: the timer may be in vain, or someone else's turn has come. */
  lookAgain(isWaitedFor: boolean): void {
    if (isWaitedFor) {
      const nowMs = this.#now();
      this.#wakeAt(nowMs, nowMs);
    } else {
      this.stopWaiting();
    }
  }

  /** Forgets the timer. */
  stopWaiting(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** How it stands. */
  stats(): {
    readonly rejected: number;
    readonly pausedMs: number;
    readonly requestsLeft: number;
    readonly tokensLeft: number;
  } {
    const nowMs = this.#now();
    return {
      rejected: this.#rejected,
      pausedMs: this.#pause.leftMs(nowMs),
      requestsLeft: Math.min(
        this.#second?.left(nowMs) ?? Infinity,
        this.#minute?.left(nowMs) ?? Infinity,
      ),
      tokensLeft: this.#tokens?.left(nowMs) ?? Infinity,
    };
  }

  /** The service sent somebody away. Those who were under way together halve the window once. */
  #reject(isNews: boolean, asked: number | undefined): void {
    const nowMs = this.#now();
    this.#rejected += 1;
    if (isNews) {
      this.#epoch += 1;
      this.#adaptive?.reject(this.#owner.limit.inUse);
      this.#owner.adapt();
    }
    const endMs = isNews ? this.#pause.begin(nowMs, asked) : this.#pause.prolong(nowMs, asked);
    this.#spacing?.spend(endMs);
  }

  #hold(headers: object | undefined, nowMs: number): void {
    const waitMs = headers && exhaustedMs(headers, this.#tokens?.mean(nowMs) ?? 1);
    if (waitMs !== undefined) {
      this.#pause.hold(nowMs + waitMs);
    }
  }

  #readyAtMs(nowMs: number, tokens: number): number {
    return Math.max(
      this.#pause.readyAtMs(),
      this.#spacing?.readyAtMs() ?? -Infinity,
      this.#second?.readyAtMs(nowMs) ?? -Infinity,
      this.#minute?.readyAtMs(nowMs) ?? -Infinity,
      this.#tokens?.readyAtMs(nowMs, tokens) ?? -Infinity,
    );
  }

  #wakeAt(atMs: number, nowMs: number): void {
    if (this.#timer !== undefined) {
      if (this.#wakeAtMs <= atMs) {
        return;
      }
      this.#timer.cancel();
    }
    this.#wakeAtMs = atMs;
    this.#timer = this.#clock.schedule(atMs - nowMs, () => {
      this.#timer = undefined;
      this.#owner.wake();
    });
  }

  #now(): number {
    return this.#clock.now();
  }
}

function resized(
  window: SlidingWindow | undefined,
  limit: number,
  windowMs: number,
): SlidingWindow | undefined {
  if (limit === Infinity) {
    return undefined;
  }
  const own = window ?? new SlidingWindow(limit, windowMs);
  own.limit = limit;
  return own;
}
