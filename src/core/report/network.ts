/**
 * A run as an activity network: points in time, and what had to come before each. They stand in the order of the event log, so
 * that edges lead from earlier points to later ones, and one pass over all, forwards or backwards, visits each in time.
 */
import type { WaitReason } from "../event.ts";
import type { TaskRow } from "./timings.ts";

/** Something that happened to a task. */
export interface Point {
  /** Its place among all points. */
  readonly index: number;
  readonly atMs: number;
  /** When it came from outside: not before that, whatever else would have been otherwise. 0 for all others. */
  readonly givenMs: number;
  readonly row: TaskRow;
  /**
   * - `added`: the task was added, by other code
   * - `began`: it ran for the first time, and has its claims from here on
   * - `moved`: it began to run, or ceased to
   * - `settled`: it has its outcome, and its claims end
   */
  kind: "added" | "began" | "moved" | "settled";
  /** What it had waited for. */
  readonly reason: WaitReason | undefined;
  /** The limit, where it had waited for one. */
  readonly limit: string | undefined;
  /** What comes before it: the edge that was added last, which knows the one before. */
  edges: Edge | undefined;
  /** The edge that was met last: the point owes its time to it. */
  binding: Edge | undefined;
}

/** What comes before a point. */
export interface Edge {
  readonly from: Point;
  /** The least time between the two, in milliseconds. */
  readonly gapMs: number;
  /**
   * - `run`: the task of `from` ran all the time between
   * - `order`: the program demands it, on any number of slots
   * - `slot`: it was so this time, as a slot was freed or there was room for more work
   */
  readonly kind: "run" | "order" | "slot";
  /** Another edge to the same point. A list without an array, as there are hundreds of thousands of points. */
  readonly next: Edge | undefined;
}

/** Adds what comes before a point. Of two edges that are met at the same time, the one that was added later binds. */
export function addEdge(point: Point, from: Point, gapMs: number, kind: Edge["kind"]): void {
  const edge = { from, gapMs, kind, next: point.edges };
  point.edges = edge;
  if (point.binding === undefined || metAtMs(edge) >= metAtMs(point.binding)) {
    point.binding = edge;
  }
}

/** When all tasks have settled. */
export function endOf(points: readonly Point[]): number {
  let latestMs = 0;
  for (const { atMs } of points) {
    latestMs = Math.max(latestMs, atMs);
  }
  return latestMs;
}

/** The time between a point and what comes before it, as it was: more than it had to be, where it waited for something unknown. */
export function observedGapMs(point: Point, { from }: Edge): number {
  return point.atMs - from.atMs;
}

function metAtMs({ from, gapMs }: Edge): number {
  return from.atMs + gapMs;
}
