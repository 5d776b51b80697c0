/** Which tasks of a plan may run beside which, and what keeps the others apart. */
import { covers, resourceName } from "../core/resource.ts";
import type { PlanTask } from "./plan.ts";

/** A resource that two tasks may not use at the same time. */
export interface Conflict {
  /** The resource, as the wider of the two names it. */
  readonly resource: string;
  readonly first: "reads" | "writes";
  readonly second: "reads" | "writes";
}

/** Two tasks, in the order of the plan. */
export interface Pair {
  readonly first: PlanTask;
  readonly second: PlanTask;
}

/** What two tasks conflict over; `exclusive` conflicts with everything. */
export function conflictsOf(first: PlanTask, second: PlanTask): readonly Conflict[] {
  if (first.exclusive || second.exclusive) {
    return [{ resource: "everything", first: "writes", second: "writes" }];
  }
  return [
    ...overlaps(first.writes, second.writes, "writes", "writes"),
    ...overlaps(first.writes, second.reads, "writes", "reads"),
    ...overlaps(first.reads, second.writes, "reads", "writes"),
  ];
}

/** Every pair of tasks that `after` does not order. */
export function unorderedPairs(tasks: readonly PlanTask[]): readonly Pair[] {
  const before = ancestors(tasks);
  const isOrdered = (a: PlanTask, b: PlanTask): boolean =>
    before.get(a.name)?.has(b.name) === true || before.get(b.name)?.has(a.name) === true;
  return tasks.flatMap((first, index) =>
    tasks
      .slice(index + 1)
      .filter((second) => !isOrdered(first, second))
      .map((second) => ({ first, second })),
  );
}

/** The names of all tasks that come before each task. */
function ancestors(tasks: readonly PlanTask[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const found = new Map<string, Set<string>>();
  const visit = (task: PlanTask): Set<string> => {
    const known = found.get(task.name);
    if (known !== undefined) {
      return known;
    }
    const names = new Set<string>();
    found.set(task.name, names);
    for (const { task: name } of task.after) {
      const before = byName.get(name);
      if (before !== undefined) {
        names.add(name);
        visit(before).forEach((each) => names.add(each));
      }
    }
    return names;
  };
  tasks.forEach(visit);
  return found;
}

function overlaps(
  a: readonly string[],
  b: readonly string[],
  first: Conflict["first"],
  second: Conflict["second"],
): readonly Conflict[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const [left, right] = [resourceName(one), resourceName(other)];
      const isWider = covers(left, right);
      return isWider || covers(right, left)
        ? [{ resource: isWider ? one : other, first, second }]
        : [];
    }),
  );
}
