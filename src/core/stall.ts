/**
 * When nothing of a run can move any more: tasks that wait for a budget start or are skipped, those that wait only for abandoned work
 * are skipped, and say for which.
 */
import { freeBudget } from "./budget/stalled.ts";
import { WaitRefusedError } from "./errors.ts";
import { blockersOf } from "./held-by.ts";
import type { Kernel } from "./kernel.ts";
import { holdsOthersBack, leaveLimits, startWaiting, waitsAt } from "./limits/start-waiting.ts";
import { liveChildren, type TaskRecord } from "./task-record.ts";
import type { PendingLock } from "./waits.ts";

/**
 * Skips every task that waits for what abandoned work holds. Those behind them go on or are skipped in turn. Does nothing while a
 * task waits for a mutex that is held outside of the run: then something can still move.
 */
export function skipStalled(kernel: Kernel): void {
  const locks = pendingLocks(kernel.root);
  if (locks.some(({ lock }) => lock.holder?.owner !== kernel) || refuseLocks(locks)) {
    return;
  }
  const waiting = waitingBelow(kernel.root, []);
  if (waiting.some((record) => waitsAt(record, "rate")) || freeBudget(waiting)) {
    return;
  }
  for (const record of waiting) {
    const holder = record.state === "waiting" ? abandonedBefore(kernel, record) : undefined;
    if (holder !== undefined) {
      kernel.skip(record, { kind: "abandoned", task: holder.key });
    }
  }
}

/** A running task that waits for a mutex. */
interface LockWait {
  readonly record: TaskRecord;
  readonly lock: PendingLock;
}

function pendingLocks(record: TaskRecord): LockWait[] {
  const found: LockWait[] = [];
  for (const { lock } of record.cold?.waits ?? []) {
    if (lock !== undefined) {
      found.push({ record, lock });
    }
  }
  for (let child = record.children?.first; child !== undefined; child = child.next) {
    found.push(...pendingLocks(child));
  }
  return found;
}

/** Ends the waits for mutexes that abandoned work holds. Returns whether there were any: then the run goes on. */
function refuseLocks(locks: readonly LockWait[]): boolean {
  const hopeless = locks.filter(({ lock }) => lock.holder && isStuck(lock.holder));
  for (const { record, lock } of hopeless) {
    const holder = lock.holder as TaskRecord; // Only such are left.
    const rule = `that one was abandoned and still holds mutex "${lock.name}"`;
    lock.refuse(new WaitRefusedError(record.key, holder.key, rule));
  }
  return hopeless.length > 0;
}

/**
 * A task that waits for its limits is to be settled: others go on for whom it was in the way, and it was perhaps the last that could
 * still move, as it waited for its time.
 */
export function leaveLine(kernel: Kernel, record: TaskRecord): void {
  const { limits } = record;
  if (holdsOthersBack(record)) {
    queueMicrotask(() => startWaiting(limits));
  }
  record.queued = false;
  if (leaveLimits(limits)) {
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
  if (isStuck(record)) {
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

/** Whether nobody waits any more for its work to stop. */
function isStuck({ abandoned, stopped }: TaskRecord): boolean {
  return abandoned && !stopped;
}

/** Adds the waiting tasks below one to `found`. */
function waitingBelow(record: TaskRecord, found: TaskRecord[]): readonly TaskRecord[] {
  record.children?.unstarted?.makeRecords();
  record.children?.graph?.makeRecords();
  for (const child of liveChildren(record)) {
    if (child.state === "waiting") {
      found.push(child);
    }
    waitingBelow(child, found);
  }
  return found;
}
