/** Runs a plan: its tasks become tasks of the kernel, its references their values. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { TaskFailure } from "../core/errors.ts";
import type { RunEvent } from "../core/event.ts";
import { limit, type Limit } from "../core/limits/limit.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Run } from "../core/run-options.ts";
import { runBatch, type BatchEnd } from "../patterns/run-batch.ts";
import { endMarked } from "../system/marked-processes.ts";
import type { ModelSpent } from "../models/meter.ts";
import { reasonOf } from "../models/source-result.ts";
import { Goal, type PlanVote } from "./goal.ts";
import { fieldOf } from "./kinds.ts";
import { keyVariables } from "./model-source.ts";
import { choose } from "./plan-graph.ts";
import { checkLimits } from "./plan-limits.ts";
import { CALLS_LIMIT, PlanModels, type PlanModelOptions } from "./plan-models.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { noteFailure, taskDefinition, type Running } from "./task-definition.ts";
import { TaskResult, Values } from "./values.ts";

/** Options of {@link runPlan}. */
export interface PlanRunOptions extends PlanModelOptions {
  /** How many tasks run at once over all kinds. @defaultValue that of the plan */
  readonly limit?: number | undefined;
  /** How many run at once by the name of the limit, in place of what the plan says. */
  readonly limits?: Readonly<Record<string, number>> | undefined;
  /** Runs these tasks, and those that they come after, alone. @defaultValue all */
  readonly only?: readonly string[] | undefined;
  /** What a failure does to the others. @defaultValue that of the plan */
  readonly failure?: "stop" | "continue" | undefined;
  /** How long tasks are expected to run, in milliseconds by name; `expect` of the plan goes first. */
  readonly expectedMs?: ReadonlyMap<string, number> | undefined;
  /** How long a cancelled command may take to end before it is killed, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** The folder for the output of commands; must exist. Without one, output beyond 16 KiB is lost to other tasks. */
  readonly outputFolder?: string | undefined;
  /** Called with each line that a command prints. */
  readonly onLine?: ((key: string, line: string, stream: "stdout" | "stderr") => void) | undefined;
  /** Called with every event, at once. What it throws is dropped, and it is not called again. */
  readonly observe?: ((event: RunEvent) => void) | undefined;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The source of time. @defaultValue the real one */
  readonly clock?: Clock | undefined;
  /** What processes of the run carry in their environment, so that they can be found. @defaultValue a random text */
  readonly mark?: string | undefined;
}

/** What became of a plan. */
export interface PlanResult {
  /**
   * `completed`: the goal of the plan was reached. `partial`: it was best effort, and some of it failed. `failed`: a task failed.
   * `cancelled`: it was cancelled from outside.
   */
  readonly status: "completed" | "partial" | "failed" | "cancelled";
  /** How each task ended, in the order of the plan. */
  readonly outcomes: Readonly<Record<string, Outcome<unknown>>>;
  /** The failures in the order in which they happened, those of the items of an `each` included. */
  readonly failures: readonly TaskFailure[];
  /** How the results voted, where the plan asks for it. */
  readonly vote?: PlanVote | undefined;
  /** What all calls of models took; undefined where there was none. */
  readonly spent?: ModelSpent | undefined;
}

/**
 * Runs a plan.
 *
 * Guarantees: never rejects because a task failed. Resolves when every task has its outcome and no process that a command started
 * is left, on Linux also none that left its process group. Not seen: a process that leaves its group and clears its environment.
 *
 * Cancellation: through `signal` or `run.cancel()`; tasks with `always` still run.
 *
 * @throws `RangeError` when `only` or `limits` name what the plan does not have, or a task weighs more than its limit.
 */
export function runPlan(plan: Plan, options: PlanRunOptions = {}): Run<PlanResult> {
  checkLimits(plan, options);
  const { tasks } = choose(plan, options.only);
  const { failure = plan.failure, graceMs = 5000, mark = randomUUID() } = options;
  const running = runningOf(plan, options, { graceMs, mark });
  const goal = new Goal(plan.combine, tasks, running.unpaid);
  const run = runBatch<PlanResult>({
    options: {
      name: plan.name,
      failure,
      graceMs,
      signal: options.signal,
      clock: options.clock,
      observe: options.observe,
      report: "full",
    },
    defaultFailure: "stop",
    batch: (kernel) => ({
      keys: tasks.map(({ name }) => name),
      tasks: tasks.map((task) => taskDefinition(running, task)),
      onOutcome: (outcome, index) => {
        noteFailure(running, outcome);
        const ended = noteResult(running, tasks[index] as PlanTask, outcome); // One outcome a task.
        goal.note(kernel, outcome.key, ended);
      },
    }),
    result: (end) => resultOf(goal, running, end),
  });
  return endingWith(run, () => endMarked(mark, graceMs));
}

/** All that the tasks of a run share, before the first has begun. */
function runningOf(
  plan: Plan,
  options: PlanRunOptions,
  { graceMs, mark }: { readonly graceMs: number; readonly mark: string },
): Running {
  const { limit: width = plan.limit, clock, expectedMs = new Map() } = options;
  const limits = limitsOf(plan, options);
  const runLimit = width === undefined ? undefined : limit({ name: "run", concurrency: width });
  const results = new Map<string, TaskResult>();
  let attempts = 0;
  return {
    plan,
    limits,
    runLimit,
    expectedMs,
    left: new Map(),
    results,
    unpaid: new Set(),
    failures: [],
    surroundings: {
      outputFile: outputFiles(options.outputFolder),
      onLine: options.onLine ?? (() => undefined),
      newMark: () => `${mark}.${(attempts += 1)}`,
      graceMs,
      keyVariables: keyVariables(plan, options),
    },
    models: new PlanModels(plan, options, { calls: limits.get(CALLS_LIMIT), run: runLimit, clock }),
    values: new Values({ inputs: plan.inputs, results, readField: fieldOf }),
  };
}

function resultOf(
  goal: Goal,
  { failures, models }: Running,
  { outcomes, run }: BatchEnd,
): PlanResult {
  const status = goal.isReached(outcomes)
    ? "completed"
    : run.status === "cancelled"
      ? "cancelled"
      : goal.isBestEffort && outcomes.some(({ status }) => status === "completed")
        ? "partial"
        : "failed";
  return {
    status,
    outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome.key, outcome])),
    failures,
    vote: goal.vote,
    spent: models.spent,
  };
}

/** What others see of a task once it has ended: how, and what it left behind. */
function noteResult(
  { left, results }: Running,
  { name, kind }: PlanTask,
  outcome: Outcome<unknown>,
): TaskResult {
  const result = new TaskResult(kind, outcome.status, left.get(name), reasonOf(outcome));
  results.set(name, result);
  return result;
}

function limitsOf(plan: Plan, { limits = {} }: PlanRunOptions): ReadonlyMap<string, Limit> {
  const all = Object.entries({ ...plan.limits, ...limits });
  return new Map(all.map(([name, concurrency]) => [name, limit({ name, concurrency })]));
}

/**
 * Names of files for the output of attempts: readable, and never the same twice, also where capital letters and small ones are
 * the same.
 */
function outputFiles(folder: string | undefined): Running["surroundings"]["outputFile"] {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const nameOf = (key: string): string => {
    const plain = key.replaceAll(/[^\w.-]+/g, "_").slice(0, 80);
    const count = (counts.get(plain.toLowerCase()) ?? 0) + 1;
    counts.set(plain.toLowerCase(), count);
    return count === 1 ? plain : `${plain}~${count}`;
  };
  return ({ key, attempt }, stream) => {
    if (folder === undefined) {
      return undefined;
    }
    const name = names.get(key) ?? nameOf(key);
    names.set(key, name);
    // No plain name has a "~", so that numbers after one are never part of another name.
    return `${folder}/${name}${attempt > 1 ? `~attempt-${attempt}` : ""}.${stream}`;
  };
}

/** The same run, which ends after `end` as well. */
function endingWith<T>(run: Run<T>, end: () => Promise<void>): Run<T> {
  const ended = async (): Promise<T> => {
    try {
      return await run;
    } finally {
      await end();
    }
  };
  return Object.defineProperties(ended(), {
    events: { get: () => run.events },
    report: { get: () => run.report },
    cancel: { value: (reason?: unknown): void => run.cancel(reason) },
  }) as Run<T>; // The three properties defined here are all that Run adds.
}
