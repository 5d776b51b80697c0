/** Whom a run of an agent asks for consent that is inside another. */
import { recordOf } from "../core/task-context.ts";
import type { TaskRecord } from "../core/task-record.ts";
import type { TaskContext } from "../core/task.ts";
import type { Approve } from "../tools/turn.ts";

/** What runs of agents were given, by their tasks. */
const approvers = new WeakMap<TaskRecord, Approve>();

/** Remembers the `approve` of a run, whose task has that context, for runs inside it. */
export function noteApprove(ctx: TaskContext, approve: Approve | undefined): void {
  if (approve !== undefined) {
    approvers.set(recordOf(ctx).record, approve);
  }
}

/** The `approve` of the nearest run around a task that was given one. */
export function approveAround(ctx: TaskContext): Approve | undefined {
  for (let at: TaskRecord | undefined = recordOf(ctx).record; at !== undefined; at = at.parent) {
    const approve = approvers.get(at);
    if (approve !== undefined) {
      return approve;
    }
  }
  return undefined;
}
