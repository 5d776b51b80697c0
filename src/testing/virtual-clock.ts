/** A clock whose time belongs to the test: it jumps to the next timer when everything waits. */
import type { Clock, Timer } from "../core/clock.ts";

/** Options of {@link virtualClock}. */
export interface VirtualClockOptions {
  /** Whether time jumps to the next timer by itself when everything waits. @defaultValue true */
  readonly autojump?: boolean | undefined;
}

/** A clock whose time belongs to the test. */
export interface VirtualClock extends Clock {
  /** How many timers are to come. */
  readonly pending: number;
  /** Moves time on by `ms` milliseconds, timer by timer, and lets everything react to each. */
  advance(ms: number): Promise<void>;
}

/** How many turns of the event loop must pass without a new timer before everything counts as waiting. */
const IDLE_TURNS = 3;

interface VirtualTimer extends Timer {
  readonly atMs: number;
  readonly number: number;
  readonly callback: () => void;
}

/**
 * Makes a clock that starts at 0.
 *
 * With autojump, when nothing but timers is left to wait for, time jumps to the next of them: hours pass in a moment, always in
 * the same order. Timers fire in order of time, then of scheduling, and promise reactions run between them.
 *
 * Not seen: real input and output, and timers that do not belong to this clock. A test that waits for those sets
 * `autojump: false` and calls `advance`.
 *
 * @example
 * ```ts
 * import { settle } from "fanfold";
 * import { virtualClock } from "fanfold/testing";
 *
 * const clock = virtualClock();
 * const { slow } = await settle({ slow: { timeoutMs: 60_000, run: () => new Promise(() => {}) } }, { clock });
 * console.log(slow.status, clock.now());
 * ```
 */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { autojump = true } = options;
  let nowMs = 0;
  let count = 0;
  let timers: VirtualTimer[] = [];
  let watching = false;

  const next = (): VirtualTimer | undefined => {
    let first: VirtualTimer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.atMs < first.atMs) {
        first = timer;
      }
    }
    return first;
  };
  const fire = (timer: VirtualTimer): void => {
    timers = timers.filter((each) => each !== timer);
    nowMs = Math.max(nowMs, timer.atMs);
    timer.callback();
  };
  const watch = async (): Promise<void> => {
    for (let timer = next(); timer !== undefined; timer = next()) {
      const before = count;
      for (let turn = 0; turn < IDLE_TURNS; turn += 1) {
        await turnOfEventLoop();
      }
      const due = next();
      if (before === count && due !== undefined) {
        fire(due);
      }
    }
    watching = false;
  };

  return {
    now: () => nowMs,
    get pending() {
      return timers.length;
    },
    schedule(delayMs, callback) {
      count += 1;
      const timer: VirtualTimer = {
        atMs: nowMs + Math.max(0, delayMs),
        number: count,
        callback,
        cancel: () => {
          timers = timers.filter((each) => each !== timer);
        },
      };
      timers.push(timer);
      if (autojump && !watching) {
        watching = true;
        // A callback that throws is the test's own error: it surfaces as an unhandled rejection and fails the test.
        watch().catch((error: unknown) => Promise.reject(error));
      }
      return timer;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await turnOfEventLoop();
      for (let timer = next(); timer !== undefined && timer.atMs <= untilMs; timer = next()) {
        fire(timer);
        await turnOfEventLoop();
      }
      nowMs = untilMs;
    },
  };
}

/** Resolves after every reaction that is due has run. */
function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
