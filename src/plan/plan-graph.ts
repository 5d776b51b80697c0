/** The order that a plan asks for: every task after the ones it names. */
import { didYouMean } from "../core/suggest.ts";
import type { Plan, PlanTask } from "./plan.ts";

/** Looks for a cycle, and reports it at the first of its tasks that was looked at, with its whole path. */
export function checkGraph(
  tasks: readonly PlanTask[],
  report: (task: string, message: string) => void,
): void {
  let isReported = false;
  walkDown(tasks, (cycle) => {
    const [first] = cycle;
    if (first !== undefined && !isReported) {
      isReported = true;
      const path = [...cycle, first].join(" -> ");
      report(first, `Cannot run the plan as tasks wait for each other: ${path}`);
    }
  });
}

/**
 * The tasks in an order in which each comes after those that it names, as close as possible to the order given. It is the order in
 * which the kernel runs tasks whose claims conflict.
 */
export function inTopologicalOrder(tasks: readonly PlanTask[]): readonly PlanTask[] {
  return walkDown(tasks, () => undefined);
}

/** The tasks of these names and all that they come after, in the order of the plan. */
export function withDependencies(
  tasks: readonly PlanTask[],
  names: ReadonlySet<string>,
): readonly PlanTask[] {
  const needed = new Set(names);
  for (const { name, after } of inTopologicalOrder(tasks).toReversed()) {
    if (needed.has(name)) {
      after.forEach(({ task }) => needed.add(task));
    }
  }
  return tasks.filter(({ name }) => needed.has(name));
}

/**
 * The plan with some of its tasks, and those that they come after.
 *
 * @throws `RangeError` when it has no task of a name.
 */
export function choose(plan: Plan, only: readonly string[] | undefined): Plan {
  if (only === undefined) {
    return plan;
  }
  const names = plan.tasks.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot run only "${unknown}" as the plan has no such task${didYouMean(unknown, names)}: ${names.join(", ")}`,
    );
  }
  return { ...plan, tasks: withDependencies(plan.tasks, new Set(only)) };
}

/** All tasks, each `each` with the task that it runs for every item. */
export function withItems(tasks: readonly PlanTask[]): readonly PlanTask[] {
  return tasks.flatMap((task) => (task.item === undefined ? [task] : [task, task.item]));
}

/** The tasks that no other comes after, teardown aside: what a plan is run for. */
export function resultTasks(tasks: readonly PlanTask[]): readonly PlanTask[] {
  const before = new Set(
    tasks.filter(({ always }) => !always).flatMap(({ after }) => after.map(({ task }) => task)),
  );
  return tasks.filter(({ name, always }) => !always && !before.has(name));
}

/**
 * Visits each task after those that it names (depth first; Cormen et al., "Introduction to Algorithms", section 20.4), and tells of
 * the cycles that it meets.
 */
function walkDown(
  tasks: readonly PlanTask[],
  onCycle: (names: readonly string[]) => void,
): readonly PlanTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const done = new Set<PlanTask>();
  // An explicit stack, since a chain of tasks may be longer than the call stack.
  const path: { readonly task: PlanTask; readonly rest: Iterator<PlanTask> }[] = [];
  const open = new Set<PlanTask>();
  const enter = (task: PlanTask): void => {
    const rest = task.after.flatMap(({ task: name }) => byName.get(name) ?? []).values();
    path.push({ task, rest });
    open.add(task);
  };
  for (const start of tasks) {
    if (!done.has(start)) {
      enter(start);
    }
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        path.pop();
        open.delete(top.task);
        done.add(top.task);
      } else if (open.has(next.value)) {
        const names = [...open].map(({ name }) => name);
        onCycle(names.slice(names.indexOf(next.value.name)));
      } else if (!done.has(next.value)) {
        enter(next.value);
      }
    }
  }
  return [...done];
}

/** Whether functions of modules run in this process. */
export function runsModules({ tasks }: Pick<Plan, "tasks">): boolean {
  return withItems(tasks).some(({ kind }) => kind === "module");
}
