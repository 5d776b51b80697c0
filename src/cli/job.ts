/** What the command line was asked to do. */
import type { Plan } from "../plan/plan.ts";
import type { Origin } from "../recording/format.ts";
import type { OutputMode } from "./command-output.ts";

/** What to run, and how to show it. */
export interface Job {
  readonly plan: Plan;
  readonly origin: Origin;
  readonly limit: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  /** The model of tasks that name none, in place of that of the plan. */
  readonly using: string | undefined;
  /** What all calls of models may cost, in US dollars, in place of what the plan says. */
  readonly budget: number | undefined;
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
