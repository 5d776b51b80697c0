/** Runs a plan: its tasks become tasks of the kernel, its references their values. */
import { randomUUID } from "node:crypto";
import { cancelEachChild } from "../core/cancel.ts";
import type { Clock } from "../core/clock.ts";
import type { TaskFailure } from "../core/errors.ts";
import type { RunEvent } from "../core/event.ts";
import type { Kernel } from "../core/kernel.ts";
import { limit, type Limit } from "../core/limits/limit.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Run } from "../core/run-options.ts";
import { runBatch, type BatchEnd } from "../patterns/run-batch.ts";
import { endMarked } from "../system/marked-processes.ts";
import { fieldOf } from "./kinds.ts";
import { resultTasks, withDependencies } from "./plan-graph.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { didYouMean } from "../core/suggest.ts";
import { taskDefinition, type Running } from "./task-definition.ts";
import { TaskResult, Values } from "./values.ts";

/** Options of {@link runPlan}. */
export interface PlanRunOptions {
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
  const limits = limitsOf(plan, options);
  const { failure = plan.failure, graceMs = 5000, mark = randomUUID() } = options;
  const results = new Map<string, TaskResult>();
  let attempts = 0;
  const running: Running = {
    plan,
    limits,
    expectedMs: options.expectedMs ?? new Map(),
    left: new Map(),
    results,
    surroundings: {
      outputFile: outputFiles(options.outputFolder),
      onLine: options.onLine ?? (() => undefined),
      newMark: () => `${mark}.${(attempts += 1)}`,
      graceMs,
    },
    values: new Values({ inputs: plan.inputs, results, readField: fieldOf }),
  };
  const race = new Goal(plan, tasks);
  const run = runBatch<PlanResult>({
    options: {
      name: plan.name,
      limit: options.limit ?? plan.limit,
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
        noteResult(running, tasks[index] as PlanTask, outcome); // One outcome a task.
        race.note(kernel, outcome);
      },
    }),
    result: (end) => resultOf(race, end),
  });
  return endingWith(run, () => endMarked(mark, graceMs));
}

/** Watches whether a plan has enough results, and then cancels the rest. */
class Goal {
  readonly #plan: Plan;
  readonly #results: ReadonlySet<string>;
  /** How many results are enough, where the plan wants the first: as many as there can be when only some tasks run. */
  readonly #enough: number;
  #completed = 0;

  constructor(plan: Plan, tasks: readonly PlanTask[]) {
    this.#plan = plan;
    this.#results = new Set(resultTasks(tasks).map(({ name }) => name));
    const { combine } = plan;
    this.#enough =
      combine.kind === "first" ? Math.min(combine.count, this.#results.size) : Infinity;
  }

  /** Whether the plan has reached its goal with these outcomes. */
  isReached(outcomes: readonly Outcome<unknown>[]): boolean {
    return this.#plan.combine.kind === "first"
      ? this.#completed >= this.#enough
      : outcomes.every(isFine);
  }

  get isBestEffort(): boolean {
    return this.#plan.combine.kind === "best-effort";
  }

  /** A task has its outcome. */
  note(kernel: Kernel, { key, status }: Outcome<unknown>): void {
    if (status !== "completed" || !this.#results.has(key)) {
      return;
    }
    this.#completed += 1;
    if (this.#completed === this.#enough) {
      cancelEachChild(kernel, kernel.root, "the plan has enough results");
    }
  }
}

/** Whether a task did what it should: it completed, or found that there was nothing to do, or came after one that did. */
function isFine(outcome: Outcome<unknown>): boolean {
  return (
    outcome.status === "completed" ||
    (outcome.status === "skipped" &&
      (outcome.because.kind === "condition" ||
        (outcome.because.kind === "dependency" && outcome.because.status === "skipped")))
  );
}

function resultOf(goal: Goal, { outcomes, run, kernel }: BatchEnd): PlanResult {
  const status = goal.isReached(outcomes)
    ? "completed"
    : run.status === "cancelled"
      ? "cancelled"
      : goal.isBestEffort && outcomes.some(isFine)
        ? "partial"
        : "failed";
  return {
    status,
    outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome.key, outcome])),
    failures: kernel.failures,
  };
}

/** What others see of a task once it has ended: how, and what it left behind. */
function noteResult(
  { left, results }: Running,
  { name, kind }: PlanTask,
  { status }: Outcome<unknown>,
): void {
  results.set(name, new TaskResult(kind, status, left.get(name)));
}

/**
 * The plan with some of its tasks, and those that they come after.
 *
 * @throws `RangeError` when it has no task of a name.
 */
export function choose(plan: Plan, only: readonly string[] | undefined): Plan {
  if (only === undefined) {
    return plan;
  }
  const names = plan.tasks.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot run only "${unknown}" as the plan has no such task${didYouMean(unknown, names)}: ${names.join(", ")}`,
    );
  }
  return { ...plan, tasks: withDependencies(plan.tasks, new Set(only)) };
}

/**
 * Checks that the limits exist and are wide enough for every task.
 *
 * @throws `RangeError` when one is not.
 */
export function checkLimits(
  plan: Plan,
  { limit: all = plan.limit, limits = {} }: Pick<PlanRunOptions, "limit" | "limits">,
): void {
  const names = Object.keys(plan.limits);
  const unknown = Object.keys(limits).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot change the limit "${unknown}" as the plan has no such limit${didYouMean(unknown, names)}: ${names.join(", ")}`,
    );
  }
  const widths: Readonly<Record<string, number>> = { ...plan.limits, ...limits };
  const tasks = plan.tasks.flatMap((task) => (task.item === undefined ? task : [task, task.item]));
  for (const { name, weight, limits: own } of tasks) {
    const narrow = own.find((each) => weight > (widths[each] ?? Infinity));
    if (narrow !== undefined || weight > (all ?? Infinity)) {
      const what = narrow === undefined ? "the limit of the run" : `the limit "${narrow}"`;
      throw new RangeError(
        `Cannot run task "${name}" as its weight is larger than ${what}: ${weight} > ${narrow === undefined ? all : widths[narrow]}`,
      );
    }
  }
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
