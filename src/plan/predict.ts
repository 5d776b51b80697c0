/** How long a plan would take: a simulation of its starts, with given durations. */
import { columnsOf } from "./bit-matrix.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { inTopologicalOrder } from "./plan-graph.ts";
import { conflictMatrix } from "./plan-pairs.ts";

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
  readonly task: PlanTask;
  readonly durationMs: number;
  /** The jobs that start after its end, by `after` or by a conflict: in the order in which those run, and none twice. */
  readonly next: readonly Job[];
  /** How long it takes from its start to the end of the longest chain that follows. */
  readonly remainingMs: number;
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
  const apart = conflictMatrix(ordered);
  const indexes = new Map(ordered.map(({ name }, index) => [name, index]));
  ordered.forEach(({ after }, index) => {
    for (const { task } of after) {
      const earlier = indexes.get(task);
      if (earlier !== undefined) {
        apart.setBoth(earlier, index);
      }
    }
  });
  const jobs: Job[] = [];
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const task = ordered[index] as PlanTask; // Within the list.
    const later = columnsOf(apart.row(index)).filter((other) => other > index);
    const next = later.map((other) => jobs[other] as Job); // Made before this one.
    const ownMs = durationMs(task);
    const longestMs = next.reduce((most, { remainingMs }) => Math.max(most, remainingMs), 0);
    jobs[index] = { task, durationMs: ownMs, next, remainingMs: ownMs + longestMs };
  }
  return jobs;
}

/** How many slots there are. */
interface Widths {
  readonly all: number;
  readonly byName: Readonly<Record<string, number>>;
}

/** When the last job ends. `order` is that in which jobs start that could all start. */
function simulate(order: readonly Job[], widths: Widths): number {
  const waiting = new Waiting(order);
  const slots = new Slots(widths);
  let nowMs = 0;
  let running: { readonly job: Job; readonly endMs: number }[] = [];
  do {
    const startMs = nowMs;
    for (const job of waiting.start(({ task }) => slots.take(task))) {
      running.push({ job, endMs: startMs + job.durationMs });
    }
    const soonestMs = running.reduce((soonest, { endMs }) => Math.min(soonest, endMs), Infinity);
    const ended = running.filter(({ endMs }) => endMs <= soonestMs);
    running = running.filter(({ endMs }) => endMs > soonestMs);
    ended.forEach(({ job }) => slots.release(job.task));
    waiting.end(ended.map(({ job }) => job));
    nowMs = ended.length === 0 ? nowMs : soonestMs;
  } while (running.length > 0 || waiting.hasReady);
  return nowMs;
}

/** The jobs that have not started. */
class Waiting {
  readonly #ranks: ReadonlyMap<Job, number>;
  /** How many jobs each still comes after. */
  readonly #missing: Map<Job, number>;
  /** Those that come after none any more, in the order in which they may start. */
  #ready: readonly Job[];

  constructor(order: readonly Job[]) {
    this.#ranks = new Map(order.map((job, rank) => [job, rank]));
    this.#missing = new Map(order.map((job) => [job, 0]));
    order.forEach(({ next }) => next.forEach((job) => this.#change(job, 1)));
    this.#ready = order.filter((job) => this.#missing.get(job) === 0);
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Takes out those that can start. */
  start(canStart: (job: Job) => boolean): readonly Job[] {
    const started: Job[] = [];
    this.#ready = this.#ready.filter((job) => {
      const isStarted = canStart(job);
      if (isStarted) {
        started.push(job);
      }
      return !isStarted;
    });
    return started;
  }

  /** These jobs have ended. */
  end(ended: readonly Job[]): void {
    const freed = ended.flatMap(({ next }) => next.filter((job) => this.#change(job, -1) === 0));
    if (freed.length > 0) {
      const rank = (job: Job): number => this.#ranks.get(job) ?? 0;
      this.#ready = [...this.#ready, ...freed].sort((a, b) => rank(a) - rank(b));
    }
  }

  #change(job: Job, by: number): number {
    const left = (this.#missing.get(job) ?? 0) + by;
    this.#missing.set(job, left);
    return left;
  }
}

/** What is in use of each limit. */
class Slots {
  readonly #widths: Widths;
  #inUse = 0;
  readonly #byName = new Map<string, number>();

  constructor(widths: Widths) {
    this.#widths = widths;
  }

  /** Takes what the task needs of all of its limits, where there is enough of each. */
  take({ limits, weight }: PlanTask): boolean {
    const { all, byName } = this.#widths;
    const isFree =
      this.#inUse + weight <= all &&
      limits.every((name) => this.#used(name) + weight <= (byName[name] ?? Infinity));
    if (isFree) {
      this.#add(limits, weight);
    }
    return isFree;
  }

  release({ limits, weight }: PlanTask): void {
    this.#add(limits, -weight);
  }

  #add(names: readonly string[], weight: number): void {
    this.#inUse += weight;
    new Set(names).forEach((name) => this.#byName.set(name, this.#used(name) + weight));
  }

  #used(name: string): number {
    return this.#byName.get(name) ?? 0;
  }
}

function longestChain(jobs: readonly Job[]): Pick<Prediction, "chainMs" | "chain"> {
  const longest = (some: readonly Job[]): Job | undefined =>
    some.reduce<Job | undefined>(
      (most, each) => (most === undefined || each.remainingMs > most.remainingMs ? each : most),
      undefined,
    );
  const chain: string[] = [];
  const first = longest(jobs);
  for (let job = first; job !== undefined; job = longest(job.next)) {
    chain.push(job.task.name);
  }
  return { chainMs: first?.remainingMs ?? 0, chain };
}
