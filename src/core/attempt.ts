/** How one attempt of a task begins and ends. */
import { abandonAfterGrace, cancelChildren } from "./cancel.ts";
import { callAs } from "./context.ts";
import { SkippedError, TimedOutError } from "./errors.ts";
import { inProcess } from "./executor.ts";
import { retryDelayMs } from "./retry.ts";
import type { Kernel } from "./kernel.ts";
import { closeGrants, endGrants } from "./limits/end-grants.ts";
import type { Limit } from "./limits/limit.ts";
import { giveSlots } from "./limits/slots.ts";
import { startWaiting } from "./limits/start-waiting.ts";
import { notePaused, noteWaiting } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { tryRelease } from "./settle-record.ts";
import { createContext } from "./task-context.ts";
import { causeOf, coldOf, isPaused, type ColdFields, type TaskRecord } from "./task-record.ts";
import { isThenable } from "./thenable.ts";
import { leaveWaits } from "./waits.ts";

/** Calls the function of a record whose turn has come. */
export function beginAttempt(kernel: Kernel, record: TaskRecord): void {
  record.attempts += 1;
  record.stopped = false;
  kernel.moving += 1;
  noteStarted(kernel, record);
  const { timeoutMs } = record.spec;
  if (timeoutMs !== undefined) {
    coldOf(record).timeout = kernel.options.clock.schedule(timeoutMs, () =>
      timeOut(kernel, record, timeoutMs),
    );
  }
  let result: unknown;
  try {
    result = execute(kernel, record);
    if (isThenable(result)) {
      kernel.listeners.listen(record, result);
      return;
    }
  } catch (error) {
    endAttempt(kernel, record, false, error);
    return;
  }
  endAttempt(kernel, record, true, result);
}

function execute(kernel: Kernel, record: TaskRecord): unknown {
  const { executor } = kernel.options;
  const ctx = createContext(kernel, record);
  if (executor === inProcess) {
    return callAs(record, record.context, record.run, ctx); // What `inProcess` does, without an object to tell it of.
  }
  const { key, run, context } = record;
  return callAs(record, context, () => executor.execute({ key, run, ctx }), undefined);
}

/** The function of an attempt has returned or thrown: its work has stopped. */
export function endAttempt(kernel: Kernel, record: TaskRecord, ok: boolean, result: unknown): void {
  record.stopped = true;
  record.decision ??= ok
    ? { status: "completed", value: result }
    : { status: "failed", error: result };
  if (record.abandoned) {
    endAbandoned(kernel, record);
    return;
  }
  const isRunning = kernel.options.log.wanted && !isPaused(record);
  const freed = leaveAttempt(kernel, record);
  // What the body of a run has added starts when the code that runs now has ended.
  const handsOn = record !== kernel.root;
  if (handsOn) {
    kernel.ready.expectDrain();
  }
  record.state = "settling";
  if (isRunning && !record.isAlone) {
    notePaused(kernel.options.log, record);
  }
  if (record.isAlone) {
    kernel.finish(record);
  } else if (record.decision.status !== "completed") {
    cancelChildren(kernel, record, record.decision);
  }
  if (handsOn) {
    kernel.handOn(record, freed);
  } else {
    queueMicrotask(() => kernel.checkStalled()); // It may have been the last that could still move.
  }
}

/** What an attempt holds ends: its clocks, its slots, its lane. */
export function leaveAttempt(kernel: Kernel, record: TaskRecord): readonly Limit[] {
  const { cold } = record;
  leaveWaits(kernel, record);
  if (cold !== undefined) {
    cold.timeout?.cancel();
    cold.grace?.cancel();
    endGrants(record);
    if (cold.lane !== undefined) {
      kernel.lanes.free(cold.lane);
    }
  }
  const keepsSlots = kernel.options.onAbandon === "hold" && record.abandoned;
  const freed = keepsSlots ? [] : giveSlots(record);
  // One that has lent its slots may free something else: tokens, where it took fewer than were estimated.
  return freed.length === 0 && cold?.grants !== undefined ? record.limits : freed;
}

/** The work and the children of an attempt have ended: repeats it, or returns the outcome of the task as was decided. */
export function finishAttempt(kernel: Kernel, record: TaskRecord): Outcome<unknown> | undefined {
  const { decision, spec } = record;
  noteEnded(kernel, record);
  closeGrants(record);
  if (decision?.status === "failed" && !record.abandoned && mayRetry(record, decision.error)) {
    const retry = spec.retry as NonNullable<typeof spec.retry>; // mayRetry found it.
    if (isRejected(record)) {
      retryAtOnce(kernel, record);
    } else {
      retryLater(kernel, record, retryDelayMs(retry, countedAttempts(record), decision.error));
    }
    return undefined;
  }
  if (decision?.status === "completed") {
    spec.retry?.budget?.succeed(countedAttempts(record) > 1);
  }
  return outcomeOf(record);
}

function mayRetry(record: TaskRecord, error: unknown): boolean {
  const { retry } = record.spec;
  if (
    retry === undefined ||
    record.cold?.unwanted === true ||
    countedAttempts(record) >= retry.attempts ||
    error !== (record.decision as { error?: unknown }).error
  ) {
    return false;
  }
  return (
    !isDeadline(error) &&
    !isOwnSkip(record, error) &&
    record.parent?.decision?.status !== "cancelled" &&
    retry.retryIf(error, record.attempts) &&
    (isRejected(record) || (retry.budget?.take() ?? true))
  );
}

/** The attempts without those that the service sent away. */
function countedAttempts({ attempts, cold }: TaskRecord): number {
  return attempts - (cold?.rejections ?? 0);
}

function isRejected({ cold }: TaskRecord): boolean {
  return cold !== undefined && cold.rejected;
}

function isDeadline(error: unknown): boolean {
  return error instanceof TimedOutError && error.clock === "deadline";
}

/** Whether the function of the task threw what `ctx.skip` threw to it. */
function isOwnSkip({ key }: TaskRecord, error: unknown): error is SkippedError {
  return error instanceof SkippedError && error.task === key && error.because.kind === "condition";
}

/** The pause of the limit that sent it away is its delay. */
function retryAtOnce(kernel: Kernel, record: TaskRecord): void {
  prepareRetry(kernel, record, 0);
  kernel.advance(record);
}

function retryLater(kernel: Kernel, record: TaskRecord, delayMs: number): void {
  const cold = prepareRetry(kernel, record, delayMs);
  kernel.moving += 1;
  cold.enabledBy = undefined;
  noteWaiting(kernel.options.log, record, "retry");
  cold.retry = kernel.options.clock.schedule(delayMs, () => {
    cold.retry = undefined;
    kernel.moving -= 1;
    kernel.advance(record);
  });
}

function prepareRetry(kernel: Kernel, record: TaskRecord, delayMs: number): ColdFields {
  const cold = coldOf(record);
  if (cold.grants !== undefined && record.decision?.status === "failed") {
    cold.failure = { error: record.decision.error };
  }
  record.decision = undefined;
  record.state = "waiting";
  cold.controller = undefined;
  const { log } = kernel.options;
  if (log.wanted) {
    const { id: taskId, attempts: attempt } = record;
    log.add({ type: "attempt-retrying", taskId, attempt, delayMs });
  }
  return cold;
}

function timeOut(kernel: Kernel, record: TaskRecord, timeoutMs: number): void {
  if (record.decision === undefined) {
    const error = new TimedOutError(record.key, "timeout", timeoutMs);
    coldOf(record).timedOut = error;
    record.decision = { status: "failed", error };
    cancelChildren(kernel, record, record.decision);
    abandonAfterGrace(kernel, record);
  }
}

/** Work that was given up has stopped after all: what it held is free now, and its result falls on the floor. */
function endAbandoned(kernel: Kernel, record: TaskRecord): void {
  kernel.abandoned.splice(kernel.abandoned.indexOf(record), 1);
  startWaiting(giveSlots(record));
  tryRelease(kernel, record);
}

function outcomeOf(record: TaskRecord): Outcome<unknown> {
  const { key, attempts, abandoned, decision } = record;
  switch (decision?.status) {
    case "failed":
      return isOwnSkip(record, decision.error)
        ? { status: "skipped", key, attempts, because: decision.error.because }
        : { status: "failed", key, attempts, error: decision.error, abandoned };
    case "cancelled":
      return { status: "cancelled", key, attempts, reason: decision.reason, abandoned };
    default:
      return { status: "completed", key, attempts, value: decision?.value };
  }
}

function noteStarted(kernel: Kernel, record: TaskRecord): void {
  const { log } = kernel.options;
  if (!log.wanted || record.parent === undefined) {
    return;
  }
  const cold = coldOf(record);
  cold.lane = kernel.lanes.take(cold.lane);
  cold.waitingFor = undefined;
  log.add({
    type: "attempt-started",
    taskId: record.id,
    attempt: record.attempts,
    slot: cold.lane,
    enabledBy: cold.enabledBy,
  });
}

function noteEnded(kernel: Kernel, record: TaskRecord): void {
  const { log } = kernel.options;
  if (!log.wanted || record.parent === undefined || record.abandoned) {
    return;
  }
  const { decision, id: taskId, attempts: attempt } = record;
  if (
    decision?.status === "completed" ||
    (decision?.status === "failed" && isOwnSkip(record, decision.error))
  ) {
    log.add({ type: "attempt-completed", taskId, attempt });
  } else {
    log.add({ type: "attempt-failed", taskId, attempt, error: causeOf(decision) });
  }
}
