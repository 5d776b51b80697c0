/** The report in words. */
import { formatDuration } from "../format-duration.ts";
import type { Bottleneck, FullReport, Report } from "./report.ts";

/** What cost less than this is not worth a word: in milliseconds, and as a part of the run. */
const NOTABLE_MS = 100;
const NOTABLE_PART = 0.05;

/** How tasks are called in words: by their key, unless told otherwise. */
export type TaskName = (key: string) => string;

/** Lines such as `4 tasks in 2.1 s; one after another 6.0 s: 2.9 times faster (at best 3.0).` */
export function describeReport(report: Report, nameOf: TaskName = (key) => key): readonly string[] {
  const { completed, failed, cancelled, skipped } = report.tasks;
  const total = completed + failed + cancelled + skipped;
  const { full, wallMs } = report;
  const counted = `${taskCount(total, full)} in ${formatDuration(wallMs)}`;
  return full === undefined
    ? [`${counted}.`]
    : [`${counted}; ${gain(full, nameOf)}`, ...advice(full, wallMs, nameOf)];
}

/** `12 tasks`, or `12 tasks, 19 with items` where tasks have started others. */
function taskCount(total: number, full: FullReport | undefined): string {
  const inside = full?.timings.filter(
    ({ parentTaskId, status }) => parentTaskId !== undefined && status !== "unfinished",
  ).length;
  const top = total - (inside ?? 0);
  return `${top} ${top === 1 ? "task" : "tasks"}${top === total ? "" : `, ${total} with items`}`;
}

function gain(
  { sequentialMs, speedup, idealSpeedup, criticalPath }: FullReport,
  nameOf: TaskName,
): string {
  const path = criticalPath.map(({ key }) => nameOf(key)).join(" -> ");
  const times = `one after another ${formatDuration(sequentialMs)}: ${
    speedup < 1.05 ? "nothing gained" : `${speedup.toFixed(1)} times faster`
  } (at best ${idealSpeedup.toFixed(1)}).`;
  return path === "" ? times : `${times} Critical path: ${path}.`;
}

/** What held the run back most, when a limit did. */
function advice(full: FullReport, wallMs: number, nameOf: TaskName): readonly string[] {
  const bottleneck = notableBottleneck(full, wallMs);
  if (bottleneck === undefined) {
    return [];
  }
  const { limit, costMs } = bottleneck;
  const { key, waitMs } = longestWait(full, limit);
  return [
    `"${nameOf(key)}" waited ${formatDuration(waitMs)} for a slot of limit "${limit}": with more of them the run could have taken ${formatDuration(wallMs - costMs)}.`,
  ];
}

/** The limit whose slots held the run back most; undefined where more of them would not have made it notably shorter. */
export function notableBottleneck(
  { bottlenecks: [first] }: FullReport,
  wallMs: number,
): Bottleneck | undefined {
  const leastMs = Math.max(NOTABLE_MS, NOTABLE_PART * wallMs);
  return first !== undefined && first.costMs >= leastMs ? first : undefined;
}

function longestWait(
  { timings }: FullReport,
  limit: string,
): { readonly key: string; readonly waitMs: number } {
  let longest = { key: "", waitMs: -1 };
  for (const { key, limitWaits } of timings) {
    const waitMs = limitWaits[limit] ?? -1;
    if (waitMs > longest.waitMs) {
      longest = { key, waitMs };
    }
  }
  return longest;
}
