/** What is said when a run has ended: what was found, the first failure, and the report. */
import { relative } from "node:path";
import { counted } from "../core/counted.ts";
import { describeError, TasksFailedError, type TaskFailure } from "../core/errors.ts";
import { describeReport, notableBottleneck } from "../core/report/describe-report.ts";
import type { Report } from "../core/report/report.ts";
import { resultTasks } from "../plan/plan-graph.ts";
import type { PlanResult } from "../plan/run-plan.ts";
import { CommandError } from "../system/command-error.ts";
import { jsonValue } from "../plan/json-value.ts";
import { asText } from "../plan/values.ts";
import { describeSpent } from "./describe-spent.ts";
import { linesOfValue } from "./describe-value.ts";
import type { PlanIndex } from "./plan-index.ts";
import { shownName } from "./shown-line.ts";
import type { StrayError } from "./stray-errors.ts";
import { cleanLine, type Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** How many lines of a result are shown. */
const SHOWN_FINDINGS = 20;

/** How many of the last lines of a failed command are shown. */
const SHOWN_TAIL = 10;

/** A run that has ended. */
export interface EndedRun {
  readonly index: PlanIndex;
  readonly result: PlanResult;
  readonly report: Report;
  /** The first error that came from outside of any task. */
  readonly stray: StrayError | undefined;
  readonly terminal: Terminal;
  /** The option that would let more tasks have a limit; undefined for a limit that the plan set up itself. */
  readonly optionFor: (limit: string) => string | undefined;
}

/** What the tasks found that no other task comes after. Commands have printed theirs already. */
export function findings({ index, result, terminal }: EndedRun): readonly string[] {
  return resultTasks(index.plan.tasks).flatMap(({ name, kind }) => {
    const outcome = result.outcomes[name];
    const lines = outcome?.status === "completed" ? linesOfValue(kind, outcome.value) : [];
    return lines.length === 0
      ? []
      : [
          "",
          terminal.colors.bold(`── ${name} ──`),
          ...lines.slice(0, SHOWN_FINDINGS).map((line) => cleanLine(line, terminal)),
          ...(lines.length > SHOWN_FINDINGS
            ? [terminal.colors.dim(`… and ${lines.length - SHOWN_FINDINGS} more lines`)]
            : []),
        ];
  });
}

/** The error that came from outside of any task and ended the run. */
export function strayLines({ stray, terminal }: EndedRun): readonly string[] {
  if (stray === undefined) {
    return [];
  }
  const { colors } = terminal;
  const place = stray.place === undefined ? "" : ` (${shownName(stray.place)})`;
  return [
    "",
    colors.red(colors.bold(`Error from outside of any task${place}`)),
    ...linesOfError(stray.cause, terminal),
  ];
}

/** The failure that happened first, with the last lines of its command. */
export function firstFailure({ index, result, terminal }: EndedRun): readonly string[] {
  const [failure] = result.failures;
  if (failure === undefined) {
    return [];
  }
  const { colors } = terminal;
  const place = index.placeOf(failure.key);
  const head = `First failure: ${shownName(failure.key)}${place === undefined ? "" : ` (${place})`}`;
  // An `each` fails with the errors of its items: they have been counted.
  const others = result.failures.filter(
    ({ error }) => error !== failure.error && !(error instanceof TasksFailedError),
  ).length;
  return [
    "",
    colors.red(colors.bold(head)),
    ...linesOfError(failure.error, terminal),
    ...tailOf(failure, terminal),
    ...(others > 0 ? [colors.dim(`  and ${counted(others, "more failure")}`)] : []),
  ];
}

function linesOfError(error: unknown, terminal: Terminal): readonly string[] {
  return describeError(error)
    .split("\n")
    .map((line) => `  ${cleanLine(line, terminal)}`);
}

function tailOf({ error }: TaskFailure, terminal: Terminal): readonly string[] {
  if (!(error instanceof CommandError) || error.result === undefined) {
    return [];
  }
  const { tail, stdout, stderr } = error.result;
  const files = [stdout.file, stderr.file].filter((file) => file !== undefined);
  return [
    ...tail.slice(-SHOWN_TAIL).map((line) => `  | ${cleanLine(line, terminal)}`),
    ...(tail.length > SHOWN_TAIL && files.length > 0
      ? [`  all of it: ${files.map((file) => relative(process.cwd(), file)).join(", ")}`]
      : []),
  ];
}

/** How the results voted. */
export function voteLines({ result: { vote }, terminal }: EndedRun): readonly string[] {
  if (vote === undefined) {
    return [];
  }
  const { verdict, winner, tally } = vote;
  const head =
    verdict === "won" ? `The vote is for ${shownAnswer(winner)}` : `The vote is ${verdict}`;
  const votes = tally.map(({ answer, votes }) => `${votes} for ${shownAnswer(answer)}`);
  return ["", cleanLine(`${head} (${votes.join(", ") || "nobody voted"}).`, terminal)];
}

function shownAnswer(answer: unknown): string {
  return shownName(asText(jsonValue(answer)));
}

function spentLines({ spent }: PlanResult): readonly string[] {
  if (spent === undefined) {
    return [];
  }
  const calls = counted(spent.calls, "call of models", "calls of models");
  return [`${describeSpent(calls, spent)}. Running them at once saves time, and no money.`];
}

/** The report, and what to do about what held the run back most. */
export function reportLines({ report, result, optionFor, terminal }: EndedRun): readonly string[] {
  const { full, wallMs } = report;
  const bottleneck = full === undefined ? undefined : notableBottleneck(full, wallMs);
  const option = bottleneck === undefined ? undefined : optionFor(bottleneck.limit);
  const lines = [
    "",
    ...describeReport(report, shownName),
    ...spentLines(result),
    ...(option === undefined ? [] : [`To let more run at once: ${option}`]),
  ];
  // In a file or a pipe, a line is what others look for.
  return terminal.isLive ? lines.flatMap((line) => wrap(line, terminal.columns)) : lines;
}
