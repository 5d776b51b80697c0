/** What the user sees of one run. */
import { relative } from "node:path";
import type { RunEvent } from "../core/event.ts";
import type { Report } from "../core/report/report.ts";
import type { PlanResult } from "../plan/run-plan.ts";
import { CommandOutput } from "./command-output.ts";
import { estimateRemaining } from "./estimate.ts";
import type { Job } from "./job.ts";
import { LiveView } from "./live-view.ts";
import { PlainView } from "./plain-view.ts";
import { PlanIndex } from "./plan-index.ts";
import { Progress } from "./progress.ts";
import { reportOfPlan } from "./plan-report.ts";
import { findings, firstFailure, reportLines, strayLines, voteLines } from "./results.ts";
import type { StrayError } from "./stray-errors.ts";
import { nameWidthOf, planTaskOf, type LineContext } from "./task-line.ts";
import type { Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

/** What came of a run. */
export interface Concluded {
  readonly result: PlanResult;
  readonly report: Report;
  /** The first error that came from outside of any task. */
  readonly stray: StrayError | undefined;
}

/** Shows one run: its tasks while it goes on, what commands print, and what came of it. */
export class Display {
  readonly view: View;
  readonly output: CommandOutput;
  readonly #job: Job;
  readonly #terminal: Terminal;
  readonly #index: PlanIndex;
  readonly #progress = new Progress();
  readonly #context: LineContext;

  constructor(job: Job, terminal: Terminal, durations: ReadonlyMap<string, number>) {
    const { plan, origin } = job;
    this.#job = job;
    this.#terminal = terminal;
    this.#index = new PlanIndex(plan, origin.command === "run");
    this.#context = {
      progress: this.#progress,
      colors: terminal.colors,
      index: this.#index,
      nameWidth: nameWidthOf(plan.tasks.map(({ name }) => name)),
    };
    const startedAtMs = performance.now();
    const nowMs = (): number => performance.now() - startedAtMs;
    const context = this.#context;
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
      if (event.type === "task-settled" && planTaskOf(task, this.#context) !== undefined) {
        this.output.settle(task);
      }
    }
  }

  /** How every task ended, the findings, the first failure, the report, and where the recording is. */
  conclude({ result, report, stray }: Concluded, folder: string | undefined): void {
    this.view.end();
    const { optionFor } = this.#job;
    const terminal = this.#terminal;
    const index = this.#index;
    const ended = {
      index,
      result,
      stray,
      report: reportOfPlan(report, index),
      terminal,
      optionFor,
    };
    const lines = [
      ...findings(ended),
      ...voteLines(ended),
      ...strayLines(ended),
      ...firstFailure(ended),
      ...reportLines(ended),
      ...(folder === undefined
        ? []
        : [terminal.colors.dim(`Recorded in ${relative(process.cwd(), folder)}`)]),
    ];
    terminal.write(`${lines.join("\n")}\n`);
  }
}
