/** The order that a plan asks for: every task after the ones it names. */
import type { PlanTask } from "./plan.ts";

/** Looks for a cycle, and reports it at the first of its tasks with its whole path. */
export function checkGraph(
  tasks: readonly PlanTask[],
  report: (task: string, message: string) => void,
): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): boolean => {
    const seenAt = path.indexOf(name);
    if (seenAt >= 0) {
      const cycle = [...path.slice(seenAt), name];
      report(
        cycle[0] ?? name,
        `Cannot run the plan as tasks wait for each other: ${cycle.join(" -> ")}`,
      );
      return true;
    }
    if (done.has(name)) {
      return false;
    }
    path.push(name);
    const found = (byName.get(name)?.after ?? []).some(({ task }) => visit(task));
    path.pop();
    done.add(name);
    return found;
  };
  tasks.some(({ name }) => visit(name));
}

/** The tasks of these names and all that they come after, in the order of the plan. */
export function withDependencies(
  tasks: readonly PlanTask[],
  names: ReadonlySet<string>,
): readonly PlanTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (!needed.has(name)) {
      needed.add(name);
      byName.get(name)?.after.forEach(({ task }) => add(task));
    }
  };
  names.forEach(add);
  return tasks.filter(({ name }) => needed.has(name));
}

/** The tasks that no other comes after, teardown aside: what a plan is run for. */
export function resultTasks(tasks: readonly PlanTask[]): readonly PlanTask[] {
  const before = new Set(
    tasks.filter(({ always }) => !always).flatMap(({ after }) => after.map(({ task }) => task)),
  );
  return tasks.filter(({ name, always }) => !always && !before.has(name));
}
