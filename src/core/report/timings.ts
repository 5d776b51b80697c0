/** When each task ran and what it waited for, read off the event log. */
import type { RunEvent, WaitReason } from "../event.ts";
import type { OutcomeStatus } from "../outcome.ts";

/** What the log tells of one task. */
export interface TaskRow {
  readonly taskId: number;
  readonly key: string;
  readonly parentTaskId: number | undefined;
  readonly after: readonly number[];
  reads: readonly string[];
  writes: readonly string[];
  readonly exclusive: boolean;
  readonly addedAtMs: number;
  status: OutcomeStatus | "unfinished";
  startedAtMs: number | undefined;
  settledAtMs: number | undefined;
  attempts: number;
  /** Its own running time: without the time spent waiting for other tasks. */
  runMs: number;
  readonly waits: Partial<Record<WaitReason, number>>;
  readonly limitWaits: Record<string, number>;
  readonly rateWaits: Record<string, number>;
}

/** A row while the log is read. */
interface OpenRow extends TaskRow {
  runningSinceMs: number | undefined;
  waitingSinceMs: number | undefined;
  waitingFor: WaitReason | undefined;
  limit: string | undefined;
}

/** Reads the rows of all tasks, in the order of adding. What is unfinished counts up to `nowMs`. */
export function readRows(events: readonly RunEvent[], nowMs: number): readonly TaskRow[] {
  const rows = new Map<number, OpenRow>();
  for (const event of events) {
    if (event.type === "task-added") {
      rows.set(event.taskId, openRow(event));
    } else if ("taskId" in event) {
      const row = rows.get(event.taskId);
      if (row !== undefined) {
        apply(row, event);
      }
    }
  }
  for (const row of rows.values()) {
    endWait(row, nowMs);
    endRun(row, nowMs);
  }
  return [...rows.values()];
}

function openRow(event: Extract<RunEvent, { readonly type: "task-added" }>): OpenRow {
  const { taskId, key, parentTaskId, after, reads, writes, exclusive, atMs } = event;
  return {
    taskId,
    key,
    parentTaskId,
    after,
    reads,
    writes,
    exclusive,
    addedAtMs: atMs,
    status: "unfinished",
    startedAtMs: undefined,
    settledAtMs: undefined,
    attempts: 0,
    runMs: 0,
    waits: {},
    limitWaits: {},
    rateWaits: {},
    runningSinceMs: undefined,
    waitingSinceMs: undefined,
    waitingFor: undefined,
    limit: undefined,
  };
}

type TaskEvent = Exclude<
  Extract<RunEvent, { readonly taskId: number }>,
  { readonly type: "task-added" }
>;

function apply(row: OpenRow, event: TaskEvent): void {
  const { atMs } = event;
  switch (event.type) {
    case "claims-narrowed":
      row.reads = event.reads;
      row.writes = event.writes;
      return;
    case "task-waiting":
      endWait(row, atMs);
      row.waitingSinceMs = atMs;
      row.waitingFor = event.reason;
      row.limit = event.limit;
      return;
    case "attempt-started":
      row.startedAtMs ??= atMs;
      endWait(row, atMs);
      row.attempts = event.attempt;
      row.runningSinceMs = atMs;
      return;
    case "attempt-resumed":
      endWait(row, atMs);
      endRun(row, atMs);
      row.runningSinceMs = atMs;
      return;
    case "attempt-paused":
      endRun(row, atMs);
      if (event.mutex !== undefined) {
        row.waitingSinceMs = atMs;
        row.waitingFor = "mutex";
        row.limit = undefined;
      }
      return;
    case "attempt-completed":
    case "attempt-failed":
    case "attempt-abandoned":
      endWait(row, atMs);
      endRun(row, atMs);
      return;
    case "task-settled":
      endWait(row, atMs);
      endRun(row, atMs);
      row.status = event.status;
      row.settledAtMs = atMs;
      return;
    case "attempt-retrying":
    case "task-progressed":
  }
}

function endRun(row: OpenRow, atMs: number): void {
  if (row.runningSinceMs !== undefined) {
    row.runMs += atMs - row.runningSinceMs;
    row.runningSinceMs = undefined;
  }
}

function endWait(row: OpenRow, atMs: number): void {
  const { waitingFor, waitingSinceMs, limit } = row;
  if (waitingFor !== undefined && waitingSinceMs !== undefined) {
    const waitedMs = atMs - waitingSinceMs;
    row.waits[waitingFor] = (row.waits[waitingFor] ?? 0) + waitedMs;
    if (limit !== undefined) {
      const byLimit = waitingFor === "rate" ? row.rateWaits : row.limitWaits;
      byLimit[limit] = (byLimit[limit] ?? 0) + waitedMs;
    }
    row.waitingFor = undefined;
  }
}
