/** The report in words. */
import { formatDuration } from "../format-duration.ts";
import type { Bottleneck, FullReport, Report, TaskTiming } from "./report.ts";

/** What cost less than this is not worth a word: in milliseconds, and as a part of the run. */
const NOTABLE_MS = 100;
const NOTABLE_PART = 0.05;

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

/** What held the run back most, when limits did. */
function advice(full: FullReport, wallMs: number, nameOf: TaskName): readonly string[] {
  const bottleneck = notableBottleneck(full, wallMs);
  const slot = bottleneck && longestWait(full, ({ limitWaits }) => limitWaits, bottleneck.limit);
  const rate = longestWait(full, ({ rateWaits }) => rateWaits);
  const said = ({ key, limit, waitMs }: LimitWait, what: string): string =>
    `"${nameOf(key)}" waited ${formatDuration(waitMs)} for ${what} of limit "${limit}"`;
  const shorter = formatDuration(wallMs - (bottleneck?.costMs ?? 0));
  return [
    ...(slot === undefined
      ? []
      : [`${said(slot, "a slot")}: with more of them the run could have taken ${shorter}.`]),
    ...(rate === undefined || rate.waitMs < NOTABLE_MS ? [] : [`${said(rate, "the rate")}.`]),
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

/** A task that waited for a limit. */
interface LimitWait {
  readonly key: string;
  readonly limit: string;
  readonly waitMs: number;
}

/** The task that waited longest for a limit, or for the one of that name. */
function longestWait(
  { timings }: FullReport,
  waitsOf: (timing: TaskTiming) => Readonly<Record<string, number>>,
  name?: string,
): LimitWait | undefined {
  let longest: LimitWait | undefined;
  for (const timing of timings) {
    for (const [limit, waitMs] of Object.entries(waitsOf(timing))) {
      if ((name === undefined || limit === name) && waitMs > (longest?.waitMs ?? -1)) {
        longest = { key: timing.key, limit, waitMs };
      }
    }
  }
  return longest;
}
