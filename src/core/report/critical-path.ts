/** The chain of tasks that set the length of a run, as observed, and how much every other task could have slipped. */
import type { PathStep } from "./report.ts";
import type { TaskRow } from "./timings.ts";

/**
 * Walks back from the task that ended last: each step to the task whose end let this one start, or else to the one inside
 * which it was started.
 */
export function criticalPath(rows: readonly TaskRow[]): readonly PathStep[] {
  const byId = new Map(rows.map((row) => [row.taskId, row]));
  const path: PathStep[] = [];
  const seen = new Set<number>();
  let row = lastToEnd(rows);
  while (row !== undefined && !seen.has(row.taskId)) {
    seen.add(row.taskId);
    const before = previousOf(row, byId);
    const freeAtMs = before === undefined ? row.addedAtMs : endOf(before, row);
    path.unshift({
      taskId: row.taskId,
      key: row.key,
      runMs: row.runMs,
      waitMs: Math.max(0, (row.startedAtMs ?? row.addedAtMs) - freeAtMs),
      waitedFor: row.lastReason,
    });
    row = before;
  }
  return path;
}

/**
 * How much later each task could have ended without lengthening the run, along dependencies and observed hand-overs: the
 * backward pass of the critical path method.
 */
export function slacks(rows: readonly TaskRow[], endMs: number): ReadonlyMap<number, number> {
  const latestMs = new Map<number, number>();
  const byEnd = [...rows].toSorted((a, b) => (b.settledAtMs ?? endMs) - (a.settledAtMs ?? endMs));
  const result = new Map<number, number>();
  for (const row of byEnd) {
    const slackMs = (latestMs.get(row.taskId) ?? endMs) - (row.settledAtMs ?? endMs);
    result.set(row.taskId, Math.max(0, slackMs));
    const latestStartMs = (row.startedAtMs ?? row.settledAtMs ?? endMs) + slackMs;
    for (const before of new Set([
      ...row.after,
      ...(row.enabledBy === undefined ? [] : [row.enabledBy]),
    ])) {
      latestMs.set(before, Math.min(latestMs.get(before) ?? endMs, latestStartMs));
    }
  }
  return result;
}

function lastToEnd(rows: readonly TaskRow[]): TaskRow | undefined {
  let last: TaskRow | undefined;
  for (const row of rows) {
    if (
      row.startedAtMs !== undefined &&
      (row.settledAtMs ?? Infinity) > (last?.settledAtMs ?? -1)
    ) {
      last = row;
    }
  }
  return last;
}

function previousOf(row: TaskRow, byId: ReadonlyMap<number, TaskRow>): TaskRow | undefined {
  return byId.get(row.enabledBy ?? row.parentTaskId ?? 0);
}

/** When a step was over, seen from the one after: a parent is not over when its child begins. */
function endOf(before: TaskRow, after: TaskRow): number {
  return before.taskId === after.parentTaskId
    ? after.addedAtMs
    : (before.settledAtMs ?? after.addedAtMs);
}
