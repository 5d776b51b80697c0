/** The forward pass of the critical path method (Kelley and Walker, 1959): when all could have happened at the earliest. */
import { Conflicts } from "./conflicts.ts";
import { observedGapMs, type Edge, type Point } from "./network.ts";
import type { TaskRow } from "./timings.ts";

type Rows = ReadonlyMap<number, TaskRow>;

/**
 * The length of the longest chain, in milliseconds: when the last task would have ended had nothing waited for a slot, and the
 * code around all tasks taken no time. What came from outside comes when it came. What conflicts comes in the order in which it ran.
 */
export function longestChainMs(points: readonly Point[], rows: Rows): number {
  return forward(points, rows, (_, { kind, gapMs }) => (kind === "slot" ? undefined : gapMs));
}

/** When the last task would have ended had one limit had room for all, and everything else come after the same as it did. */
export function endWithoutLimit(points: readonly Point[], rows: Rows, limit: string): number {
  return forward(points, rows, (point, edge) => {
    if (point.limit === limit) {
      return edge.kind === "slot" ? undefined : edge.gapMs;
    }
    return edge === point.binding ? observedGapMs(point, edge) : edge.gapMs;
  });
}

/** `gapOf` says how long after the other end of an edge a point comes; undefined where it need not. */
function forward(
  points: readonly Point[],
  rows: Rows,
  gapOf: (point: Point, edge: Edge) => number | undefined,
): number {
  const earliestMs = new Float64Array(points.length);
  const conflicts = new Conflicts(rows);
  let endMs = 0;
  for (const point of points) {
    let atMs = point.givenMs;
    if (point.kind === "began") {
      atMs = Math.max(atMs, conflicts.largest(point.row));
    }
    for (let edge = point.edges; edge !== undefined; edge = edge.next) {
      const gapMs = gapOf(point, edge);
      if (gapMs !== undefined) {
        atMs = Math.max(atMs, (earliestMs[edge.from.index] ?? 0) + gapMs);
      }
    }
    earliestMs[point.index] = atMs;
    if (point.kind === "settled" && point.row.startedAtMs !== undefined) {
      conflicts.note(point.row, atMs);
      endMs = Math.max(endMs, atMs);
    }
  }
  return endMs;
}
