/** The advice about a plan, worked out pair by pair: slowly, and plainly enough to be believed. */
import type { PlanAdvice } from "../../src/plan/check-plan.ts";
import type { Plan, PlanTask } from "../../src/plan/index.ts";
import { inTopologicalOrder } from "../../src/plan/plan-graph.ts";
import { conflictsAmong } from "../../src/plan/plan-pairs.ts";
import type { Prediction } from "../../src/plan/predict.ts";

/** The names of the tasks that may run beside each, by name. */
export type BesideByName = ReadonlyMap<string, readonly string[]>;

/** What is compared of the advice. */
export interface PairAdvice extends Pick<PlanAdvice, "heldApart" | "narrow"> {
  readonly beside: BesideByName;
}

/** Advice with all names at once. */
export function pairAdviceOf({ tasks }: Plan, advice: PlanAdvice): PairAdvice {
  const { heldApart, narrow } = advice;
  return {
    beside: new Map(tasks.map(({ name }, index) => [name, advice.beside.names(index)])),
    heldApart,
    narrow,
  };
}

/** What {@link advise} says of the pairs of a plan. */
export function advisePairByPair({ tasks, limits }: Plan): PairAdvice {
  const conflictsOf = conflictsAmong(tasks);
  const pairs = unorderedPairs(tasks).map((pair) => ({
    ...pair,
    conflict: conflictsOf(pair.first, pair.second)[0],
  }));
  const beside = new Map<string, string[]>(tasks.map(({ name }) => [name, []]));
  for (const { first, second, conflict } of pairs) {
    if (conflict === undefined) {
      beside.get(first.name)?.push(second.name);
      beside.get(second.name)?.push(first.name);
    }
  }
  return {
    beside,
    heldApart: pairs.flatMap(({ first, second, conflict }) =>
      conflict === undefined ? [] : [{ first: first.name, second: second.name, conflict }],
    ),
    narrow: narrowLimits({ tasks, limits }, beside),
  };
}

/** Two tasks, in the order in which they run when they conflict. */
interface Pair {
  readonly first: PlanTask;
  readonly second: PlanTask;
}

/** Every pair of tasks that `after` does not order. */
function unorderedPairs(tasks: readonly PlanTask[]): readonly Pair[] {
  const ordered = inTopologicalOrder(tasks);
  const before = ancestors(ordered);
  const place = new Map(ordered.map((task, index) => [task, index]));
  const inOrder = (a: PlanTask, b: PlanTask): Pair =>
    (place.get(a) ?? 0) < (place.get(b) ?? 0) ? { first: a, second: b } : { first: b, second: a };
  return tasks.flatMap((task, index) =>
    tasks
      .slice(index + 1)
      .map((other) => inOrder(task, other))
      .filter(({ first, second }) => before.get(second.name)?.has(first.name) !== true),
  );
}

/** The names of all tasks that come before each task. */
function ancestors(ordered: readonly PlanTask[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const { name, after } of ordered) {
    const names = after.map(({ task }) => task);
    found.set(name, new Set([...names, ...names.flatMap((each) => [...(found.get(each) ?? [])])]));
  }
  return found;
}

/** For each limit, the largest weight of tasks that may all run at once, as far as they are found without trying every choice. */
function narrowLimits(
  { tasks, limits }: Pick<Plan, "tasks" | "limits">,
  beside: BesideByName,
): PlanAdvice["narrow"] {
  return Object.entries(limits).flatMap(([limit, concurrency]) => {
    const weights = new Map(
      tasks.filter((task) => task.limits.includes(limit)).map(({ name, weight }) => [name, weight]),
    );
    const wanted = groupsBeside([...weights.keys()], beside).map((group) =>
      group.reduce((sum, name) => sum + (weights.get(name) ?? 0), 0),
    );
    const most = Math.max(0, ...wanted);
    return most > concurrency ? [{ limit, concurrency, wanted: most }] : [];
  });
}

/** Groups of tasks of which each may run beside all others of its group. Each task is in at least one of them. */
function groupsBeside(
  names: readonly string[],
  beside: BesideByName,
): readonly (readonly string[])[] {
  const near = new Map(names.map((name) => [name, new Set(beside.get(name))]));
  const grouped = new Set<string>();
  return names.flatMap((first) => {
    if (grouped.has(first)) {
      return [];
    }
    const group = [first];
    for (const name of names) {
      if (group.every((each) => near.get(each)?.has(name))) {
        group.push(name);
      }
    }
    group.forEach((name) => grouped.add(name));
    return [group];
  });
}

/** A task in the simulation. */
interface Job {
  readonly index: number;
  readonly task: PlanTask;
  readonly durationMs: number;
  /** Indexes of the jobs that end before it starts, by `after` or by a conflict. */
  readonly before: readonly number[];
  remainingMs: number;
  endMs: number | undefined;
}

/** What {@link predict} says. */
export function predictStepByStep(
  plan: Pick<Plan, "tasks" | "limit" | "limits">,
  durationMs: (task: PlanTask) => number,
): Prediction {
  const jobs = jobsOf(plan.tasks, durationMs);
  for (let index = jobs.length - 1; index >= 0; index -= 1) {
    const job = jobs[index] as Job; // Within the list.
    const after = jobs.filter(({ before }) => before.includes(index));
    job.remainingMs = job.durationMs + Math.max(0, ...after.map(({ remainingMs }) => remainingMs));
  }
  const order = jobs.toSorted(
    (a, b) => (b.task.priority ?? 0) - (a.task.priority ?? 0) || b.remainingMs - a.remainingMs,
  );
  const makespanMs = simulate(order, { all: plan.limit ?? Infinity, byName: plan.limits });
  return {
    makespanMs,
    sequentialMs: jobs.reduce((sum, job) => sum + job.durationMs, 0),
    ...longestChain(jobs),
  };
}

/** In the order in which conflicting tasks run: each comes after those before it. */
function jobsOf(
  tasks: readonly PlanTask[],
  durationMs: (task: PlanTask) => number,
): readonly Job[] {
  const ordered = inTopologicalOrder(tasks);
  const conflictsOf = conflictsAmong(tasks);
  const indexes = new Map(ordered.map(({ name }, index) => [name, index]));
  return ordered.map((task, index) => {
    const after = task.after.flatMap(({ task: name }) => indexes.get(name) ?? []);
    const conflicting = ordered
      .slice(0, index)
      .flatMap((earlier, at) => (conflictsOf(earlier, task).length > 0 ? [at] : []));
    return {
      index,
      task,
      durationMs: durationMs(task),
      before: [...new Set([...after, ...conflicting])],
      remainingMs: 0,
      endMs: undefined,
    };
  });
}

function simulate(
  order: readonly Job[],
  limits: { readonly all: number; readonly byName: Readonly<Record<string, number>> },
): number {
  let nowMs = 0;
  const running = new Set<Job>();
  const ended = new Set<number>();
  const waiting = new Set(order);
  const inUse = (name: string): number =>
    [...running].reduce((sum, { task }) => sum + (task.limits.includes(name) ? task.weight : 0), 0);
  const mayStart = ({ task, before }: Job): boolean =>
    before.every((index) => ended.has(index)) &&
    [...running].reduce((sum, job) => sum + job.task.weight, 0) + task.weight <= limits.all &&
    task.limits.every((name) => inUse(name) + task.weight <= (limits.byName[name] ?? Infinity));
  while (waiting.size > 0 || running.size > 0) {
    for (const job of waiting) {
      if (mayStart(job)) {
        waiting.delete(job);
        running.add(job);
        job.endMs = nowMs + job.durationMs;
      }
    }
    nowMs = Math.min(...[...running].map(({ endMs }) => endMs ?? nowMs));
    for (const job of running) {
      if ((job.endMs ?? 0) <= nowMs) {
        running.delete(job);
        ended.add(job.index);
      }
    }
  }
  return nowMs;
}

function longestChain(jobs: readonly Job[]): Pick<Prediction, "chainMs" | "chain"> {
  const chain: string[] = [];
  let next = jobs.toSorted((a, b) => b.remainingMs - a.remainingMs)[0];
  const chainMs = next?.remainingMs ?? 0;
  while (next !== undefined) {
    chain.push(next.task.name);
    const { index } = next;
    next = jobs
      .filter(({ before }) => before.includes(index))
      .toSorted((a, b) => b.remainingMs - a.remainingMs)[0];
  }
  return { chainMs, chain };
}
