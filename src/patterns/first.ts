/** `first`: the first successes of redundant tasks. */
import type { Run, RunOptions } from "../core/run-options.ts";
import { shapeOf, type Tasks, type ValueOfTask } from "./entries.ts";
import type { Hedging } from "./hedging.ts";
import type { Percentile } from "./percentile.ts";
import { runRace } from "./run-race.ts";

/** Options of {@link first}. */
export interface FirstOptions extends Omit<RunOptions, "failure"> {
  /**
   * How long a task is under way before it brings the next one, in milliseconds from when it was added, or as a percentile of the
   * recent durations of its key, which `hedging` holds. 0 starts all at once; a delay is a hedged request; `Infinity` starts the next
   * only when one has failed, and so does a percentile of which too little is known. A failure starts the next at once. @defaultValue 0
   */
  readonly staggerMs?: number | Percentile | undefined;
  /**
   * What is learnt and spent, shared by all calls that are handed the same: see {@link hedging}. With it, no task starts while
   * as many are under way as successes are still wanted, unless its budget has an extra start left; one that was refused starts
   * when another has failed. @defaultValue none: nothing is learnt, extra starts are not counted
   */
  readonly hedging?: Hedging | undefined;
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
 * @throws `RangeError` when `count` is not an integer from 1 to the number of tasks, or `staggerMs` out of range; `TypeError` when
 * that is a percentile without `hedging`.
 * @throws `TasksFailedError`, as a rejection, with every failure, of a task that was skipped a `SkippedError`;
 * `CancelledError` when the run was cancelled.
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
  const { staggerMs = 0, hedging, ...rest } = options;
  if (!Number.isSafeInteger(count) || count < 1 || count > shape.batch.tasks.length) {
    throw new RangeError(
      `Cannot wait for the first successes as "count" must be an integer from 1 to the ${shape.batch.tasks.length} tasks: ${count}`,
    );
  }
  const race = { batch: shape.batch, count, staggerMs, hedging, areCopies: false };
  return runRace(rest, race, (winners) => winners as readonly Winner<X>[] as Winner<X>[]); // The values are those of the tasks.
}
