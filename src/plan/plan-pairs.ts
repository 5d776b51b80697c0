/** Which tasks of a plan may run beside which, and what keeps the others apart. */
import { covers, resourceName } from "../core/resource.ts";
import { addBits, BitMatrix, clearBit, columnsOf, setBit } from "./bit-matrix.ts";
import { inTopologicalOrder } from "./plan-graph.ts";
import type { PlanTask } from "./plan.ts";

/** A resource that two tasks may not use at the same time. */
export interface Conflict {
  /** The resource, as the wider of the two names it. */
  readonly resource: string;
  readonly first: "reads" | "writes";
  readonly second: "reads" | "writes";
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

/** Which tasks conflict with which: whether {@link conflictsAmong} says anything of two, for all of them at once. */
export function conflictMatrix(tasks: readonly PlanTask[]): BitMatrix {
  const matrix = new BitMatrix(tasks.length);
  const users = usersOf(tasks);
  tasks.forEach((task, index) => {
    const { reads, writes } = usesOf(task);
    for (const { name } of writes) {
      for (const { readers, writers } of aboveAndAt(name, users)) {
        readers.forEach((other) => matrix.setBoth(index, other));
        writers.forEach((other) => matrix.setBoth(index, other));
      }
    }
    for (const { name } of reads) {
      for (const { writers } of aboveAndAt(name, users)) {
        writers.forEach((other) => matrix.setBoth(index, other));
      }
    }
    if (isExclusive(task)) {
      tasks.forEach((_, other) => matrix.setBoth(index, other));
    }
  });
  tasks.forEach((_, index) => clearBit(matrix.row(index), index)); // A task is not in its own way.
  return matrix;
}

/** Which tasks `after` keeps from running at the same time: one of the two comes before the other, by way of others or not. */
export function orderMatrix(tasks: readonly PlanTask[]): BitMatrix {
  const before = new BitMatrix(tasks.length);
  const both = new BitMatrix(tasks.length);
  const indexes = new Map(tasks.map(({ name }, index) => [name, index]));
  for (const { name, after } of inTopologicalOrder(tasks)) {
    const index = indexes.get(name) as number; // One of the tasks.
    const row = before.row(index);
    for (const each of after) {
      const earlier = indexes.get(each.task);
      if (earlier !== undefined) {
        addBits(row, before.row(earlier));
        setBit(row, earlier);
      }
    }
    columnsOf(row).forEach((earlier) => both.setBoth(index, earlier));
  }
  return both;
}

/** The tasks that use a resource, by their index. */
interface Users {
  readonly readers: number[];
  readonly writers: number[];
}

function usersOf(tasks: readonly PlanTask[]): ReadonlyMap<string, Users> {
  const users = new Map<string, Users>();
  const of = (name: string): Users => {
    const known = users.get(name) ?? { readers: [], writers: [] };
    users.set(name, known);
    return known;
  };
  tasks.forEach((task, index) => {
    const { reads, writes } = usesOf(task);
    reads.forEach(({ name }) => of(name).readers.push(index));
    writes.forEach(({ name }) => of(name).writers.push(index));
  });
  return users;
}

/** Who uses a resource or one above it. Who uses one below it finds it in turn. */
function aboveAndAt(name: string, users: ReadonlyMap<string, Users>): readonly Users[] {
  const found: Users[] = [];
  for (let end = name.length; end > 0; end = name.lastIndexOf("/", end - 1)) {
    const known = users.get(name.slice(0, end));
    if (known !== undefined) {
      found.push(known);
    }
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
