/**
 * How work is stopped: its signal is aborted, its kernel waits end at once, its children are cancelled; after the grace, work
 * that has still not stopped is abandoned.
 */
import { abortReason } from "./abort-reason.ts";
import type { Kernel } from "./kernel.ts";
import { leaveLimits } from "./limits/line.ts";
import { stepAside } from "./limits/start-waiting.ts";
import { liveChildren } from "./children.ts";
import { causeOf, coldOf, type Decision, type TaskRecord } from "./task-record.ts";
import { interruptWaits } from "./waits.ts";

/** Why work is stopped. */
export type StopDecision = Exclude<Decision, { readonly status: "completed" }>;

/** Stops a task and all that it started. Does nothing to one that has settled or is being stopped. */
export function cancelRecord(kernel: Kernel, record: TaskRecord, decision: StopDecision): void {
  switch (record.state) {
    case "waiting":
      cancelWaiting(kernel, record, decision);
      return;
    case "running":
      if (record.decision === undefined) {
        record.decision = decision;
        cancelChildren(kernel, record, decision);
        abandonAfterGrace(kernel, record);
      } else {
        coldOf(record).unwanted = true;
      }
      return;
    case "settling":
      if (record.decision?.status === "completed") {
        record.decision = decision;
        cancelChildren(kernel, record, decision);
      } else {
        coldOf(record).unwanted = true;
      }
      return;
    case "settled":
  }
}

/** A child failed where failures stop the scope: the rest of the scope is cancelled, and it fails with that error. */
export function failParent(kernel: Kernel, parent: TaskRecord, error: unknown): void {
  if (parent.state === "running" || parent.state === "settling") {
    cancelRecord(kernel, parent, { status: "failed", error });
  }
}

/** Tells the attempt, and all its children but those that run always, to stop. */
export function cancelChildren(kernel: Kernel, record: TaskRecord, decision: StopDecision): void {
  const reason = causeOf(decision);
  interruptWaits(kernel, record, reason);
  record.cold?.controller?.abort(abortReason(record.key, reason));
  cancelEachChild(kernel, record, reason);
}

/** Stops all children of a task but those that run always. */
export function cancelEachChild(kernel: Kernel, record: TaskRecord, reason: unknown): void {
  const unstarted = record.children?.unstarted;
  if (unstarted !== undefined) {
    stepAside(unstarted);
    unstarted.takeAll(); // None of them runs always.
    leaveLimits(unstarted.limits);
  }
  record.children?.graph?.makeRecords();
  for (const child of liveChildren(record)) {
    if (!child.spec.always) {
      cancelRecord(kernel, child, { status: "cancelled", reason });
    }
  }
}

/** Gives the work the grace to stop, then stops waiting for it. */
export function abandonAfterGrace(kernel: Kernel, record: TaskRecord): void {
  const { graceMs } = record.spec;
  if (graceMs === Infinity || record.state !== "running") {
    return;
  }
  coldOf(record).grace = kernel.options.clock.schedule(graceMs, () => abandon(kernel, record));
}

function abandon(kernel: Kernel, record: TaskRecord): void {
  if (record.stopped || record.abandoned) {
    return;
  }
  coldOf(record).abandoned = true;
  kernel.abandoned.push(record);
  const { log } = kernel.options;
  if (log.wanted && record.parent !== undefined) {
    log.add({ type: "attempt-abandoned", taskId: record.id, attempt: record.attempts });
  }
  const freed = kernel.leave(record);
  kernel.ready.expectDrain();
  record.state = "settling";
  if (record.isAlone) {
    kernel.finish(record);
  }
  kernel.handOn(record, freed);
}

/** A task that waits has no work to stop: it settles at once. */
function cancelWaiting(kernel: Kernel, record: TaskRecord, decision: StopDecision): void {
  if (record.cold?.retry !== undefined) {
    record.cold.retry.cancel();
    record.cold.retry = undefined;
    kernel.moving -= 1;
    queueMicrotask(() => kernel.checkStalled()); // It may have been the last that could still move.
  }
  const { key, attempts } = record;
  kernel.settle(
    record,
    decision.status === "failed"
      ? { status: "failed", key, attempts, error: decision.error, abandoned: false }
      : { status: "cancelled", key, attempts, reason: decision.reason, abandoned: false },
  );
}
