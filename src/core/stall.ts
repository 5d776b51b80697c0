/** When nothing of a run can move any more, tasks that wait only for abandoned work are skipped, and say for which. */
import { blockersOf } from "./held-by.ts";
import type { Kernel } from "./kernel.ts";
import { leaveLimits } from "./limits/start-waiting.ts";
import { liveChildren, type TaskRecord } from "./task-record.ts";

/** Skips every task that waits for what abandoned work holds. Those behind them go on or are skipped in turn. */
export function skipStalled(kernel: Kernel): void {
  const waiting = waitingBelow(kernel.root);
  if (waiting.some(waitsForTime)) {
    return;
  }
  for (const record of waiting) {
    const holder = record.state === "waiting" ? abandonedBefore(kernel, record) : undefined;
    if (holder !== undefined) {
      kernel.skip(record, { kind: "abandoned", task: holder.key });
    }
  }
}

/** Whether nothing but its rate keeps a task from starting: it will. */
function waitsForTime({ queued, limits, weight, tokens }: TaskRecord): boolean {
  return (
    queued &&
    limits.every((each) => each.fits(weight)) &&
    limits.some(({ rate }) => rate?.holds(tokens) === true)
  );
}

/** A task that waits for its limits is to be settled: it was perhaps the last that could still move, as it waited for its time. */
export function leaveLine(kernel: Kernel, record: TaskRecord): void {
  record.queued = false;
  if (leaveLimits(record.limits)) {
    queueMicrotask(() => kernel.checkStalled());
  }
}

/** The abandoned task that holds what `record` waits for. */
function abandonedBefore(kernel: Kernel, record: TaskRecord): TaskRecord | undefined {
  if (record.unmet > 0) {
    return undefined;
  }
  if (record.queued) {
    return kernel.abandoned.find(
      (each) =>
        each.holdsSlots &&
        each.limits.some((limit) => record.limits.includes(limit) && !limit.fits(record.weight)),
    );
  }
  return blockersOf(record)
    .map(stuckIn)
    .find((each) => each !== undefined);
}

/** The abandoned task at or below a blocker. */
function stuckIn(record: TaskRecord): TaskRecord | undefined {
  if (record.abandoned && !record.stopped) {
    return record;
  }
  for (let child = record.children?.first; child !== undefined; child = child.next) {
    const stuck = stuckIn(child);
    if (stuck !== undefined) {
      return stuck;
    }
  }
  return undefined;
}

function waitingBelow(record: TaskRecord): TaskRecord[] {
  const found: TaskRecord[] = [];
  record.children?.unstarted?.makeRecords();
  record.children?.graph?.makeRecords();
  for (const child of liveChildren(record)) {
    if (child.state === "waiting") {
      found.push(child);
    }
    found.push(...waitingBelow(child));
  }
  return found;
}
