/** `settle`: everything ends, and every outcome is told. */
import type { RunOptions, Run } from "../core/run-options.ts";
import { shapeOf, type Outcomes, type Tasks } from "./entries.ts";
import { runBatch } from "./run-batch.ts";

/**
 * Runs tasks at the same time and returns how each of them ended, under the same keys and in the same order.
 *
 * Never rejects because a task failed or was cancelled. A failure touches only the tasks that come after it.
 *
 * @throws `TypeError` or `RangeError` (as a rejection) when a declaration is invalid; then nothing was started.
 * @example
 * ```ts
 * import { settle } from "fanfold";
 *
 * const { cheap, broken } = await settle({
 *   cheap: () => 1,
 *   broken: () => {
 *     throw new Error("no route");
 *   },
 * });
 * console.log(cheap.status, broken.status);
 * ```
 */
export function settle<const X extends Tasks>(
  tasks: X,
  options: RunOptions = {},
): Run<Outcomes<X>> {
  const { batch, fold } = shapeOf(tasks);
  return runBatch({
    options,
    defaultFailure: "continue",
    batch: () => batch,
    result: ({ outcomes }) => fold(outcomes) as Outcomes<X>,
  });
}
