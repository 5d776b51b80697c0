/** What the kernel writes to the event log. Each does nothing when nobody wants events. */
import type { EventLog } from "./event-log.ts";
import type { WaitReason } from "./event.ts";
import { blockersOf } from "./held-by.ts";
import type { Limit } from "./limits/limit.ts";
import type { Outcome } from "./outcome.ts";
import type { Waiter } from "./start-queue.ts";
import { coldOf, isPaused, TaskRecord } from "./task-record.ts";

/** How a task was added. */
interface Added {
  readonly after?: readonly { readonly record: TaskRecord }[] | undefined;
  readonly enabledBy?: number | undefined;
}

/** A task was added. */
export function noteAdded(log: EventLog, record: TaskRecord, added: Added): void {
  if (!log.wanted) {
    return;
  }
  const { after = [], enabledBy } = added;
  const { spec, parent } = record;
  log.add({
    type: "task-added",
    taskId: record.id,
    key: record.key,
    parentTaskId: idOf(parent),
    enabledBy,
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

/** Remembers, for the report, whose end or freed slot let a task go on; nothing new where that was nobody's of the run. */
export function noteEnabledBy(log: EventLog, record: TaskRecord, by: TaskRecord | undefined): void {
  const taskId = idOf(by);
  if (log.wanted && taskId !== undefined) {
    coldOf(record).enabledBy = taskId;
  }
}

/** An attempt waits for others, or its function has ended before its children. */
export function notePaused(log: EventLog, record: TaskRecord, mutex?: string): void {
  if (log.wanted && record.parent !== undefined) {
    log.add({ type: "attempt-paused", taskId: record.id, attempt: record.attempts, mutex });
  }
}

/** An attempt goes on. */
export function noteResumed(log: EventLog, record: TaskRecord): void {
  if (log.wanted && record.parent !== undefined) {
    const cold = coldOf(record);
    const { enabledBy, awaited: after = [] } = cold;
    cold.awaited = undefined;
    const { id: taskId, attempts: attempt } = record;
    log.add({ type: "attempt-resumed", taskId, attempt, after, enabledBy });
  }
}

/** An attempt goes on in the middle of a wait, as it is cancelled: to clean up, on slots that it may not have. */
export function noteInterrupted(log: EventLog, record: TaskRecord): void {
  if (log.wanted) {
    coldOf(record).enabledBy = undefined;
    noteResumed(log, record);
  }
}

/** Remembers whose end, or whose release of a mutex, ended a wait of a running task. */
export function noteWoken(log: EventLog, waiter: TaskRecord, by: TaskRecord | undefined): void {
  if (log.wanted) {
    const cold = coldOf(waiter);
    cold.wokenBy = by?.owner === waiter.owner ? idOf(by) : undefined;
    cold.enabledBy = cold.wokenBy;
    if (cold.wokenBy !== undefined) {
      cold.awaited ??= [];
      cold.awaited.push(cold.wokenBy);
    }
  }
}

/** A running task waited for one that had settled: on other slots it might have had to wait. */
export function noteWaitedInVain(
  log: EventLog,
  waiter: TaskRecord | undefined,
  target: TaskRecord,
): void {
  if (!log.wanted || waiter?.parent === undefined) {
    return;
  }
  const { id: taskId, attempts: attempt } = waiter;
  if (isPaused(waiter)) {
    const cold = coldOf(waiter);
    cold.awaited ??= [];
    cold.awaited.push(target.id);
  } else {
    log.add({ type: "attempt-resumed", taskId, attempt, after: [target.id], enabledBy: target.id });
  }
}

/**
 * The task to which it is owed that code adds a task under `parent` now: the one whose code it is, or the one that this waited for
 * last. Nobody where it is the code of the parent itself, which has not stopped to wait: then its own events tell.
 */
export function startedBy(parent: TaskRecord, code: TaskRecord | undefined): number | undefined {
  const starter = code ?? parent;
  return starter.parent === undefined || isPaused(starter)
    ? starter.cold?.wokenBy
    : starter === parent
      ? undefined
      : starter.id;
}

/** The number of a task; the root is none. */
function idOf(record: TaskRecord | undefined): number | undefined {
  return record?.parent === undefined ? undefined : record.id;
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
