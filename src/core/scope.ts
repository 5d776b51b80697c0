/** `scope`: the owner of tasks that are started one by one, and may start more. */
import { ownResult } from "./own-result.ts";
import { startRun } from "./run.ts";
import type { Run, RunOptions } from "./run-options.ts";
import { startTask } from "./start-task.ts";
import { createContext } from "./task-context.ts";
import type { Starter } from "./task.ts";

/** What the body of a scope is handed. */
export interface Scope extends Starter {
  /** Aborted when the scope is to stop. */
  readonly signal: AbortSignal;
  /** Asks the whole scope to stop. A second call does nothing. */
  cancel(reason?: unknown): void;
}

/**
 * Runs `body`, which starts tasks, and settles after all of them have. Where `signal` was aborted before, `body` is not called.
 *
 * With `failure: "stop"` (the default) the first failure cancels the rest and rejects the scope with a `TasksFailedError`; with
 * `"continue"` a failure is seen only by those who await the task or come after it. An error that the body throws cancels
 * the rest and rejects the scope, unchanged.
 *
 * Guarantees: no task outlives its scope, except work that ignored its signal for the whole grace, whose outcome says
 * `abandoned`. Does not guarantee that a task has started when `start` returns: it starts, at the earliest, when the code that
 * runs now has ended.
 *
 * Cancellation: through `signal`, `run.cancel()` or `scope.cancel()`; the scope then rejects with a `CancelledError`.
 *
 * @example
 * ```ts
 * import { scope } from "fanfold";
 *
 * const total = await scope(async (s) => {
 *   const a = s.start("a", () => 1);
 *   const b = s.start("b", { after: [a], run: () => a.value + 1 });
 *   return (await a) + (await b);
 * });
 * console.log(total);
 * ```
 */
export function scope<T>(
  body: (scope: Scope) => T | PromiseLike<T>,
  options: RunOptions = {},
): Run<Awaited<T>> {
  return startRun<Awaited<T>>(
    options,
    "stop",
    (kernel, record) => {
      const ctx = createContext(kernel, record);
      if (options.signal?.aborted === true) {
        return undefined;
      }
      return body({
        get signal() {
          return ctx.signal;
        },
        start: (key, task) => startTask(kernel, record, key, task),
        cancel: (reason) => kernel.cancel(record, reason),
      });
    },
    (outcome, kernel, record) => ownResult(outcome, kernel, record) as Awaited<T>, // The body returned it.
  );
}
