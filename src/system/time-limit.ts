/** Limits to how long something may take: a signal that is aborted then, and a wait that goes on without it. */
import { setTimeout as wait } from "node:timers/promises";

/** How long something may take. */
export interface TimeLimit {
  /** Aborted with the other signal, with its reason; and when the time is over. */
  readonly signal: AbortSignal;
  /** Whether the time is over. */
  readonly isOver: boolean;
  /** Forgets the time and the other signal: it has ended. */
  clear(): void;
}

/** Gives something `limitMs` milliseconds from now on, or until `signal` is aborted. */
export function timeLimit(signal: AbortSignal, limitMs: number): TimeLimit {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort();
  }, limitMs);
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}

/**
 * Waits for something, but no longer than `mostMs` milliseconds; it goes on behind that.
 *
 * @throws as a rejection, what it rejects with in that time.
 */
export async function waitAtMost(mostMs: number, done: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  try {
    await Promise.race([done, wait(mostMs, undefined, { signal: stop.signal })]);
  } finally {
    stop.abort();
  }
}
