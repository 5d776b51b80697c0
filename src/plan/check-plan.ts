/** What can be said of a plan before it runs: what runs beside what, why not more, and what parallel running gains. */
import {
  BitMatrix,
  clearBit,
  columnsOf,
  dropBits,
  hasBit,
  keepBits,
  setBit,
} from "./bit-matrix.ts";
import { kindOf } from "./kinds.ts";
import { knownItems, namesItem } from "./known-items.ts";
import { inTopologicalOrder } from "./plan-graph.ts";
import { conflictMatrix, conflictsAmong, orderMatrix, type Conflict } from "./plan-pairs.ts";
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
  /**
   * Those of the tasks held apart that claim whole folders, as what the items of their `each` touch is known only once it runs.
   */
  readonly wide: readonly string[];
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
  const { tasks } = plan;
  const apart = { conflicting: conflictMatrix(tasks), ordered: orderMatrix(tasks) };
  const nearby = besideMatrix(tasks, apart);
  const names = tasks.map(({ name }) => name);
  const beside = new Map(
    names.map((name, index) => [
      name,
      columnsOf(nearby.row(index)).map((other) => names[other] as string), // A column is a task.
    ]),
  );
  const known = (task: PlanTask): number | undefined => task.expectedMs ?? durations.get(task.name);
  const knownMs = plan.tasks.flatMap((task) => known(task) ?? []);
  const meanMs = knownMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, knownMs.length);
  const prediction =
    knownMs.length === 0 ? undefined : predict(plan, (task) => known(task) ?? meanMs);
  const pairs = heldApart(tasks, apart);
  return {
    beside,
    heldApart: pairs,
    wide: wideTasks(plan, pairs),
    unsafe: unsafeCommands(tasks, beside),
    narrow: narrowLimits(plan, nearby),
    prediction,
    unknown: plan.tasks.filter((task) => known(task) === undefined).map(({ name }) => name),
    notWorthIt: reasonsAgainst(plan, { beside, prediction, known }),
  };
}

/** What keeps tasks from running at the same time. */
interface Apart {
  readonly conflicting: BitMatrix;
  readonly ordered: BitMatrix;
}

/** Which tasks may run beside which. */
function besideMatrix(tasks: readonly PlanTask[], { conflicting, ordered }: Apart): BitMatrix {
  const beside = new BitMatrix(tasks.length);
  tasks.forEach((_, index) => {
    const row = beside.row(index);
    tasks.forEach((_other, other) => setBit(row, other));
    clearBit(row, index);
    dropBits(row, conflicting.row(index));
    dropBits(row, ordered.row(index));
  });
  return beside;
}

/** The pairs that conflict and that `after` does not order. */
function heldApart(
  tasks: readonly PlanTask[],
  { conflicting, ordered }: Apart,
): PlanAdvice["heldApart"] {
  const place = new Map(inTopologicalOrder(tasks).map((task, index) => [task, index]));
  const conflictsOf = conflictsAmong(tasks);
  return tasks.flatMap((task, index) => {
    const row = conflicting.row(index).slice();
    dropBits(row, ordered.row(index));
    const others = columnsOf(row).filter((other) => other > index);
    return others.map((at) => {
      const other = tasks[at] as PlanTask; // A column is a task.
      const isFirst = (place.get(task) ?? 0) < (place.get(other) ?? 0);
      const [first, second] = isFirst ? [task, other] : [other, task];
      const conflict = conflictsOf(first, second)[0] as Conflict; // They conflict.
      return { first: first.name, second: second.name, conflict };
    });
  });
}

function wideTasks({ tasks, inputs }: Plan, pairs: PlanAdvice["heldApart"]): readonly string[] {
  const apart = new Set(pairs.flatMap(({ first, second }) => [first, second]));
  return tasks.flatMap(({ name, settings, item }) => {
    if (!("each" in settings) || item === undefined || !apart.has(name)) {
      return [];
    }
    const own = kindOf(item.kind).claims?.(item.settings) ?? { reads: [], writes: [] };
    const paths = [...own.reads, ...own.writes].map(({ text }) => text);
    const claims = [...paths, ...item.declared.reads, ...item.declared.writes];
    const isKnown = knownItems(settings.each, inputs) !== undefined;
    return !isKnown && claims.some(namesItem) ? [name] : [];
  });
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
function narrowLimits({ tasks, limits }: Plan, nearby: BitMatrix): PlanAdvice["narrow"] {
  return Object.entries(limits).flatMap(([limit, concurrency]) => {
    const limited = [...tasks.keys()].filter((index) => tasks[index]?.limits.includes(limit));
    const wanted = groupsBeside(limited, nearby).map((group) =>
      group.reduce((sum, index) => sum + (tasks[index]?.weight ?? 0), 0),
    );
    const most = wanted.reduce((a, b) => Math.max(a, b), 0);
    return most > concurrency ? [{ limit, concurrency, wanted: most }] : [];
  });
}

/** Groups of tasks of which each may run beside all others of its group. Each task is in at least one of them. */
function groupsBeside(
  indexes: readonly number[],
  nearby: BitMatrix,
): readonly (readonly number[])[] {
  const grouped = new Set<number>();
  return indexes.flatMap((first) => {
    if (grouped.has(first)) {
      return [];
    }
    const group = [first];
    const besideAll = nearby.row(first).slice();
    for (const index of indexes) {
      if (hasBit(besideAll, index)) {
        group.push(index);
        keepBits(besideAll, nearby.row(index));
      }
    }
    group.forEach((index) => grouped.add(index));
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
