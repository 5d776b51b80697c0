/**
 * When nothing of a run can move any more: tasks that wait for a budget start or are skipped, those that wait only for abandoned work
 * are skipped, and say for which. Where a running task waits for abandoned work, its wait is refused.
 */
import { freeBudget } from "./budget/stalled.ts";
import { WaitRefusedError } from "./errors.ts";
import { blockersOf } from "./held-by.ts";
import type { Kernel } from "./kernel.ts";
import { awaitTurn, endTurn } from "./limits/stalled-runs.ts";
import { leaveLimits } from "./limits/line.ts";
import { stepAside } from "./limits/start-waiting.ts";
import { hasRoom, waitsAt } from "./limits/turns.ts";
import { liveChildren } from "./children.ts";
import { TaskRecord } from "./task-record.ts";
import { refuseTakeBack, type PendingLock, type PendingWait } from "./waits.ts";

/**
 * Lets a run go on in which nothing can move by itself. Where that takes somebody of another run, or time, it looks again when one of the
 * limits has had its turn for which its tasks wait.
 */
export function skipStalled(kernel: Kernel): void {
  const wasStuck = kernel.waitsForOthers;
  kernel.waitsForOthers = false;
  skipHopeless(kernel);
  if (kernel.moving === 0 && kernel.root.state !== "settled") {
    for (const record of waitingBelow(kernel.root, [])) {
      if (record.queued) {
        if (kernel.isStuck && !wasStuck) {
          endTurn(record); // Others need wait for it no more.
        }
        awaitTurn(record, kernel);
      }
    }
  }
}

/**
 * Skips every task that waits for what abandoned work holds. Those behind them go on or are skipped in turn. Does nothing while a
 * task waits for a mutex that is held outside of the run, and frees no budget while one waits for slots that are: then something can
 * still move.
 */
function skipHopeless(kernel: Kernel): void {
  const locks = pendingLocks(kernel.root);
  if (locks.some(({ lock }) => lock.holder?.owner !== kernel) || refuseLocks(locks)) {
    return;
  }
  const takers = takersBelow(kernel.root, []);
  if (refuseTakers(kernel, takers)) {
    return;
  }
  const waiting = waitingBelow(kernel.root, []);
  if (waiting.some((record) => waitsAt(record, "rate"))) {
    return;
  }
  const freed = takers.length === 0 ? freeBudget(waiting) : "nothing";
  const waitsForSlots = takers.length > 0 || waiting.some((each) => each.queued && !hasRoom(each));
  kernel.waitsForOthers = freed !== "something" && !waitsForSlots;
  if (freed === "something") {
    queueMicrotask(() => kernel.checkStalled()); // It was perhaps not enough, and nobody may have heard of it.
  }
  if (freed !== "nothing") {
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
  readonly wait: PendingWait;
}

function pendingLocks(record: TaskRecord): LockWait[] {
  const found: LockWait[] = [];
  for (const wait of record.cold?.waits ?? []) {
    const { lock } = wait;
    if (lock !== undefined) {
      found.push({ record, lock, wait });
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
  for (const { record, lock, wait } of hopeless) {
    const holder = lock.holder as TaskRecord; // Only such are left.
    const rule = `that one was abandoned and still holds mutex "${lock.name}"`;
    wait.refuse(new WaitRefusedError(record.key, holder.key, rule));
  }
  return hopeless.length > 0;
}

/** Adds the running tasks from one downwards that wait for the slots that they have lent. */
function takersBelow(record: TaskRecord, found: TaskRecord[]): readonly TaskRecord[] {
  if (record.cold?.takeBack !== undefined) {
    found.push(record);
  }
  for (let child = record.children?.first; child !== undefined; child = child.next) {
    takersBelow(child, found);
  }
  return found;
}

/** Ends the waits of those whose slots abandoned work holds. Returns whether there were any: then the run goes on. */
function refuseTakers(kernel: Kernel, takers: readonly TaskRecord[]): boolean {
  let isRefused = false;
  for (const record of takers) {
    // Each that is refused may let others go on.
    const holder = record.cold?.takeBack && holderOfSlots(kernel, record);
    if (holder !== undefined) {
      const rule = "that one was abandoned and still holds the slots that it needs to go on";
      refuseTakeBack(kernel, record, new WaitRefusedError(record.key, holder.key, rule));
      isRefused = true;
    }
  }
  return isRefused;
}

/** An abandoned task that holds slots which `record` needs, where all else that is held would not do. */
function holderOfSlots(kernel: Kernel, { limits, weight }: TaskRecord): TaskRecord | undefined {
  for (const limit of limits) {
    const holders = kernel.abandoned.filter(
      (each) => each.holdsSlots && each.limits.includes(limit),
    );
    const held = holders.reduce((sum, each) => sum + each.weight, 0);
    if (!limit.fitsBeside(held, weight)) {
      return holders[0];
    }
  }
  return undefined;
}

/**
 * A task that waits for its limits is to be settled: others go on for whom it was in the way, and it was perhaps the last that could
 * still move, as it waited for its time.
 */
export function leaveLine(kernel: Kernel, record: TaskRecord): void {
  const { limits } = record;
  stepAside(record);
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
    return holderOfSlots(kernel, record);
  }
  return blockersOf(record)
    .map((each) => (each instanceof TaskRecord ? stuckIn(each) : undefined)) // Without a record it has not started.
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
