/** `first`: the first successes of redundant tasks. */
import { cancelEachChild } from "../core/cancel.ts";
import { keyOf } from "../core/batch-shape.ts";
import { functionOf } from "../core/task-spec.ts";
import { TasksFailedError, type TaskFailure } from "../core/errors.ts";
import { cancelledRun, startRun } from "../core/run.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import { specOf } from "../core/task-spec.ts";
import type { TaskRecord, Watcher } from "../core/task-record.ts";
import { waitForInside } from "../core/waits.ts";
import { shapeOf, type Shape, type Tasks, type ValueOfTask } from "./entries.ts";

/** Options of {@link first}. */
export interface FirstOptions extends Omit<RunOptions, "failure"> {
  /**
   * How long to wait for a success before the next task is started as well, in milliseconds. 0 starts all at once; a delay
   * is a hedged request; `Infinity` starts the next only when one has failed. A failure starts the next at once. @defaultValue 0
   */
  readonly staggerMs?: number | undefined;
}

/** One success. */
export interface Winner<X> {
  /** The key of the task. */
  readonly key: string;
  /** What it returned. */
  readonly value: X extends Iterable<infer E> ? ValueOfTask<E> : ValueOfTask<X[keyof X]>;
}

/**
 * Runs redundant tasks and returns the first `count` successes, in the order in which they came; the others are cancelled.
 *
 * Fails as soon as too few tasks are left for `count` successes.
 *
 * @throws `RangeError` when `count` is not an integer from 1 to the number of tasks.
 * @throws `TasksFailedError`, as a rejection, with every failure; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { first } from "fanfold";
 *
 * const [winner] = await first(1, {
 *   cache: () => Promise.reject(new Error("miss")),
 *   database: () => Promise.resolve("row"),
 * });
 * console.log(winner?.key, winner?.value);
 * ```
 */
export function first<const X extends Tasks>(
  count: number,
  tasks: X,
  options: FirstOptions = {},
): Run<Winner<X>[]> {
  const shape = shapeOf(tasks);
  const { staggerMs = 0 } = options;
  if (!Number.isSafeInteger(count) || count < 1 || count > shape.batch.tasks.length) {
    throw new RangeError(
      `Cannot wait for the first successes as "count" must be an integer from 1 to the ${shape.batch.tasks.length} tasks: ${count}`,
    );
  }
  if (!(staggerMs >= 0)) {
    throw new RangeError(
      `Cannot stagger starts as "staggerMs" must be a number from 0: ${staggerMs}`,
    );
  }
  let race: Race | undefined;
  return startRun(
    { ...options, failure: "continue" },
    "continue",
    (kernel, record) => {
      race = new Race(kernel, record, { shape, count, staggerMs });
      return race.run();
    },
    (outcome) => {
      const winners = race?.winners ?? [];
      if (winners.length >= count) {
        return winners.slice(0, count) as Winner<X>[]; // The values are those of the tasks.
      }
      if (outcome.status === "cancelled") {
        throw cancelledRun(outcome.key, outcome.reason);
      }
      if (outcome.status === "failed" && (race?.failures ?? []).length === 0) {
        throw outcome.error;
      }
      throw new TasksFailedError(race?.failures ?? []);
    },
  );
}

/** One call of {@link first}: starts tasks one by one until enough have succeeded, or can no longer. */
class Race implements Watcher {
  readonly winners: { readonly key: string; readonly value: unknown }[] = [];
  readonly failures: TaskFailure[] = [];
  /** Tasks that can no longer succeed. */
  #lost = 0;
  readonly #kernel: Kernel;
  readonly #record: TaskRecord;
  readonly #options: { readonly shape: Shape; readonly count: number; readonly staggerMs: number };
  #started = 0;
  #over = false;
  #stagger: { cancel(): void } | undefined;
  #finish: (() => void) | undefined;

  constructor(
    kernel: Kernel,
    record: TaskRecord,
    options: { readonly shape: Shape; readonly count: number; readonly staggerMs: number },
  ) {
    this.#kernel = kernel;
    this.#record = record;
    this.#options = options;
  }

  run(): Promise<void> {
    waitForInside(this.#kernel, this.#record);
    return new Promise((resolve) => {
      this.#finish = resolve;
      const { shape, count, staggerMs } = this.#options;
      const atOnce = staggerMs === 0 ? shape.batch.tasks.length : count;
      for (let index = 0; index < atOnce; index += 1) {
        this.#startNext();
      }
      this.#scheduleNext();
    });
  }

  #startNext(): void {
    const { batch } = this.#options.shape;
    const task = batch.tasks[this.#started];
    if (task === undefined || this.#over) {
      return;
    }
    const key = keyOf(batch, this.#started);
    this.#started += 1;
    const { plainSpec } = this.#kernel.options;
    const record = this.#kernel.add(this.#record, {
      key,
      run: functionOf(key, task),
      spec: typeof task === "function" ? plainSpec : specOf(key, task, plainSpec),
    });
    record.watchers = [this];
    // It may wait for abandoned work when nothing else is left to end.
    queueMicrotask(() => this.#kernel.checkStalled());
  }

  #scheduleNext(): void {
    const { staggerMs, shape } = this.#options;
    this.#stagger?.cancel();
    if (
      staggerMs > 0 &&
      staggerMs < Infinity &&
      this.#started < shape.batch.tasks.length &&
      !this.#over
    ) {
      this.#stagger = this.#kernel.options.clock.schedule(staggerMs, () => {
        this.#startNext();
        this.#scheduleNext();
      });
    }
  }

  onOutcome(outcome: Outcome<unknown>): void {
    if (outcome.status === "completed") {
      this.winners.push({ key: outcome.key, value: outcome.value });
    } else {
      this.#lost += 1;
      if (outcome.status === "failed") {
        this.failures.push({ key: outcome.key, attempt: outcome.attempts, error: outcome.error });
      }
    }
    const { count, shape } = this.#options;
    if (this.#over) {
      return;
    }
    const isStopping = this.#record.decision !== undefined;
    if (
      isStopping ||
      this.winners.length >= count ||
      shape.batch.tasks.length - this.#lost < count
    ) {
      this.#end();
    } else if (outcome.status !== "completed") {
      this.#startNext();
      this.#scheduleNext();
    }
  }

  /** It is decided: the rest is cancelled, and the run settles when that has ended. */
  #end(): void {
    this.#over = true;
    this.#stagger?.cancel();
    cancelEachChild(this.#kernel, this.#record, "enough tasks have ended");
    this.#finish?.();
  }
}
