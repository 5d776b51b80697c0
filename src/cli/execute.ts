/** Runs a plan for the command line: shown while it runs, recorded, ended by signals, reported at the end. */
import { randomUUID } from "node:crypto";
import { relative } from "node:path";
import type { RunEvent } from "../core/event.ts";
import type { Report } from "../core/report/report.ts";
import type { Plan } from "../plan/plan.ts";
import { checkLimits, runPlan, type PlanResult } from "../plan/run-plan.ts";
import { lastDurations } from "../recording/durations.ts";
import type { Origin } from "../recording/format.ts";
import { killMarked } from "../system/marked-processes.ts";
import { killAllGroups } from "../system/process-group.ts";
import { CommandOutput, type OutputMode } from "./command-output.ts";
import { estimateRemaining } from "./estimate.ts";
import { runDocument } from "./json-document.ts";
import { LiveView } from "./live-view.ts";
import { PlainView } from "./plain-view.ts";
import { PlanIndex } from "./plan-index.ts";
import { Progress } from "./progress.ts";
import { findings, firstFailure, reportLines } from "./results.ts";
import { RunRecord } from "./run-record.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { watchStdout } from "./stdout.ts";
import { nameWidthOf, type LineContext } from "./task-line.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

/** What to run, and how to show it. */
export interface Job {
  readonly plan: Plan;
  readonly origin: Origin;
  readonly limit: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly failure: "stop" | "continue" | undefined;
  /** Whether failures of tasks leave the exit code at 0. */
  readonly allowFailures: boolean;
  readonly output: OutputMode;
  /** Whether the output of commands is shown in the order of the plan. */
  readonly inOrder: boolean;
  readonly json: boolean;
  readonly color: boolean | undefined;
  readonly out: string | undefined;
  readonly keep: number;
  /** The option of this command that would let more tasks have a limit. */
  readonly optionFor: (limit: string) => string | undefined;
}

/** The exit code when the reader of standard output has gone: 128 and the number of SIGPIPE. */
const EXIT_PIPE = 141;

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
  const signals = watchSignals(
    (signal) => {
      display?.view.print(["Cancelling; a second signal ends everything at once."]);
      cancel.abort(signal);
    },
    () => {
      killAllGroups();
      killMarked(mark);
    },
  );
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
    stdout.restore();
    if (job.json) {
      const { id, path: folder } = record;
      const document = runDocument({ id, name: plan.name, folder }, result, run.report);
      terminal.write(`${JSON.stringify(document, undefined, 2)}\n`);
    } else {
      display?.conclude(result, run.report, record.path);
    }
    await record.close();
    record.problems.forEach((problem) => process.stderr.write(`${problem}\n`));
    return stdout.isClosed
      ? EXIT_PIPE
      : signals.received === undefined
        ? exitCode(result, job)
        : exitCodeOf(signals.received);
  } finally {
    stdout.restore();
    signals.stop();
  }
}

function exitCode({ status }: PlanResult, { allowFailures }: Job): number {
  return status === "completed" || (allowFailures && status !== "cancelled") ? 0 : 1;
}

/** What is shown of one run. */
class Display {
  readonly view: View;
  readonly output: CommandOutput;
  readonly #job: Job;
  readonly #terminal: Terminal;
  readonly #index: PlanIndex;
  readonly #progress = new Progress();

  constructor(job: Job, terminal: Terminal, durations: ReadonlyMap<string, number>) {
    const { plan, origin } = job;
    this.#job = job;
    this.#terminal = terminal;
    this.#index = new PlanIndex(plan, origin.command === "run");
    const context: LineContext = {
      progress: this.#progress,
      colors: terminal.colors,
      index: this.#index,
      nameWidth: nameWidthOf(plan.tasks.map(({ name }) => name)),
    };
    const startedAtMs = performance.now();
    const nowMs = (): number => performance.now() - startedAtMs;
    this.view = terminal.isLive
      ? new LiveView({
          terminal,
          context,
          nowMs,
          remainingMs: () => estimateRemaining(plan, this.#progress, durations, nowMs()),
        })
      : new PlainView(terminal, context);
    this.output = new CommandOutput({
      mode: job.output,
      inOrder: job.inOrder,
      index: this.#index,
      terminal,
      print: (lines) => this.view.print(lines),
    });
  }

  show(event: RunEvent): void {
    const task = this.#progress.apply(event);
    if (task !== undefined) {
      this.view.update(task);
      if (event.type === "task-settled") {
        this.output.settle(task);
      }
    }
  }

  /** How every task ended, the findings, the first failure, the report, and where the recording is. */
  conclude(result: PlanResult, report: Report, folder: string | undefined): void {
    this.view.end();
    const { optionFor } = this.#job;
    const terminal = this.#terminal;
    const ended = { index: this.#index, result, report, terminal, optionFor };
    const lines = [
      ...findings(ended),
      ...firstFailure(ended),
      ...reportLines(ended),
      ...(folder === undefined
        ? []
        : [terminal.colors.dim(`Recorded in ${relative(process.cwd(), folder)}`)]),
    ];
    terminal.write(`${lines.join("\n")}\n`);
  }
}
