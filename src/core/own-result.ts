/** The result of a run whose body returns it. */
import { TasksFailedError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import type { Outcome } from "./outcome.ts";
import { cancelledRun } from "./run.ts";
import type { TaskRecord } from "./task-record.ts";

/** What the body returned; what it threw, or the failures of tasks that stopped it. */
export function ownResult(outcome: Outcome<unknown>, kernel: Kernel, record: TaskRecord): unknown {
  switch (outcome.status) {
    case "completed":
      return outcome.value;
    case "failed": {
      const own = kernel.failuresBelow(record, outcome.error);
      throw own.length > 0 ? new TasksFailedError(own) : outcome.error;
    }
    case "cancelled":
      throw cancelledRun(outcome.key, outcome.reason);
    case "skipped":
      throw cancelledRun(outcome.key, outcome.because);
  }
}
