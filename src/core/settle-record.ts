/** How the end of a task is carried to whoever waited for it, and how its claims end. */
import { failParent } from "./cancel.ts";
import { skipCause, takeDependents, type Telling, type Until } from "./dependents.ts";
import { InternalError } from "./errors.ts";
import { freedBy } from "./held-by.ts";
import { leaveHolds } from "./holds.ts";
import type { Kernel } from "./kernel.ts";
import { noteEnabledBy, noteSettled } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { leaveLine } from "./stall.ts";
import { childrenOf, unlinkChild } from "./children.ts";
import type { TaskRecord } from "./task-record.ts";

/** Gives a record its outcome, and skips those after it for which only its success would do. Its children have all settled. */
export function settleRecord(kernel: Kernel, record: TaskRecord, outcome: Outcome<unknown>): void {
  let ended: Outcome<unknown> | undefined = outcome;
  // Upwards as long as each was the last that its parent waited for.
  for (let at: TaskRecord | undefined = record; at !== undefined && ended !== undefined;) {
    endRecord(kernel, at, ended);
    if (ended.status === "completed") {
      tellCompleted(kernel, at);
    } else {
      tellOthers(kernel, at);
    }
    at = at.parent;
    ended = at?.state === "settling" && at.isAlone ? kernel.endAttempts(at) : undefined;
  }
}

/** Ends the claims of a settled task once its work, and that of its descendants, has really stopped. */
export function tryRelease(kernel: Kernel, record: TaskRecord): void {
  let at: TaskRecord | undefined = record;
  while (at !== undefined && mayRelease(at)) {
    release(kernel, at);
    at = at.parent;
  }
}

function mayRelease({ released, state, stopped, children }: TaskRecord): boolean {
  return (
    !released && state === "settled" && stopped && (children === undefined || children.live === 0)
  );
}

function release(kernel: Kernel, record: TaskRecord): void {
  record.released = true;
  record.ticket?.release();
  const { parent } = record;
  if (parent === undefined) {
    return;
  }
  const siblings = childrenOf(parent);
  siblings.live -= 1;
  unlinkChild(siblings, record);
  const { exclusives } = siblings;
  if (exclusives !== undefined) {
    for (const freed of freedBy(siblings, record, exclusives)) {
      noteEnabledBy(kernel.options.log, freed, record);
      kernel.advance(freed);
    }
  }
}

function endRecord(kernel: Kernel, record: TaskRecord, outcome: Outcome<unknown>): void {
  if (record.state === "settled") {
    throw new InternalError(`Cannot settle task "${record.key}" twice`);
  }
  record.state = "settled";
  if (record.queued) {
    leaveLine(kernel, record);
  }
  record.outcome = outcome;
  clearTimers(record);
  leaveHolds(kernel, record);
  const { parent } = record;
  if (parent !== undefined) {
    kernel.counts[outcome.status] += 1;
    noteSettled(kernel.options.log, record, outcome);
    childrenOf(parent).open -= 1;
  }
  const counts = outcome.status === "failed" && parent !== undefined && !record.spec.detached;
  if (counts) {
    kernel.failures.push({ key: record.key, attempt: record.attempts, error: outcome.error });
    kernel.failedIn.push(parent);
  }
  tryRelease(kernel, record);
  const { watchers } = record;
  record.watchers = undefined;
  for (let at = 0; watchers !== undefined && at < watchers.length; at += 1) {
    watchers[at]?.onOutcome(outcome, record);
  }
  // The failure stops its siblings before its dependents are looked at: with "stop" they are cancelled, not skipped.
  if (counts && parent.spec.failure === "stop") {
    failParent(kernel, parent, outcome.error);
  }
}

function tellCompleted(kernel: Kernel, record: TaskRecord): void {
  for (let at = takeDependents(record); at !== undefined; at = at.next) {
    endDependency(kernel, at.record, record, at.until);
  }
  record.parent?.children?.graph?.tell(record);
}

/**
 * Tells those after a task that did not complete, and those after each that is skipped, depth first: with an explicit stack, since
 * a chain of tasks may be longer than the call stack.
 */
function tellOthers(kernel: Kernel, record: TaskRecord): void {
  const stack = tellingsOf(record);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { before, record: after, until } = next;
    if (endDependency(kernel, after, before, until)) {
      const { key, attempts } = after;
      const because = skipCause(before);
      endRecord(kernel, after, { status: "skipped", key, attempts, because });
      for (const telling of tellingsOf(after)) {
        stack.push(telling);
      }
    }
  }
}

/** Those after a task, the last first. */
function tellingsOf(before: TaskRecord): Telling[] {
  const tellings = before.parent?.children?.graph?.dependentsOf(before) ?? [];
  for (let at = takeDependents(before); at !== undefined; at = at.next) {
    tellings.push({ before, record: at.record, until: at.until });
  }
  return tellings.toReversed();
}

/** One of those that a task comes after has its outcome. Returns whether the task is to be skipped because of that. */
export function endDependency(
  kernel: Kernel,
  record: TaskRecord,
  before: TaskRecord,
  until: Until,
): boolean {
  record.unmet -= 1;
  if (record.state !== "waiting") {
    return false;
  }
  noteEnabledBy(kernel.options.log, record, before);
  if (until === "completed" && before.outcome?.status !== "completed") {
    return true;
  }
  kernel.advance(record);
  return false;
}

function clearTimers({ cold }: TaskRecord): void {
  cold?.timeout?.cancel();
  cold?.deadline?.cancel();
  cold?.grace?.cancel();
  cold?.retry?.cancel();
}
