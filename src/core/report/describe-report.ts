/** The report in words. */
import { formatDuration } from "../format-duration.ts";
import type { FullReport, Report, TaskTiming } from "./report.ts";

/** Waiting shorter than this is not worth a word, in milliseconds. */
const NOTABLE_MS = 100;

/** How tasks are called in words. */
type TaskName = (key: string) => string;

/**
 * The report in words, a sentence or two: how long the run took, what it gained over one after another, along which path, and what
 * waited longest for a limit. `nameOf` says how tasks are called: by their key, unless told otherwise.
 *
 * With `report: "totals"` it is only how many tasks there were, and how long they took. Not promised: the wording. Programs read the
 * report itself.
 *
 * @example
 * ```ts
 * import { all, describeReport } from "fanfold";
 *
 * const run = all({ a: () => 1, b: () => 2 }, { report: "full" });
 * await run;
 * for (const line of describeReport(run.report)) console.log(line);
 * ```
 */
export function describeReport(
  report: Report,
  nameOf: (key: string) => string = (key) => key,
): readonly string[] {
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

/** What held the run back most, when limits did. */
function advice(full: FullReport, nameOf: TaskName): readonly string[] {
  const slot = longestLimitWait(full);
  const rate = longest(full, ({ rateWaits }) => rateWaits);
  const said = ({ key, limit, waitMs }: LimitWait, what: string): string =>
    `"${nameOf(key)}" waited ${formatDuration(waitMs)} for ${what} of limit "${limit}".`;
  return [
    ...(slot === undefined ? [] : [said(slot, "a slot")]),
    ...(rate === undefined ? [] : [said(rate, "the rate")]),
  ];
}

/** A task that waited for a limit. */
export interface LimitWait {
  readonly key: string;
  readonly limit: string;
  readonly waitMs: number;
}

/** The task that waited longest for a slot of one limit; undefined when none waited for a time worth a word. */
export function longestLimitWait(full: FullReport): LimitWait | undefined {
  return longest(full, ({ limitWaits }) => limitWaits);
}

function longest(
  { timings }: FullReport,
  waitsOf: (timing: TaskTiming) => Readonly<Record<string, number>>,
): LimitWait | undefined {
  const waits = timings.flatMap((timing) =>
    Object.entries(waitsOf(timing)).map(([limit, waitMs]) => ({ key: timing.key, limit, waitMs })),
  );
  const first = waits.toSorted((a, b) => b.waitMs - a.waitMs)[0];
  return first === undefined || first.waitMs < NOTABLE_MS ? undefined : first;
}
