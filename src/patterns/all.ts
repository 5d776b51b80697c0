/** `all`: every value, or an error. */
import { TasksFailedError } from "../core/errors.ts";
import { cancelledRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import { valueOf } from "../core/start-task.ts";
import { shapeOf, type Tasks, type Values } from "./entries.ts";
import { runBatch, type BatchEnd } from "./run-batch.ts";

/**
 * Runs tasks at the same time and returns their values, under the same keys and in the same order.
 *
 * The first failure cancels the rest; with `failure: "continue"` everything ends first. Either way the run rejects, after all
 * tasks have settled, with a `TasksFailedError` that holds every failure.
 *
 * @throws `TasksFailedError` when a task failed; `CancelledError` when the run was cancelled; `TypeError` or `RangeError` when a
 * declaration is invalid. All of them as rejections.
 * @example
 * ```ts
 * import { all } from "fanfold";
 *
 * const { one, two } = await all({ one: () => 1, two: async () => "two" });
 * console.log(one, two);
 * ```
 */
export function all<const X extends Tasks>(tasks: X, options: RunOptions = {}): Run<Values<X>> {
  const { batch, fold } = shapeOf(tasks);
  return runBatch({
    options,
    defaultFailure: "stop",
    batch: () => batch,
    result: (end) => fold(valuesOf(end)) as Values<X>,
  });
}

function valuesOf({ outcomes, run, kernel }: BatchEnd): unknown[] {
  const failed = new Map(
    outcomes.map((outcome) => [outcome.key, outcome.status === "failed" ? outcome : undefined]),
  );
  // In the order in which they happened; a run around this one may have had failures under the same keys.
  const failures = kernel.failures.filter(({ key, error }) => {
    const outcome = failed.get(key);
    return outcome !== undefined && outcome.error === error;
  });
  if (failures.length > 0) {
    throw new TasksFailedError(failures);
  }
  if (run.status === "failed") {
    throw run.error;
  }
  if (run.status === "cancelled") {
    throw cancelledRun(run.key, run.reason);
  }
  return outcomes.map(valueOf);
}
