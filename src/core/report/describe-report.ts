/** The report in words. */
import { formatDuration } from "../format-duration.ts";
import type { FullReport, Report } from "./report.ts";

/** Waiting shorter than this is not worth a word, in milliseconds. */
const NOTABLE_MS = 100;

/** How tasks are called in words: by their key, unless told otherwise. */
export type TaskName = (key: string) => string;

/** Lines such as `4 tasks in 2.1 s; one after another 6.0 s: 2.9 times faster (at best 3.0).` */
export function describeReport(report: Report, nameOf: TaskName = (key) => key): readonly string[] {
  const { completed, failed, cancelled, skipped } = report.tasks;
  const total = completed + failed + cancelled + skipped;
  const counted = `${total} ${total === 1 ? "task" : "tasks"} in ${formatDuration(report.wallMs)}`;
  const { full } = report;
  return full === undefined
    ? [`${counted}.`]
    : [`${counted}; ${gain(full, nameOf)}`, ...advice(full, nameOf)];
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
function advice({ timings }: FullReport, nameOf: TaskName): readonly string[] {
  const waits = timings.flatMap(({ key, limitWaits }) =>
    Object.entries(limitWaits).map(([limit, ms]) => ({ key, limit, ms })),
  );
  const longest = waits.toSorted((a, b) => b.ms - a.ms)[0];
  return longest === undefined || longest.ms < NOTABLE_MS
    ? []
    : [
        `"${nameOf(longest.key)}" waited ${formatDuration(longest.ms)} for a slot of limit "${longest.limit}".`,
      ];
}
