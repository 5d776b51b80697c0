/** Tasks at once in a group of their own, each told of as it ends. */
import { TasksFailedError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { scope } from "../core/scope.ts";
import type { Starter, TaskContext, TaskHandle } from "../core/task.ts";
import { failureOf } from "../patterns/failure-of.ts";

/** How parts of a pattern are run together. */
export interface FanOutOptions<T> {
  readonly within: TaskContext;
  readonly name: string;
  readonly failure: "stop" | "continue";
  /** Is told each outcome, in the order in which they end; none after the group was stopped. */
  readonly onEnd?: ((outcome: Outcome<T>, index: number) => void) | undefined;
}

/**
 * Starts all and returns their outcomes, in the order given.
 *
 * @throws `TasksFailedError` when one failed with `failure: "stop"`.
 */
export async function fanOut<T>(
  starts: readonly ((within: Starter) => TaskHandle<T>)[],
  { onEnd, ...options }: FanOutOptions<T>,
): Promise<readonly Outcome<T>[]> {
  return await scope(
    (s) =>
      Promise.all(
        starts.map(async (start, index) => {
          const outcome = await start(s).settled();
          onEnd?.(outcome, index);
          return outcome;
        }),
      ),
    options,
  );
}

/** @throws `TasksFailedError` when all failed: nothing can be made of that. */
export function checkSome(outcomes: readonly Outcome<unknown>[]): void {
  const failures = outcomes.map(failureOf).filter((failure) => failure !== undefined);
  if (failures.length > 0 && failures.length === outcomes.length) {
    throw new TasksFailedError(failures);
  }
}
