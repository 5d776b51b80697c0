/** What the kernel writes to the event log. Each does nothing when nobody wants events. */
import type { EventLog } from "./event-log.ts";
import type { WaitReason } from "./event.ts";
import { blockersOf } from "./held-by.ts";
import type { Limit } from "./limits/limit.ts";
import type { Outcome } from "./outcome.ts";
import type { Waiter } from "./start-queue.ts";
import { coldOf, TaskRecord } from "./task-record.ts";

/** A task was added. */
export function noteAdded(
  log: EventLog,
  record: TaskRecord,
  after: readonly { readonly record: TaskRecord }[],
): void {
  if (!log.wanted) {
    return;
  }
  const { spec, parent } = record;
  log.add({
    type: "task-added",
    taskId: record.id,
    key: record.key,
    parentTaskId: parent?.parent === undefined ? undefined : parent.id,
    after: after.map((each) => each.record.id),
    reads: spec.reads,
    writes: spec.writes,
    exclusive: spec.exclusive,
    always: spec.always,
    limits: spec.limits.filter(isNoLine).map(({ name }) => ({ name, weight: spec.weight })),
    priority: record.priority,
  });
}

/** Whether it is a limit that somebody made, not the line of those who wait for a budget. */
function isNoLine({ gate }: Limit): boolean {
  return gate?.reason !== "budget";
}

/** A task waits, if that is news. */
export function noteWaiting(
  log: EventLog,
  record: TaskRecord,
  reason: WaitReason,
  limit?: Limit,
): void {
  const what = limit === undefined ? reason : `${reason} ${limit.name}`;
  if (!log.wanted || record.cold?.waitingFor === what) {
    return;
  }
  coldOf(record).waitingFor = what;
  const on = reason === "claim" ? blockersOf(record).map(({ id }) => id) : [];
  log.add({ type: "task-waiting", taskId: record.id, reason, on, limit: limit?.name });
}

/** A task waits for slots or, where there are some, for its time or for a budget. */
export function noteLimited(log: EventLog, waiter: Waiter): void {
  if (log.wanted && waiter instanceof TaskRecord) {
    const { limits, weight } = waiter;
    const full = limits.find((each) => !each.fits(weight));
    const held = full === undefined ? limits.find(({ gate }) => gate?.holds(waiter)) : undefined;
    const at = full ?? held ?? limits[0];
    // In the line of a budget there is nothing else to wait for, not even before it is one's turn.
    const isAtGate = held !== undefined || (full === undefined && at?.gate?.reason === "budget");
    const reason = isAtGate ? at?.gate?.reason : "limit";
    noteWaiting(log, waiter, reason ?? "limit", at);
  }
}

/** Remembers, for the report, whose end let a task go on. */
export function noteEnabledBy(log: EventLog, record: TaskRecord, by: TaskRecord): void {
  if (log.wanted) {
    coldOf(record).enabledBy = by.id;
  }
}

/** A task has its outcome. */
export function noteSettled(log: EventLog, record: TaskRecord, outcome: Outcome<unknown>): void {
  if (log.wanted) {
    log.add({
      type: "task-settled",
      taskId: record.id,
      status: outcome.status,
      value: outcome.status === "completed" ? outcome.value : undefined,
      error: errorOf(outcome),
      because: outcome.status === "skipped" ? outcome.because : undefined,
      abandoned: record.abandoned,
    });
  }
}

function errorOf(outcome: Outcome<unknown>): unknown {
  switch (outcome.status) {
    case "failed":
      return outcome.error;
    case "cancelled":
      return outcome.reason;
    default:
      return undefined;
  }
}
