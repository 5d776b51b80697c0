/** The report of a run, of the tasks that its plan names: what they do inside, such as the calls of models, counts as theirs. */
import type { FullReport, PathStep, Report, TaskTiming } from "../core/report/report.ts";
import type { PlanIndex } from "./plan-index.ts";

/** The same report, without what tasks have started by themselves. The items of an `each` are tasks. */
export function reportOfPlan(report: Report, index: PlanIndex): Report {
  const { full } = report;
  if (full === undefined) {
    return report;
  }
  const byId = new Map(full.timings.map((timing) => [timing.taskId, timing]));
  const shownOf = (taskId: number): TaskTiming | undefined => {
    for (let at = byId.get(taskId); at !== undefined; at = byId.get(at.parentTaskId ?? -1)) {
      if (isOfPlan(at, byId.get(at.parentTaskId ?? -1), index)) {
        return at;
      }
    }
    return undefined;
  };
  const tasks = { ...report.tasks };
  const timings = full.timings.map((each) => {
    const shown = shownOf(each.taskId);
    if (shown === each) {
      return each;
    }
    if (each.status !== "unfinished") {
      tasks[each.status] -= 1;
    }
    const { taskId, key } = shown ?? each;
    return { ...each, taskId, key, status: "unfinished" as const };
  });
  return {
    ...report,
    tasks,
    full: { ...full, timings, criticalPath: pathOf(full, shownOf) },
  };
}

/** Whether the plan names a task, or it is an item. */
function isOfPlan(
  { key, parentTaskId }: TaskTiming,
  parent: TaskTiming | undefined,
  index: PlanIndex,
): boolean {
  return (
    parentTaskId === undefined ||
    (parent?.parentTaskId === undefined &&
      index.task(parent?.key ?? "")?.kind === "each" &&
      index.task(key) !== undefined)
  );
}

/** Each task once, where it is first on the path. */
function pathOf(
  { criticalPath }: FullReport,
  shownOf: (taskId: number) => TaskTiming | undefined,
): readonly PathStep[] {
  const path = new Map<number, PathStep>();
  for (const step of criticalPath) {
    const { taskId, key } = shownOf(step.taskId) ?? step;
    const before = path.get(taskId);
    path.set(
      taskId,
      before === undefined
        ? { ...step, taskId, key }
        : { ...before, runMs: before.runMs + step.runMs, waitMs: before.waitMs + step.waitMs },
    );
  }
  return [...path.values()];
}
