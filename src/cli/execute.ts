/** Runs a plan for the command line: shown while it runs, recorded, ended by signals, reported at the end. */
import { randomUUID } from "node:crypto";
import { keyVariables } from "../plan/model-source.ts";
import { checkModels } from "../plan/plan-models.ts";
import { runsModules } from "../plan/plan-graph.ts";
import { checkLimits } from "../plan/plan-limits.ts";
import { runPlan, type PlanResult } from "../plan/run-plan.ts";
import { lastDurations } from "../recording/durations.ts";
import { killMarked } from "../system/marked-processes.ts";
import { killAllGroups } from "../system/process-group.ts";
import { Display, type Concluded } from "./display.ts";
import { endAtOnce } from "./end-process.ts";
import { environmentsOf } from "./environments-of.ts";
import type { Job } from "./job.ts";
import { runDocument } from "./json-document.ts";
import { PlanIndex } from "./plan-index.ts";
import { reportOfPlan } from "./plan-report.ts";
import { closeRecord, RunRecord } from "./run-record.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { EXIT_PIPE, watchStdout } from "./stdout.ts";
import { watchStrayErrors, type StrayError, type StrayErrorWatch } from "./stray-errors.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/**
 * Runs the plan of a job, and returns the exit code.
 *
 * @throws RangeError - when a limit of the job does not fit the plan; nothing has run
 * @throws Error - when a model of the plan cannot be asked or paid for; nothing has run
 * @throws Error - when the folder for the run cannot be used; nothing has run
 */
export async function execute(job: Job): Promise<number> {
  const { plan, origin, limit, limits, failure, using, budget } = job;
  checkLimits(plan, job);
  await checkModels(plan, job);
  const record = await openRecord(job);
  const durations = await lastDurations(origin);
  const terminal = openTerminal({ color: job.color });
  const mark = randomUUID();
  const display = job.json ? undefined : new Display(job, terminal, durations);
  const cancel = new AbortController();
  // Whatever ends this process, a second signal or a bug: the commands end with it.
  const killEverything = (): void => {
    killAllGroups();
    killMarked(mark);
  };
  process.once("exit", killEverything);
  const signals = watchSignals({
    cancel: (signal) => {
      display?.view.print(["Cancelling; a second signal ends everything at once."]);
      cancel.abort(signal);
    },
    end: (signal) => {
      killEverything();
      endAtOnce(exitCodeOf(signal)).catch(() => process.exit(exitCodeOf(signal)));
    },
  });
  const strays = cancelAtStray(plan, cancel, display);
  const stdout = watchStdout({
    onClosed: () => cancel.abort("nobody reads the output"),
    // What modules of the plan print belongs between the lines of the run, and not into a document.
    divert: (text) => (display === undefined ? process.stderr.write(text) : display.view.say(text)),
  });
  try {
    const run = runPlan(plan, {
      ...{ limit, limits, failure, using, budget },
      expectedMs: durations,
      outputFolder: record.logs,
      mark,
      signal: cancel.signal,
      onLine: (key, line, stream) => display?.output.add(key, line, stream),
      observe: (event) => {
        record.record(event);
        display?.show(event);
      },
    });
    const result = await run;
    signals.nothingToCancel();
    stdout.restore();
    strays.runHasEnded();
    conclude(
      { result, report: run.report, stray: strays.first },
      { job, record, terminal, display },
    );
    await closeRecord(record);
    const ownCode = exitCode(result, job, strays.first);
    const { received } = signals;
    return stdout.isClosed ? EXIT_PIPE : received === undefined ? ownCode : exitCodeOf(received);
  } finally {
    stdout.restore();
    signals.stop();
    strays.stop();
    process.off("exit", killEverything);
  }
}

/** Has an error from outside of any task cancel the run; one that comes after its end is told. */
function cancelAtStray(
  plan: Job["plan"],
  cancel: AbortController,
  display: Display | undefined,
): StrayErrorWatch & { runHasEnded(): void } {
  let hasEnded = false;
  const watch = watchStrayErrors({
    canCome: () => runsModules(plan),
    onStray: (error) => {
      if (hasEnded) {
        process.stderr.write(`After the run ${error.message}\n`);
      } else if (!cancel.signal.aborted) {
        display?.view.print([`Cancelling, as ${error.message}`]);
        cancel.abort(error);
      }
    },
  });
  return Object.assign(watch, {
    runHasEnded: () => {
      hasEnded = true;
    },
  });
}

/** Says what came of the run. */
function conclude(
  ended: Concluded,
  how: {
    readonly job: Job;
    readonly record: RunRecord;
    readonly terminal: Terminal;
    readonly display: Display | undefined;
  },
): void {
  const { job, record, terminal, display } = how;
  if (display === undefined) {
    terminal.write(documentText(job, record, ended));
  } else {
    display.conclude(ended, record.path);
  }
}

async function openRecord(job: Job): Promise<RunRecord> {
  const { plan, origin, out, keep } = job;
  return await RunRecord.open({
    environments: environmentsOf(plan),
    keyVariables: keyVariables(plan, job),
    origin,
    out,
    keep,
  });
}

/** The one document of a run. */
function documentText(
  { plan }: Job,
  { id, path: folder }: RunRecord,
  { result, report, stray }: Concluded,
): string {
  const shown = reportOfPlan(report, new PlanIndex(plan, true));
  const document = runDocument({ id, name: plan.name, folder, stray }, result, shown);
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function exitCode(
  { status }: PlanResult,
  { allowFailures }: Job,
  stray: StrayError | undefined,
): number {
  if (stray !== undefined) {
    return 1; // Whatever the tasks made of it.
  }
  return status === "completed" || (allowFailures && status !== "cancelled") ? 0 : 1;
}
