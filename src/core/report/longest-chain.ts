/** The longest chain of tasks that no number of slots could run at the same time. */
import { resourceName } from "../resource.ts";
import type { TaskRow } from "./timings.ts";

/** When the tasks on a resource could have ended at the earliest. */
interface Ends {
  readMs: number;
  writeMs: number;
  /** The latest of all at or below this resource. */
  belowReadMs: number;
  belowWriteMs: number;
  readonly children: Map<string, Ends>;
}

/**
 * The length of the longest chain, in milliseconds, through dependencies, conflicting claims, exclusive tasks and children.
 *
 * Each task in the order of adding ends at the earliest its own running time after the last of those before it: the forward
 * pass of the critical path method (Kelley and Walker, 1959). A claim looks up and down one path of the tree of resources.
 * Claims are compared over the whole run; within the kernel those of separate claiming parents never meet, so that the
 * chain may come out longer, and the ideal speedup smaller, than the truth for such nested tasks.
 */
export function longestChainMs(rows: readonly TaskRow[]): number {
  const endMs = new Map<number, number>();
  const startMs = new Map<number, number>();
  const root = newEnds();
  const scopes = new Map<number | undefined, { lastMs: number; exclusiveMs: number }>();
  let longestMs = 0;
  for (const row of rows) {
    const siblings = scopes.get(row.parentTaskId) ?? { lastMs: 0, exclusiveMs: 0 };
    scopes.set(row.parentTaskId, siblings);
    const parentStartMs = row.parentTaskId === undefined ? 0 : (startMs.get(row.parentTaskId) ?? 0);
    const earliestMs = Math.max(
      parentStartMs,
      row.exclusive ? siblings.lastMs : siblings.exclusiveMs,
      ...row.after.map((before) => endMs.get(before) ?? 0),
      ...(row.parentTaskId === undefined ? claimedUntil(root, row) : []),
    );
    const ownEndMs = earliestMs + row.runMs;
    startMs.set(row.taskId, earliestMs);
    endMs.set(row.taskId, ownEndMs);
    siblings.lastMs = Math.max(siblings.lastMs, ownEndMs);
    if (row.exclusive) {
      siblings.exclusiveMs = Math.max(siblings.exclusiveMs, ownEndMs);
    }
    row.reads.forEach((name) => claim(root, name, "read", ownEndMs));
    row.writes.forEach((name) => claim(root, name, "write", ownEndMs));
    longestMs = Math.max(longestMs, ownEndMs);
  }
  return longestMs;
}

function claimedUntil(root: Ends, row: TaskRow): number[] {
  return [
    ...row.reads.map((name) => conflictMs(root, name, "read")),
    ...row.writes.map((name) => conflictMs(root, name, "write")),
  ];
}

/** When the last task that conflicts with a claim has ended: one at a resource above, or at or below this one. */
function conflictMs(root: Ends, name: string, mode: "read" | "write"): number {
  let at: Ends | undefined = root;
  let latestMs = 0;
  for (const segment of resourceName(name).split("/")) {
    latestMs = Math.max(latestMs, at.writeMs, mode === "write" ? at.readMs : 0);
    at = at.children.get(segment);
    if (at === undefined) {
      return latestMs;
    }
  }
  return Math.max(latestMs, at.belowWriteMs, mode === "write" ? at.belowReadMs : 0);
}

function claim(root: Ends, name: string, mode: "read" | "write", untilMs: number): void {
  let at = root;
  const pass = (ends: Ends): void => {
    if (mode === "read") {
      ends.belowReadMs = Math.max(ends.belowReadMs, untilMs);
    } else {
      ends.belowWriteMs = Math.max(ends.belowWriteMs, untilMs);
    }
  };
  pass(at);
  for (const segment of resourceName(name).split("/")) {
    const child = at.children.get(segment) ?? newEnds();
    at.children.set(segment, child);
    at = child;
    pass(at);
  }
  if (mode === "read") {
    at.readMs = Math.max(at.readMs, untilMs);
  } else {
    at.writeMs = Math.max(at.writeMs, untilMs);
  }
}

function newEnds(): Ends {
  return { readMs: 0, writeMs: 0, belowReadMs: 0, belowWriteMs: 0, children: new Map() };
}
