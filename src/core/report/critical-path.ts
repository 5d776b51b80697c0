/** The chain that set the length of a run, as observed. */
import type { WaitReason } from "../event.ts";
import { observedGapMs, type Point } from "./network.ts";
import type { PathStep } from "./report.ts";
import type { TaskRow } from "./timings.ts";

/** A step while the path is walked. */
interface OpenStep {
  readonly row: TaskRow;
  runMs: number;
  waitMs: number;
  longestWaitMs: number;
  waitedFor: WaitReason | undefined;
}

/** The critical path. */
export interface CriticalPath {
  readonly steps: readonly PathStep[];
  /** The limits that were waited for on it. */
  readonly limits: readonly string[];
}

/**
 * Walks back from the end of the task that settled last, each time to what was met last of all that came before. The time between
 * is running where the task before ran, else waiting of the task after.
 */
export function criticalPath(points: readonly Point[]): CriticalPath {
  const steps = new Map<TaskRow, OpenStep>();
  const limits = new Set<string>();
  for (let at = lastEnd(points); at !== undefined; at = at.binding?.from) {
    const { binding, limit } = at;
    const step = reach(steps, at.row);
    const gapMs = binding === undefined ? 0 : observedGapMs(at, binding);
    const ranBetween = binding?.kind === "run";
    noteWait(step, at, ranBetween ? 0 : gapMs);
    if (ranBetween) {
      reach(steps, binding.from.row).runMs += gapMs;
    }
    if (limit !== undefined) {
      limits.add(limit);
    }
  }
  const path = [...steps.values()].toReversed();
  return {
    // One that never ran is on the path only as others were told of its end.
    steps: path
      .filter(({ row, waitMs }) => row.startedAtMs !== undefined || waitMs > 0)
      .map(({ row, runMs, waitMs, waitedFor }) => ({
        taskId: row.taskId,
        key: row.key,
        runMs,
        waitMs,
        waitedFor,
      })),
    limits: [...limits],
  };
}

/** The last end. One that never ran counts where it was given up later than all others had ended: until then the run waited with it. */
function lastEnd(points: readonly Point[]): Point | undefined {
  let last: Point | undefined;
  for (const point of points) {
    if (point.kind === "settled") {
      const lastMs = last?.atMs ?? 0;
      const hasRun = point.row.startedAtMs !== undefined;
      if (point.atMs > lastMs || (hasRun && point.atMs === lastMs)) {
        last = point;
      }
    }
  }
  return last;
}

/** The step of a task, which stands from now on before all that were reached sooner. */
function reach(steps: Map<TaskRow, OpenStep>, row: TaskRow): OpenStep {
  const step = steps.get(row) ?? {
    row,
    runMs: 0,
    waitMs: 0,
    longestWaitMs: 0,
    waitedFor: undefined,
  };
  steps.delete(row);
  steps.set(row, step);
  return step;
}

function noteWait(step: OpenStep, { reason }: Point, waitMs: number): void {
  step.waitMs += waitMs;
  if (reason !== undefined && waitMs >= step.longestWaitMs) {
    step.longestWaitMs = waitMs;
    step.waitedFor = reason;
  }
}
