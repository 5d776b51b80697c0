/** The backward pass of the critical path method (Kelley and Walker, 1959): when all could have happened at the latest. */
import { Conflicts } from "./conflicts.ts";
import { endOf, observedGapMs, type Point } from "./network.ts";
import type { TaskRow } from "./timings.ts";

/**
 * By how much each task could have been later without the last of all ending later, in milliseconds: the least over the points of
 * the task. What was waited for longest keeps its distance to what waited, as it may have been something unknown.
 */
export function slacks(
  points: readonly Point[],
  rows: ReadonlyMap<number, TaskRow>,
): ReadonlyMap<number, number> {
  const latestMs = new Float64Array(points.length).fill(endOf(points));
  const conflicts = new Conflicts(rows);
  const result = new Map<number, number>();
  for (let index = points.length - 1; index >= 0; index -= 1) {
    const point = points[index] as Point; // Within the list.
    const { row, kind, edges, binding } = point;
    let atMs = latestMs[index] ?? 0;
    if (kind === "settled" && row.startedAtMs !== undefined) {
      atMs = Math.min(atMs, -conflicts.largest(row));
    }
    if (kind === "began") {
      conflicts.note(row, -atMs);
    }
    if (kind !== "added") {
      const slackMs = Math.max(0, atMs - point.atMs);
      result.set(row.taskId, Math.min(result.get(row.taskId) ?? Infinity, slackMs));
    }
    for (let edge = edges; edge !== undefined; edge = edge.next) {
      const gapMs = edge === binding ? observedGapMs(point, edge) : edge.gapMs;
      const before = edge.from.index;
      latestMs[before] = Math.min(latestMs[before] ?? 0, atMs - gapMs);
    }
  }
  return result;
}
