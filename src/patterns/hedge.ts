/** `hedge`: one task, and another copy of it when the first is late. */
import type { Run, RunOptions } from "../core/run-options.ts";
import type { TaskDefinition, TaskFunction } from "../core/task.ts";
import type { Hedging } from "./hedging.ts";
import type { Percentile } from "./percentile.ts";
import { runRace } from "./run-race.ts";

/** Options of {@link hedge}. */
export interface HedgeOptions extends Omit<RunOptions, "failure"> {
  /** What is learnt and spent, shared by all calls of the same service: see {@link hedging}. */
  readonly hedging: Hedging;
  /**
   * How long a copy runs before it brings the next one, in milliseconds, or as a percentile of the recent durations of `key`.
   * Before enough of those are known there is no second copy. @defaultValue "p95"
   */
  readonly staggerMs?: number | Percentile | undefined;
  /** The key of the task, and of what is learnt of it: one for calls that take about as long. @defaultValue "call" */
  readonly key?: string | undefined;
  /** How many copies may be started, the first included: an integer from 1. @defaultValue 2 */
  readonly copies?: number | undefined;
  /** Whether the task may run more than once at the same time. @defaultValue what the task declares */
  readonly idempotent?: boolean | undefined;
}

/**
 * Runs a task, starts it once more when it takes longer than almost all before, and returns what the first copy to succeed returns.
 * The other is cancelled.
 *
 * Hedged requests, after Dean and Barroso ("The Tail at Scale", Communications of the ACM 56(2), 2013).
 *
 * - A copy starts only while the budget of `hedging` has an extra start left; one that was refused does not start later.
 * - Time spent waiting for limits and claims does not count: a second copy would wait for the same. Copies of a task that `writes`
 *   never overlap, so that there is nothing to gain.
 * - A failure brings no other copy: that is a retry, and `retry` is an option of the task. Fails when no copy is left that could succeed.
 * - All copies have the same key.
 *
 * @throws `TypeError` when neither the task nor the options say `idempotent: true`; `RangeError` when a number or percentile is out of range.
 * @throws `TasksFailedError`, as a rejection, with the failure of every copy; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { hedge, hedging } from "fanfold";
 *
 * const searches = hedging();
 * const find = (word: string) => ({ idempotent: true, run: async () => `about ${word}` });
 * console.log(await hedge(find("folds"), { hedging: searches, key: "search" }));
 * ```
 */
export function hedge<T>(
  task: TaskFunction<T> | Omit<TaskDefinition<T>, "after">,
  options: HedgeOptions,
): Run<T> {
  const {
    hedging,
    staggerMs = "p95",
    key = "call",
    copies = 2,
    idempotent = typeof task === "function" ? undefined : task.idempotent,
    ...rest
  } = options;
  if (idempotent !== true) {
    throw new TypeError(
      `Cannot hedge task "${key}" as it must be safe to run twice, which "idempotent: true" on the task or in the options says: ${String(idempotent)}`,
    );
  }
  if (!Number.isSafeInteger(copies) || copies < 1) {
    throw new RangeError(
      `Cannot hedge task "${key}" as "copies" must be an integer from 1: ${String(copies)}`,
    );
  }
  const batch = {
    tasks: Array.from({ length: copies }, () => task),
    keys: Array.from({ length: copies }, () => key),
  };
  const race = { batch, count: 1, staggerMs, hedging, areCopies: true };
  return runRace(rest, race, ([winner]) => winner?.value as T); // There is one, with what the task returned.
}
