/** Time, handed in: the kernel never reads a clock or starts a timer of its own, so that tests can own both. */

/**
 * A source of time.
 *
 * Contract: `now` never goes back. A callback runs once, never before its time, and never inside `schedule` itself.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start; fractions allowed. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds, unless the timer is cancelled before. */
  schedule(delayMs: number, callback: () => void): Timer;
}

/** A callback that is still to come. */
export interface Timer {
  /** Forgets the callback. A second call, or one after the callback ran, does nothing. */
  cancel(): void;
}

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

/** The real time of this process: `performance.now` and `setTimeout`. A timer keeps the process alive until it is cancelled. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(delayMs, callback) {
    let handle: ReturnType<typeof setTimeout> | undefined;
    const arm = (remainingMs: number): void => {
      const step = Math.min(remainingMs, LONGEST_DELAY_MS);
      handle = setTimeout(() => (remainingMs > step ? arm(remainingMs - step) : callback()), step);
    };
    arm(Math.max(0, delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
};

interface Host {
  setImmediate?(callback: () => void): unknown;
}

/**
 * Calls `onTurn` once the event loop has had a turn: timers that are due, input and output come first. Not a matter of time, so
 * not of a {@link Clock}; `setImmediate`, where there is one, waits for no millisecond.
 *
 * By way of a promise, as all else that runs tasks: on Node 20 whatever reads the asynchronous context right inside a timer makes
 * each later reading dearer, for as long as the process lives.
 */
export function afterTurn(onTurn: () => void): void {
  const host = globalThis as Host; // Checked before use.
  const turned = new Promise<void>((resolve) => {
    if (host.setImmediate === undefined) {
      setTimeout(resolve, 0);
    } else {
      host.setImmediate(resolve);
    }
  });
  // What `onTurn` throws is an error of ours, and surfaces as an unhandled rejection.
  turned.then(onTurn).catch((error: unknown) => Promise.reject(error));
}
