/** Which tasks of a plan may run beside which, and what keeps the others apart. */
import { covers, resourceName } from "../core/resource.ts";
import { inTopologicalOrder } from "./plan-graph.ts";
import type { PlanTask } from "./plan.ts";

/** A resource that two tasks may not use at the same time. */
export interface Conflict {
  /** The resource, as the wider of the two names it. */
  readonly resource: string;
  readonly first: "reads" | "writes";
  readonly second: "reads" | "writes";
}

/** Two tasks, in the order in which they run when they conflict. */
export interface Pair {
  readonly first: PlanTask;
  readonly second: PlanTask;
}

/** Tells what any two of these tasks conflict over; `exclusive` conflicts with everything. */
export function conflictsAmong(
  tasks: readonly PlanTask[],
): (first: PlanTask, second: PlanTask) => readonly Conflict[] {
  const parsed = new Map(tasks.map((task) => [task, usesOf(task)]));
  return (first, second) => {
    if (isExclusive(first) || isExclusive(second)) {
      return [{ resource: "everything", first: "writes", second: "writes" }];
    }
    const a = parsed.get(first) ?? usesOf(first);
    const b = parsed.get(second) ?? usesOf(second);
    return [
      ...overlaps(a.writes, b.writes, "writes", "writes"),
      ...overlaps(a.writes, b.reads, "writes", "reads"),
      ...overlaps(a.reads, b.writes, "reads", "writes"),
    ];
  };
}

/** Every pair of tasks that `after` does not order. */
export function unorderedPairs(tasks: readonly PlanTask[]): readonly Pair[] {
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

/** Whether a task, or each of its items, runs alone. */
function isExclusive({ exclusive, item }: PlanTask): boolean {
  return exclusive || item?.exclusive === true;
}

/** A resource, as written and by its one name. */
interface Use {
  readonly resource: string;
  readonly name: string;
}

function usesOf({ reads, writes }: PlanTask): {
  readonly reads: readonly Use[];
  readonly writes: readonly Use[];
} {
  const use = (resource: string): Use => ({ resource, name: resourceName(resource) });
  return { reads: reads.map(use), writes: writes.map(use) };
}

function overlaps(
  a: readonly Use[],
  b: readonly Use[],
  first: Conflict["first"],
  second: Conflict["second"],
): readonly Conflict[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const isWider = covers(one.name, other.name);
      const isShared = isWider || covers(other.name, one.name);
      return isShared ? [{ resource: (isWider ? one : other).resource, first, second }] : [];
    }),
  );
}
