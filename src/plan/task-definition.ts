/** Makes a task of the kernel from a task of a plan. */
import type { TaskFailure } from "../core/errors.ts";
import type { Limit } from "../core/limits/limit.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext, TaskDefinition } from "../core/task.ts";
import { longestEndMs } from "../system/command-end.ts";
import { claimsOf, declaredPaths, isResource, type ClaimedPath } from "./claims.ts";
import type { Surroundings, Work } from "./kind.ts";
import { keepSlots } from "./keep-slots.ts";
import { asksModels, kindOf } from "./kinds.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { CALLS_LIMIT, type PlanModels } from "./plan-models.ts";
import { unpaidReason } from "./unpaid.ts";
import { shownValue, type TaskResult, type Values } from "./values.ts";

/** A plan that runs. */
export interface Running {
  readonly plan: Plan;
  readonly limits: ReadonlyMap<string, Limit>;
  /** How many tasks work at once over all kinds; undefined for as many as the other limits allow. */
  readonly runLimit: Limit | undefined;
  readonly expectedMs: ReadonlyMap<string, number>;
  /** What the latest attempt of each task returned, or left where it failed, by name. */
  readonly left: Map<string, unknown>;
  /** What others see of the tasks that have ended, by name. */
  readonly results: Map<string, TaskResult>;
  /** The names of those that were skipped, they or an item of theirs, as they did not fit into a budget. */
  readonly unpaid: Set<string>;
  /** The failures of tasks and of the items of an `each`, in the order in which they ended. */
  readonly failures: TaskFailure[];
  readonly surroundings: Surroundings;
  readonly models: PlanModels;
  readonly values: Values;
}

/** The task of the kernel for a task of the plan. */
export function taskDefinition(running: Running, task: PlanTask): TaskDefinition<unknown> {
  const { left, values } = running;
  return {
    ...declarationsOf(running, task),
    after: task.after,
    reads: task.reads,
    writes: task.writes,
    run: async (ctx) => {
      try {
        const value = await runKind(running, task, { ctx, values });
        left.set(task.name, value);
        return value;
      } catch (error) {
        left.set(task.name, kindOf(task.kind).leftBy?.(error));
        throw error;
      }
    },
  };
}

/** The declarations that a task and an item have alike. */
function declarationsOf(
  { limits, runLimit, expectedMs, surroundings }: Running,
  task: PlanTask,
): Omit<TaskDefinition<unknown>, "run"> {
  const graceMs = task.graceMs ?? surroundings.graceMs;
  const own = limitNames(task).map((name) => limits.get(name) as Limit); // The loader knows every name.
  return {
    exclusive: task.exclusive,
    limit: isWork(task) && runLimit !== undefined ? [runLimit, ...own] : own,
    weight: task.weight,
    priority: task.priority,
    timeoutMs: task.timeoutMs,
    deadlineMs: task.deadlineMs,
    retry: task.retry,
    always: task.always,
    // A command ends its processes itself: it is not given up before.
    graceMs: task.kind === "command" ? longestEndMs(graceMs) : graceMs,
    expectedMs: task.expectedMs ?? expectedMs.get(task.name),
  };
}

/** Whether it works itself: what asks models keeps its slots while its calls need those of the run, and an `each` runs its items. */
function isWork({ kind }: PlanTask): boolean {
  return kind !== "each" && !asksModels(kind);
}

/** The limits that the task itself obeys. That of the calls is left to them, but for a task that is one call. */
function limitNames({ kind, limits }: PlanTask): readonly string[] {
  return asksModels(kind) && kind !== "model"
    ? limits.filter((name) => name !== CALLS_LIMIT)
    : limits;
}

async function runKind(
  running: Running,
  task: PlanTask,
  { ctx, values }: { readonly ctx: TaskContext; readonly values: Values },
): Promise<unknown> {
  const { plan, surroundings, models } = running;
  await checkWhen(task, { ctx, values });
  const runInside = async (inner: TaskContext): Promise<unknown> => {
    const how = limitNames(task).includes(CALLS_LIMIT) ? "once" : "often";
    const work: Work = {
      ctx: inner,
      task,
      plan,
      values,
      surroundings,
      modelOf: async (name) => await models.find(name, how),
      contextTokensOf: (name) => models.contextTokensOf(name),
      runItems: (items) => runItems(running, task, { ctx, values, items }),
    };
    return await kindOf(task.kind).run(task.settings, work);
  };
  if (!asksModels(task.kind)) {
    return await runInside(ctx);
  }
  try {
    return await keepSlots(ctx, runInside);
  } catch (error) {
    const reason = unpaidReason(error);
    if (reason === undefined) {
      throw error;
    }
    running.unpaid.add(task.name);
    return ctx.skip(reason);
  }
}

async function checkWhen(
  { when, name }: PlanTask,
  { ctx, values }: { readonly ctx: TaskContext; readonly values: Values },
): Promise<void> {
  const answer = await values.resolve(when);
  if (answer === false || answer === "false") {
    ctx.skip(`when: ${String(when)}`);
  }
  if (answer !== true && answer !== "true") {
    throw new TypeError(
      `Cannot decide whether task "${name}" runs as "when" must be true or false: ${shownValue(answer)}`,
    );
  }
}

/** Runs the task of an `each` for every item. They are started in order: of two that conflict, the earlier goes first. */
async function runItems(
  running: Running,
  task: PlanTask,
  at: { readonly ctx: TaskContext; readonly values: Values; readonly items: readonly unknown[] },
): Promise<readonly Outcome<unknown>[]> {
  const inner = task.item as PlanTask; // Every `each` has one.
  const declarations = declarationsOf(running, inner);
  const keys = itemKeys(task.name, at.items);
  const definitions = at.items.map(async (item, index) => {
    const values = at.values.at(item, index);
    const claims = await itemClaims(running.plan, inner, values);
    const run = (ctx: TaskContext): Promise<unknown> => runKind(running, inner, { ctx, values });
    return { ...declarations, ...claims, run };
  });
  const handles = (await Promise.all(definitions)).map((definition, index) =>
    at.ctx.start(keys[index] ?? task.name, definition),
  );
  const outcomes = handles.map(async (handle) => {
    const outcome = await handle.settled();
    noteFailure(running, outcome);
    return outcome;
  });
  return await Promise.all(outcomes);
}

/** Keeps a failure. What failed inside of a task, such as one call of many, is for the task to tell. */
export function noteFailure({ failures }: Running, outcome: Outcome<unknown>): void {
  if (outcome.status === "failed") {
    const { key, attempts: attempt, error } = outcome;
    failures.push({ key, attempt, error });
  }
}

/** What an item claims, now that its paths are known. */
async function itemClaims(
  { folder }: Plan,
  task: PlanTask,
  values: Values,
): Promise<{ readonly reads: readonly string[]; readonly writes: readonly string[] }> {
  const own = kindOf(task.kind).claims?.(task.settings) ?? { reads: [], writes: [] };
  const { declared } = task;
  const claim = async (paths: readonly ClaimedPath[]): Promise<readonly string[]> => {
    const known = paths.map(async (path) => {
      const isPattern = path.isPattern && !isResource(path);
      const texts = await (isPattern ? values.patterns(path.text) : values.texts(path.text));
      return texts.map((text) => ({ ...path, text }));
    });
    return claimsOf((await Promise.all(known)).flat(), folder);
  };
  return {
    reads: await claim([...own.reads, ...declaredPaths(declared.reads)]),
    writes: await claim([...own.writes, ...declaredPaths(declared.writes)]),
  };
}

/** The longest item that names its task, in characters. */
const LONGEST_LABEL = 60;

/**
 * `lint[src/a.ts]`, `lint[20]`: the item itself, where it is a short text, a number, true or false that no other item looks like. Else
 * the index, counted from 0, as `lint[#3]`.
 */
function itemKeys(name: string, items: readonly unknown[]): readonly string[] {
  const labels = items.map(labelOf);
  const counts = new Map<string | undefined, number>();
  labels.forEach((label) => counts.set(label, (counts.get(label) ?? 0) + 1));
  return labels.map((label, index) =>
    label !== undefined && counts.get(label) === 1 ? `${name}[${label}]` : `${name}[#${index}]`,
  );
}

function labelOf(item: unknown): string | undefined {
  const isScalar = ["string", "number", "boolean"].includes(typeof item);
  const label = isScalar ? String(item) : "";
  const isPlain = label.length <= LONGEST_LABEL && !/^#|[\p{Cc}[\]]/u.test(label);
  return label !== "" && isPlain ? label : undefined;
}
