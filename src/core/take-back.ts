/** How a task that has waited gets the slots back that it lent. */
import { PLAIN_ESTIMATE } from "./budget/estimate.ts";
import type { Kernel } from "./kernel.ts";
import { noteEnabledBy, noteResumed } from "./notes.ts";
import type { Starting, Waiter } from "./start-queue.ts";
import { coldOf, type TaskRecord } from "./task-record.ts";
import type { PendingWait } from "./waits.ts";

/** A running task in line for the slots that it lent. */
export interface TakeBack extends Waiter, Starting {
  waits: boolean;
  /** What has ended, and goes on with the slots. */
  readonly wait: PendingWait;
}

/** Makes one that goes on when it has them. */
export function takeBackOf(kernel: Kernel, record: TaskRecord, wait: PendingWait): TakeBack {
  const { limits, weight, priority, remainingMs } = record;
  const { log } = kernel.options;
  const sinceMs = log.wanted ? kernel.now() : 0;
  return {
    takesBack: true,
    waits: true,
    limits,
    weight,
    estimate: PLAIN_ESTIMATE, // What it takes back is no new request.
    count: 1,
    grants: undefined,
    priority,
    remainingMs,
    passed: undefined,
    place: record,
    owner: kernel,
    wait,
    take() {
      this.waits = false;
      return this;
    },
    start() {
      coldOf(record).takeBack = undefined;
      record.holdsSlots = true;
      kernel.moving += 1;
      if (log.wanted && kernel.now() > sinceMs) {
        noteEnabledBy(log, record, kernel.handsOn);
      }
      noteResumed(log, record);
      wait.resume();
    },
  };
}
