/** The report of a run: a pure function of its event log. */
import type { RunEvent, WaitReason } from "../event.ts";
import { criticalPath } from "./critical-path.ts";
import { endWithoutLimit, longestChainMs } from "./earliest.ts";
import { endOf, type Point } from "./network.ts";
import { readNetwork } from "./read-network.ts";
import type { Bottleneck, Report } from "./report.ts";
import { slacks } from "./slack.ts";
import { readRows, type TaskRow } from "./timings.ts";

/** What is known of a run besides its events. */
interface ReportOptions {
  /** Whether the tasks at the top came from outside, when they came. @defaultValue false: the code of the run added them */
  readonly isOpen?: boolean | undefined;
  /** For how long whoever runs them one after another would have waited before the first, in milliseconds. @defaultValue 0 */
  readonly aheadMs?: number | undefined;
}

/** Builds the report of a run that has lasted for `wallMs`. */
export function buildReport(
  events: readonly RunEvent[],
  wallMs: number,
  { isOpen = false, aheadMs = 0 }: ReportOptions = {},
): Report {
  const rows = readRows(events, wallMs);
  const byId = new Map(rows.map((row) => [row.taskId, row]));
  const points = readNetwork({ events, nowMs: wallMs, isOpen }, byId);
  const hasRun = rows.some(({ startedAtMs }) => startedAtMs !== undefined);
  const sequentialMs = rows.reduce((sum, { runMs }) => sum + runMs, hasRun ? aheadMs : 0);
  const speedup = ratio(sequentialMs, wallMs);
  const chainMs = longestChainMs(points, byId);
  const slackOf = slacks(points, byId);
  const path = criticalPath(points);
  return {
    wallMs,
    tasks: countsOf(rows),
    full: {
      sequentialMs,
      speedup,
      // Where no task took any time, no number of slots could have changed anything.
      idealSpeedup: Math.max(1, chainMs === 0 ? speedup : ratio(sequentialMs, chainMs)),
      criticalPath: path.steps,
      bottlenecks: bottlenecks(points, byId, path.limits),
      waits: waitsOf(rows),
      timings: rows.map((row) => ({
        taskId: row.taskId,
        key: row.key,
        parentTaskId: row.parentTaskId,
        status: row.status,
        addedAtMs: row.addedAtMs,
        startedAtMs: row.startedAtMs,
        settledAtMs: row.settledAtMs,
        runMs: row.runMs,
        attempts: row.attempts,
        waits: row.waits,
        limitWaits: row.limitWaits,
        rateWaits: row.rateWaits,
        slackMs: slackOf.get(row.taskId) ?? 0,
      })),
    },
  };
}

function countsOf(rows: readonly TaskRow[]): Report["tasks"] {
  const counts = { completed: 0, failed: 0, cancelled: 0, skipped: 0 };
  for (const { status } of rows) {
    if (status !== "unfinished") {
      counts[status] += 1;
    }
  }
  return counts;
}

/** A limit that was not waited for on the critical path costs nothing. */
function bottlenecks(
  points: readonly Point[],
  rows: ReadonlyMap<number, TaskRow>,
  limits: readonly string[],
): readonly Bottleneck[] {
  const endMs = endOf(points);
  return limits
    .map((limit) => ({ limit, costMs: endMs - endWithoutLimit(points, rows, limit) }))
    .filter(({ costMs }) => costMs > 0)
    .toSorted((a, b) => b.costMs - a.costMs);
}

function waitsOf(rows: readonly TaskRow[]): Partial<Record<WaitReason, number>> {
  const total: Partial<Record<WaitReason, number>> = {};
  for (const { waits } of rows) {
    for (const name in waits) {
      const reason = name as WaitReason; // The names of a record of our own.
      total[reason] = (total[reason] ?? 0) + (waits[reason] ?? 0);
    }
  }
  return total;
}

/** 1 where nothing ran: nothing was gained, and nothing lost. */
function ratio(a: number, b: number): number {
  return a === 0 || b === 0 ? 1 : a / b;
}
