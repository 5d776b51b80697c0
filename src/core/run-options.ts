/** The options that every way to run tasks shares. */
import type { Budget } from "./budget/budget.ts";
import type { Clock } from "./clock.ts";
import type { RunEvent } from "./event.ts";
import type { Executor } from "./executor.ts";
import type { Limit } from "./limits/limit.ts";
import type { Report } from "./report/report.ts";
import type { TaskContext } from "./task.ts";

/** Options of a run. All are optional. */
export interface RunOptions {
  /** A name for reports and recordings. @defaultValue "run" */
  readonly name?: string | undefined;
  /** How many tasks may run at once: an integer from 1, Infinity, or a `limit()` shared with other runs. @defaultValue Infinity */
  readonly limit?: number | Limit | undefined;
  /** The budget, or budgets, that every task is paid from. @defaultValue none */
  readonly budget?: Budget | readonly Budget[] | undefined;
  /**
   * What a failure does to the others. `"stop"`: the rest of the scope is cancelled. `"continue"`: only tasks that come
   * after the failed one are touched. @defaultValue `"stop"`, and `"continue"` for `settle`
   */
  readonly failure?: "stop" | "continue" | undefined;
  /** `timeoutMs` of every task that has none of its own. @defaultValue none */
  readonly timeoutMs?: number | undefined;
  /** The longest time for the whole run, in milliseconds. What is unfinished then is cancelled. @defaultValue none */
  readonly deadlineMs?: number | undefined;
  /** How long a cancelled attempt may take to stop before it is abandoned, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** Whether abandoned work gives its slots back (`"release"`) or keeps them for as long as it goes on (`"hold"`). @defaultValue "release" */
  readonly onAbandon?: "release" | "hold" | undefined;
  /** Cancels the run when aborted. One listener for the whole run. */
  readonly signal?: AbortSignal | undefined;
  /** How long a waiting task may be passed over before it counts as of the highest priority, in milliseconds. @defaultValue 30000 */
  readonly agingMs?: number | undefined;
  /**
   * The task to which this run belongs. It then shares the fate of that task, its clock and its events, and its tasks obey the limits
   * around them besides `limit`. What else is absent here is as in the run around it. @defaultValue none: a run of its own
   */
  readonly within?: TaskContext | undefined;
  /**
   * How much the report knows. `"full"` keeps every event in memory, as long as the run itself is kept: about 1 KB a task, and what
   * tasks return besides. @defaultValue "totals"
   */
  readonly report?: "totals" | "full" | undefined;
  /**
   * Called with every event, at once.
   *
   * Contract: must return quickly, as the run waits for it; what it throws is dropped, and it is not called again.
   */
  readonly observe?: ((event: RunEvent) => void) | undefined;
  /** The source of time. @defaultValue the real one */
  readonly clock?: Clock | undefined;
  /** Where attempts run. @defaultValue in this process */
  readonly executor?: Executor | undefined;
}

/** A run under way: await it for its result. */
export interface Run<T> extends Promise<T> {
  /**
   * Every event from the first with `report: "full"`, which keeps them all; otherwise those from the moment when a loop over it
   * begins: none after the end of the run. The same object each time, for any number of loops; a loop that ends early costs
   * nothing any more.
   *
   * Not guaranteed without `report: "full"`: a loop that falls more than 65,536 events behind loses the oldest. It sees
   * `sequence` leap, and `dropped` counts the losses of all loops.
   */
  readonly events: AsyncIterable<RunEvent> & { readonly dropped: number };
  /** What the run gained and where it waited, as of now. Of a run `within` a task it is that of the whole run around it. */
  readonly report: Report;
  /** Asks everything in the run to stop. A second call does nothing. */
  cancel(reason?: unknown): void;
}
