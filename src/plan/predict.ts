/** How long a plan would take: a simulation of its starts, with given durations. */
import type { Plan, PlanTask } from "./plan.ts";
import { inTopologicalOrder } from "./plan-graph.ts";
import { conflictsAmong } from "./plan-pairs.ts";

/** A predicted run. */
export interface Prediction {
  readonly makespanMs: number;
  readonly sequentialMs: number;
  /** The longest chain of dependencies and conflicting claims: no number of slots makes it shorter. */
  readonly chainMs: number;
  readonly chain: readonly string[];
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

/**
 * Predicts a run: tasks start as the kernel starts them, in the order of priority and then of the longest remaining path (list
 * scheduling; Graham, "Bounds on multiprocessing timing anomalies", 1969). What a task costs beyond its duration is left out.
 */
export function predict(
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
