/**
 * What a task waits for that is no part of its run: an approval, the rest of a model's answer. It keeps its place and holds no slot: those that
 * conflict with it wait for it, all others go on. As long as it is held the run can still move.
 */
import type { WaitReason } from "./event.ts";
import type { Kernel } from "./kernel.ts";
import { noteWaiting } from "./notes.ts";
import { coldOf, type TaskRecord } from "./task-record.ts";

/** Holds a task that was just added, until each of `reasons` has been released. */
export function hold(kernel: Kernel, record: TaskRecord, reasons: readonly WaitReason[]): void {
  coldOf(record).holds = [...reasons];
  record.unmet += reasons.length;
  kernel.moving += 1;
}

/** One of the things that hold a task has happened. Does nothing where it does not hold it, or not any more. */
export function releaseHold(kernel: Kernel, record: TaskRecord, reason: WaitReason): void {
  const holds = record.cold?.holds;
  const at = holds?.indexOf(reason) ?? -1;
  if (holds === undefined || at < 0 || record.state !== "waiting") {
    return;
  }
  holds.splice(at, 1);
  record.unmet -= 1;
  if (holds.length === 0) {
    leaveHolds(kernel, record);
  }
  noteUnmet(kernel, record);
  kernel.advance(record);
}

/** A held task has settled, or nothing holds it any more. */
export function leaveHolds(kernel: Kernel, record: TaskRecord): void {
  if (record.cold?.holds !== undefined) {
    record.cold.holds = undefined;
    kernel.moving -= 1;
    queueMicrotask(() => kernel.checkStalled()); // It may have been the last that could still move.
  }
}

/** Says what a task waits for before its claims are looked at. */
export function noteUnmet(kernel: Kernel, record: TaskRecord): void {
  if (record.unmet > 0) {
    noteWaiting(kernel.options.log, record, record.cold?.holds?.[0] ?? "dependency");
  }
}
