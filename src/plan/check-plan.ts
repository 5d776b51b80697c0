/** What can be said of a plan before it runs: what runs beside what, why not more, and what parallel running gains. */
import {
  BitMatrix,
  clearBit,
  columnsOf,
  countBits,
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

/** Which tasks may run beside a task: names are made when they are asked for, as thousands of tasks have millions of pairs. */
export interface Beside {
  /** The names of the first so many. @param most - how many at most; all where it is left away */
  names(index: number, most?: number): readonly string[];
  count(index: number): number;
}

/** Advice about a plan. */
export interface PlanAdvice {
  /** The tasks that may run beside each task. */
  readonly beside: Beside;
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

/** How many words of bits are compared in search of such groups, some tenths of a second: of some thousand tasks none is left out. */
const MOST_WORDS = 100_000_000;

/** Below this, starting costs as much as is gained, in milliseconds. */
const SHORT_MS = 100;

/** Checks a plan. Nothing is run. `durations` are those of earlier runs in milliseconds; `expect` of the plan goes first. */
export function advise(plan: Plan, durations: ReadonlyMap<string, number>): PlanAdvice {
  const { tasks } = plan;
  const apart = { conflicting: conflictMatrix(tasks), ordered: orderMatrix(tasks) };
  const nearby = besideMatrix(tasks, apart);
  const beside: Beside = {
    names: (index, most) => namesIn(tasks, nearby.row(index), most),
    count: (index) => countBits(nearby.row(index)),
  };
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
    unsafe: unsafeCommands(tasks, nearby),
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

/** The names of the tasks whose bits are set, in order: the first so many of them. */
function namesIn(tasks: readonly PlanTask[], row: Uint32Array, most?: number): readonly string[] {
  return columnsOf(row, most).map((column) => (tasks[column] as PlanTask).name); // A column is a task.
}

function unsafeCommands(tasks: readonly PlanTask[], nearby: BitMatrix): PlanAdvice["unsafe"] {
  const writers = new Uint32Array(Math.ceil(tasks.length / 32));
  tasks.forEach(({ writes }, index) => writes.length > 0 && setBit(writers, index));
  return tasks.flatMap((task, index) => {
    if (!declaresNothing(task)) {
      return [];
    }
    const near = nearby.row(index).slice();
    keepBits(near, writers);
    const names = namesIn(tasks, near);
    return names.length === 0 ? [] : [{ task: task.name, writers: names }];
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
    const weightOf = (group: readonly number[]): number =>
      group.reduce((sum, index) => sum + (tasks[index]?.weight ?? 0), 0);
    if (weightOf(limited) <= concurrency) {
      return [];
    }
    const wanted = groupsBeside(limited, nearby).map(weightOf);
    const most = wanted.reduce((a, b) => Math.max(a, b), 0);
    return most > concurrency ? [{ limit, concurrency, wanted: most }] : [];
  });
}

/** Groups of tasks of which each may run beside all others of its group. Each task is in at least one of them, unless there are too many. */
function groupsBeside(
  indexes: readonly number[],
  nearby: BitMatrix,
): readonly (readonly number[])[] {
  const grouped = new Set<number>();
  let wordsLeft = MOST_WORDS;
  return indexes.flatMap((first) => {
    if (grouped.has(first) || wordsLeft < 0) {
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
    wordsLeft -= group.length * besideAll.length;
    return [group];
  });
}

function reasonsAgainst(
  { tasks }: Plan,
  facts: {
    readonly beside: Beside;
    readonly prediction: Prediction | undefined;
    readonly known: (task: PlanTask) => number | undefined;
  },
): readonly string[] {
  const { beside, prediction, known } = facts;
  if (
    tasks.length > 1 &&
    tasks.every((_, index) => beside.count(index) === 0) &&
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
