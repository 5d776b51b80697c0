/** The one document that `--json` prints. Described in docs/cli.md; fields are added, never renamed. */
import { describeError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Report, TaskTiming } from "../core/report/report.ts";
import { jsonValue } from "../plan/json-value.ts";
import type { PlanResult } from "../plan/run-plan.ts";
import { CommandError } from "../system/command-error.ts";
import type { StrayError } from "./stray-errors.ts";

/** A run as data. */
export interface RunDocument {
  readonly run: {
    readonly id: string | undefined;
    readonly name: string;
    /** The folder of its recording; absent when there is none. */
    readonly folder: string | undefined;
  };
  readonly status: PlanResult["status"];
  /** The error that came from outside of any task and ended the run, and where; absent where none did. */
  readonly stray?: {
    readonly name: string;
    readonly message: string;
    readonly place: string | undefined;
  };
  readonly tasks: Readonly<Record<string, TaskDocument>>;
  /** How the results voted; absent where they did not. */
  readonly vote?: PlanResult["vote"];
  /** What all calls of models took; absent where there was none. */
  readonly spent?: PlanResult["spent"];
  readonly report: {
    readonly wallMs: number;
    readonly sequentialMs: number;
    readonly speedup: number;
    readonly idealSpeedup: number;
    readonly criticalPath: readonly string[];
    readonly waits: Readonly<Record<string, number>>;
  };
}

/** A task as data. */
export interface TaskDocument {
  readonly status: Outcome<unknown>["status"];
  readonly attempts: number;
  readonly value?: unknown;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly tail?: readonly string[];
  };
  readonly because?: unknown;
  /** Since the start of the run; absent when it never started. */
  readonly startedAtMs: number | undefined;
  readonly durationMs: number | undefined;
  /** How long it waited, by reason. */
  readonly waits: Readonly<Record<string, number>>;
}

/** Makes the document of a run. */
export function runDocument(
  { stray, ...run }: RunDocument["run"] & { readonly stray: StrayError | undefined },
  { status, outcomes, vote, spent }: PlanResult,
  { wallMs, full }: Report,
): RunDocument {
  const timings = new Map(
    full?.timings
      .filter(({ parentTaskId }) => parentTaskId === undefined)
      .map((each) => [each.key, each]),
  );
  const tasks = Object.entries(outcomes).map(
    ([name, outcome]) => [name, taskDocument(outcome, timings.get(name))] as const,
  );
  return {
    run,
    status,
    ...(stray === undefined
      ? {}
      : { stray: { ...errorDocument(stray.cause), place: stray.place } }),
    tasks: Object.fromEntries(tasks),
    vote: voteDocument(vote),
    spent,
    report: {
      wallMs: rounded(wallMs),
      sequentialMs: rounded(full?.sequentialMs ?? 0),
      speedup: rounded(full?.speedup ?? 1),
      idealSpeedup: rounded(full?.idealSpeedup ?? 1),
      criticalPath: full?.criticalPath.map(({ key }) => key) ?? [],
      waits: roundedAll(full?.waits ?? {}),
    },
  };
}

function voteDocument(vote: PlanResult["vote"]): PlanResult["vote"] {
  if (vote === undefined) {
    return undefined;
  }
  const tally = vote.tally.map(({ answer, votes }) => ({ answer: jsonValue(answer), votes }));
  return { ...vote, winner: jsonValue(vote.winner), tally };
}

function taskDocument(outcome: Outcome<unknown>, timing: TaskTiming | undefined): TaskDocument {
  const { startedAtMs, settledAtMs, waits = {} } = timing ?? {};
  return {
    status: outcome.status,
    attempts: outcome.attempts,
    ...detailOf(outcome),
    startedAtMs: startedAtMs === undefined ? undefined : rounded(startedAtMs),
    durationMs:
      startedAtMs === undefined || settledAtMs === undefined
        ? undefined
        : rounded(settledAtMs - startedAtMs),
    waits: roundedAll(waits),
  };
}

function detailOf(outcome: Outcome<unknown>): Pick<TaskDocument, "value" | "error" | "because"> {
  switch (outcome.status) {
    case "completed":
      return { value: jsonValue(outcome.value) };
    case "failed":
      return { error: errorDocument(outcome.error) };
    case "cancelled":
      return { because: describeError(outcome.reason) };
    case "skipped":
      return { because: outcome.because };
  }
}

function errorDocument(error: unknown): NonNullable<TaskDocument["error"]> {
  const name = error instanceof Error ? error.name : typeof error;
  const message = describeError(error);
  return error instanceof CommandError && error.result !== undefined
    ? { name, message, tail: error.result.tail }
    : { name, message };
}

/** To the thousandth: what is beyond it is noise. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function roundedAll(
  values: Readonly<Partial<Record<string, number>>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, rounded(value ?? 0)]),
  );
}
