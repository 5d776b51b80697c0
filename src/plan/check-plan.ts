/** What can be said of a plan before it runs: what runs beside what, why not more, and what parallel running gains. */
import { conflictsAmong, unorderedPairs, type Conflict } from "./plan-pairs.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { predict, type Prediction } from "./predict.ts";

/** Advice about a plan. */
export interface PlanAdvice {
  /** The tasks that may run beside each task, by name. */
  readonly beside: ReadonlyMap<string, readonly string[]>;
  /** Pairs that nothing but their claims keeps from running at the same time, in the order in which they run. */
  readonly heldApart: readonly {
    readonly first: string;
    readonly second: string;
    readonly conflict: Conflict;
  }[];
  /** Commands that declare nothing, each with the tasks that write and may run at the same time. */
  readonly unsafe: readonly { readonly task: string; readonly writers: readonly string[] }[];
  /** Limits of which tasks that may run at the same time want more than there is: `wanted`, or even more than that. */
  readonly narrow: readonly {
    readonly limit: string;
    readonly concurrency: number;
    readonly wanted: number;
  }[];
  /** The run with the durations that are known; undefined when there are none. */
  readonly prediction: Prediction | undefined;
  /** Tasks whose duration is not known; in the prediction they count as the mean of the others. */
  readonly unknown: readonly string[];
  /** Why running in parallel is not worth it; empty when it is. */
  readonly notWorthIt: readonly string[];
}

/** Below this, starting costs as much as is gained, in milliseconds. */
const SHORT_MS = 100;

/** Checks a plan. Nothing is run. `durations` are those of earlier runs in milliseconds; `expect` of the plan goes first. */
export function advise(plan: Plan, durations: ReadonlyMap<string, number>): PlanAdvice {
  const conflictsOf = conflictsAmong(plan.tasks);
  const pairs = unorderedPairs(plan.tasks).map((pair) => ({
    ...pair,
    conflict: conflictsOf(pair.first, pair.second)[0],
  }));
  const beside = new Map<string, string[]>(plan.tasks.map(({ name }) => [name, []]));
  for (const { first, second, conflict } of pairs) {
    if (conflict === undefined) {
      beside.get(first.name)?.push(second.name);
      beside.get(second.name)?.push(first.name);
    }
  }
  const known = (task: PlanTask): number | undefined => task.expectedMs ?? durations.get(task.name);
  const knownMs = plan.tasks.flatMap((task) => known(task) ?? []);
  const meanMs = knownMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, knownMs.length);
  const prediction =
    knownMs.length === 0 ? undefined : predict(plan, (task) => known(task) ?? meanMs);
  return {
    beside,
    heldApart: pairs.flatMap(({ first, second, conflict }) =>
      conflict === undefined ? [] : [{ first: first.name, second: second.name, conflict }],
    ),
    unsafe: unsafeCommands(plan.tasks, beside),
    narrow: narrowLimits(plan, beside),
    prediction,
    unknown: plan.tasks.filter((task) => known(task) === undefined).map(({ name }) => name),
    notWorthIt: reasonsAgainst(plan, { beside, prediction, known }),
  };
}

function unsafeCommands(
  tasks: readonly PlanTask[],
  beside: ReadonlyMap<string, readonly string[]>,
): PlanAdvice["unsafe"] {
  const writers = new Set(tasks.filter(({ writes }) => writes.length > 0).map(({ name }) => name));
  return tasks.filter(declaresNothing).flatMap(({ name }) => {
    const near = (beside.get(name) ?? []).filter((each) => writers.has(each));
    return near.length === 0 ? [] : [{ task: name, writers: near }];
  });
}

/** An exclusive task needs nothing declared: nobody is beside it. */
function declaresNothing({ kind, item, reads, writes }: PlanTask): boolean {
  return (item?.kind ?? kind) === "command" && reads.length === 0 && writes.length === 0;
}

/** For each limit, the largest weight of tasks that may all run at once, as far as they are found without trying every choice. */
function narrowLimits(
  { tasks, limits }: Plan,
  beside: ReadonlyMap<string, readonly string[]>,
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
  beside: ReadonlyMap<string, readonly string[]>,
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

function reasonsAgainst(
  { tasks }: Plan,
  facts: {
    readonly beside: ReadonlyMap<string, readonly string[]>;
    readonly prediction: Prediction | undefined;
    readonly known: (task: PlanTask) => number | undefined;
  },
): readonly string[] {
  const { beside, prediction, known } = facts;
  if (
    tasks.length > 1 &&
    [...beside.values()].every((names) => names.length === 0) &&
    tasks.every(({ kind }) => kind !== "each")
  ) {
    return ["every task waits for another one: nothing can run at the same time"];
  }
  if (prediction === undefined) {
    return [];
  }
  const { sequentialMs, makespanMs } = prediction;
  if (sequentialMs < SHORT_MS) {
    return ["all tasks together are expected to take less than 100 ms: there is nothing to gain"];
  }
  const longest = tasks.toSorted((a, b) => (known(b) ?? 0) - (known(a) ?? 0))[0];
  const share = (longest === undefined ? 0 : (known(longest) ?? 0)) / sequentialMs;
  if (tasks.length > 1 && share > 0.8) {
    return [
      `"${longest?.name}" alone is expected to take ${Math.round(share * 100)} % of the time: split it, or make it faster`,
    ];
  }
  return tasks.length > 1 && sequentialMs / makespanMs < 1.1
    ? ["the tasks wait for each other most of the time"]
    : [];
}
