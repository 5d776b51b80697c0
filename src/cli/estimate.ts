/** How long a run will still take, from how long its tasks took before. */
import type { Plan } from "../plan/plan.ts";
import { predict } from "../plan/predict.ts";
import { isSettled, type Progress } from "./progress.ts";

/** More tasks than this are not simulated again and again while they run. */
const MOST_TASKS = 200;

/** The time that is left, in milliseconds; undefined when the duration of an unfinished task is not known. */
export function estimateRemaining(
  plan: Plan,
  progress: Progress,
  durations: ReadonlyMap<string, number>,
  nowMs: number,
): number | undefined {
  if (plan.tasks.length > MOST_TASKS) {
    return undefined;
  }
  const left = new Map<string, number>();
  for (const task of progress.top) {
    const expectedMs =
      plan.tasks.find(({ name }) => name === task.key)?.expectedMs ?? durations.get(task.key);
    if (isSettled(task)) {
      left.set(task.key, 0);
    } else if (expectedMs === undefined) {
      return undefined;
    } else {
      const ranMs = task.startedAtMs === undefined ? 0 : nowMs - task.startedAtMs;
      left.set(task.key, Math.max(0, expectedMs - ranMs));
    }
  }
  return predict(plan, ({ name }) => left.get(name) ?? 0).makespanMs;
}
