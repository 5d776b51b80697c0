/** Runs a plan for the command line: shown while it runs, recorded, ended by signals, reported at the end. */
import { randomUUID } from "node:crypto";
import { checkLimits, runPlan, type PlanResult } from "../plan/run-plan.ts";
import { lastDurations } from "../recording/durations.ts";
import { killMarked } from "../system/marked-processes.ts";
import { killAllGroups } from "../system/process-group.ts";
import { Display } from "./display.ts";
import { endAtOnce } from "./end-process.ts";
import type { Job } from "./job.ts";
import { runDocument } from "./json-document.ts";
import { RunRecord } from "./run-record.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { EXIT_PIPE, watchStdout } from "./stdout.ts";
import { openTerminal } from "./terminal.ts";

/** After how long it is said what the end of a run is busy with, in milliseconds. */
const TIDYING_MS = 1000;

const TIDYING = "Taking secrets out of the logs; Ctrl-C ends this, and leaves them as they are.";

/**
 * Runs the plan of a job, and returns the exit code.
 *
 * @throws RangeError - when a limit of the job does not fit the plan; nothing has run
 * @throws Error - when the folder for the run cannot be used; nothing has run
 */
export async function execute(job: Job): Promise<number> {
  const { plan, origin } = job;
  checkLimits(plan, job);
  const record = await RunRecord.open({ plan, origin, out: job.out, keep: job.keep });
  const durations = await lastDurations(origin.cwd, origin.source);
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
  const stdout = watchStdout({
    onClosed: () => cancel.abort("nobody reads the output"),
    // What modules of the plan print belongs above the tree, and not into a document.
    divert: job.json
      ? (text) => process.stderr.write(text)
      : terminal.isLive
        ? (text) => display?.view.print(text.replace(/\n$/, "").split("\n"))
        : undefined,
  });
  try {
    const run = runPlan(plan, {
      limit: job.limit,
      limits: job.limits,
      failure: job.failure,
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
    if (job.json) {
      const { id, path: folder } = record;
      const document = runDocument({ id, name: plan.name, folder }, result, run.report);
      terminal.write(`${JSON.stringify(document, undefined, 2)}\n`);
    } else {
      display?.conclude(result, run.report, record.path);
    }
    await close(record);
    return stdout.isClosed
      ? EXIT_PIPE
      : signals.received === undefined
        ? exitCode(result, job)
        : exitCodeOf(signals.received);
  } finally {
    stdout.restore();
    signals.stop();
    process.off("exit", killEverything);
  }
}

/** Closes the record of a run, and says what takes long, and what went wrong. */
async function close(record: RunRecord): Promise<void> {
  const notice = setTimeout(() => process.stderr.write(`${TIDYING}\n`), TIDYING_MS);
  await record.close();
  clearTimeout(notice);
  record.problems.forEach((problem) => process.stderr.write(`${problem}\n`));
}

function exitCode({ status }: PlanResult, { allowFailures }: Job): number {
  return status === "completed" || (allowFailures && status !== "cancelled") ? 0 : 1;
}
