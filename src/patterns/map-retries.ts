/** Attempts that are to be repeated: they wait for their delay, then for a slot, ahead of new items. */
import type { Clock, Timer } from "../core/clock.ts";
import { retryDelayMs, type RetryPolicy } from "../core/retry.ts";

/** An attempt to come. */
export interface Job {
  readonly index: number;
  readonly item: unknown;
  readonly attempt: number;
}

/** The attempts to come of one run. */
export class Retries {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #delayed = new Map<Job, Timer>();
  /** A set keeps its order, and gives its first away at no cost, however many there are. */
  readonly #due = new Set<Job>();
  // Beside the sets, whose sizes cost a call: these are looked at for each task.
  #size = 0;
  #isDue = false;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** How many there are, in whichever state. */
  get size(): number {
    return this.#size;
  }

  /** Whether one waits for nothing but a slot. */
  get due(): boolean {
    return this.#isDue;
  }

  /** Takes a failed attempt on, if it may be repeated. */
  accept(
    failed: Job,
    error: unknown,
    { retry }: { readonly retry: RetryPolicy | undefined },
  ): boolean {
    const { index, item, attempt } = failed;
    if (retry === undefined || attempt >= retry.attempts || !isWorth(retry, error, attempt)) {
      return false;
    }
    const job = { index, item, attempt: attempt + 1 };
    const timer = this.#clock.schedule(retryDelayMs(retry, attempt, error), () => {
      this.#delayed.delete(job);
      this.#size -= 1;
      this.addDue(job);
      this.#onDue();
    });
    this.#delayed.set(job, timer);
    this.#size += 1;
    return true;
  }

  /** Adds one that waits for nothing but a slot. */
  addDue(job: Job): void {
    this.#due.add(job);
    this.#size += 1;
    this.#isDue = true;
  }

  /** The first that is due, taken out. */
  take(): Job | undefined {
    for (const job of this.#due) {
      this.#due.delete(job);
      this.#size -= 1;
      this.#isDue = this.#due.size > 0;
      return job;
    }
    return undefined;
  }

  /** Takes all out. */
  clear(): readonly Job[] {
    const jobs = [...this.#due, ...this.#delayed.keys()];
    this.#delayed.forEach((timer) => timer.cancel());
    this.#delayed.clear();
    this.#due.clear();
    this.#size = 0;
    this.#isDue = false;
    return jobs;
  }
}

/** A `retryIf` that throws has not said yes. */
function isWorth({ retryIf }: RetryPolicy, error: unknown, attempt: number): boolean {
  try {
    return retryIf(error, attempt);
  } catch {
    return false;
  }
}
