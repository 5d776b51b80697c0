/**
 * How running tasks wait for others. While any such wait of a task is pending its slots are lent; when the last one ends they
 * are taken back, all at once and ahead of tasks that have not started, before the task goes on. Until it has them it counts as one
 * that cannot move. Who may wait for whom is in `wait-rules.ts`.
 */
import { abortReason } from "./abort-reason.ts";
import type { Kernel } from "./kernel.ts";
import { enqueue } from "./limits/line.ts";
import { giveSlots } from "./limits/slots.ts";
import { startWaiting, stepAside } from "./limits/start-waiting.ts";
import { noteInterrupted, notePaused, noteResumed, noteWaitedInVain, noteWoken } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { takeBackOf } from "./take-back.ts";
import { addWatcher, coldOf, type TaskRecord, type Watcher } from "./task-record.ts";
import { refusalOf, stopReason, workingTask } from "./wait-rules.ts";

/** What is waited for. */
export interface WaitOptions<T> {
  /** Who counts as the waiter where the platform cannot tell whose code calls. */
  readonly starter: TaskRecord;
  readonly target: TaskRecord;
  /** Returns or throws what the wait ends with. */
  readonly read: (outcome: Outcome<unknown>) => T;
}

/** Waits for the outcome of a task, on behalf of the task whose code calls. */
export function waitFor<T>(kernel: Kernel, { starter, target, read }: WaitOptions<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter = workingTask(kernel, starter);
    const wait = new Wait(kernel, waiter, target, { read, resolve, reject });
    if (target.outcome !== undefined) {
      noteWaitedInVain(kernel.options.log, waiter, target);
      wait.resume();
      return;
    }
    const refusal = waiter && refusalOf(waiter, target);
    if (refusal !== undefined) {
      reject(refusal);
      return;
    }
    // In this order: lending the slot may run the target to its end at once.
    addWatcher(target, wait);
    if (waiter !== undefined) {
      beginWait(kernel, waiter, wait);
    }
  });
}

/** Waits for what comes of tasks inside the one whose code calls, on behalf of that one: its slots are lent meanwhile. */
export function waitInside<T>(
  kernel: Kernel,
  starter: TaskRecord,
  promise: Promise<T>,
): Promise<T> {
  const waiter = workingTask(kernel, starter);
  const stopped = waiter && stopReason(waiter);
  if (waiter === undefined) {
    return promise;
  }
  if (stopped !== undefined) {
    return Promise.reject(stopped);
  }
  return new Promise((resolve, reject) => {
    const wait: PendingWait = {
      interrupt: (record, reason) => reject(abortReason(record.key, reason)),
      resume: () => resolve(promise),
      refuse: reject,
    };
    const end = (): void => endWait(kernel, waiter, wait, undefined);
    promise.then(end, end);
    beginWait(kernel, waiter, wait);
  });
}

/** A wait that has not ended, as its task sees it. */
export interface PendingWait {
  /** Ends it early, as the attempt of `waiter` was cancelled. */
  interrupt(waiter: TaskRecord, reason: unknown): void;
  /** What was waited for is there, and so are the slots of the task: the code that waited goes on. */
  resume(): void;
  /** What it waits for, or the slots of the task after that, will not be free again: the code that waited goes on with the error. */
  refuse(error: Error): void;
  /** What it waits for, where that is no task. */
  readonly lock?: PendingLock;
}

/** A mutex that a task waits for. */
export interface PendingLock {
  /** The name of the mutex. */
  readonly name: string;
  /** The task that holds it, if one does. */
  readonly holder: TaskRecord | undefined;
}

/**
 * Counts a running task, for the rest of its attempt, as one that waits for those inside it: where they cannot move any more, it
 * cannot either. For a body that is told of their ends instead of awaiting them. Lends no slots.
 */
export function waitForInside(kernel: Kernel, record: TaskRecord): void {
  const wait: PendingWait = {
    interrupt() {
      // Those inside are cancelled with it: their ends wake it.
    },
    resume() {
      // It ends with the attempt.
    },
    refuse() {
      // It takes nothing back.
    },
  };
  const cold = coldOf(record);
  cold.waits ??= new Set();
  cold.waits.add(wait);
  kernel.moving -= 1;
  notePaused(kernel.options.log, record);
}

/** How a wait ends. */
interface WaitEnd {
  readonly read: (outcome: Outcome<unknown>) => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A wait that has not ended. Two objects and no closure, as there may be as many waits as tasks. */
export class Wait implements Watcher, PendingWait {
  readonly #kernel: Kernel;
  readonly #waiter: TaskRecord | undefined;
  readonly #target: TaskRecord;
  readonly #end: WaitEnd;

  constructor(kernel: Kernel, waiter: TaskRecord | undefined, target: TaskRecord, end: WaitEnd) {
    this.#kernel = kernel;
    this.#waiter = waiter;
    this.#target = target;
    this.#end = end;
  }

  onOutcome(): void {
    if (this.#waiter === undefined) {
      this.resume();
    } else {
      endWait(this.#kernel, this.#waiter, this, this.#target);
    }
  }

  resume(): void {
    const { read, resolve, reject } = this.#end;
    try {
      // The target has settled. The promise takes what `read` returns.
      resolve(read(this.#target.outcome as Outcome<unknown>) as never);
    } catch (error) {
      reject(error);
    }
  }

  refuse(error: Error): void {
    this.#end.reject(error);
  }

  interrupt(waiter: TaskRecord, reason: unknown): void {
    if (this.#target.outcome === undefined) {
      this.#end.reject(abortReason(waiter.key, reason));
    } else {
      this.resume();
    }
  }
}

/** Ends all waits of a cancelled attempt at once, without taking slots back. */
export function interruptWaits(kernel: Kernel, record: TaskRecord, reason: unknown): void {
  const { cold } = record;
  if (cold === undefined) {
    return;
  }
  const { waits } = cold;
  cold.waits = undefined;
  const takeBack = endTakeBack(record);
  if (takeBack !== undefined || (waits !== undefined && waits.size > 0)) {
    kernel.moving += 1;
    noteInterrupted(kernel.options.log, record);
  }
  takeBack?.resume();
  waits?.forEach((wait) => wait.interrupt(record, reason));
}

/** The attempt has ended: what it left waiting goes on by itself, and takes nothing back. */
export function leaveWaits(kernel: Kernel, record: TaskRecord): void {
  const { cold } = record;
  const takeBack = endTakeBack(record);
  if (takeBack === undefined && (cold?.waits?.size ?? 0) === 0) {
    kernel.moving -= 1; // While it waits it is not counted.
  }
  if (cold !== undefined) {
    cold.waits = undefined;
  }
  takeBack?.resume();
}

/** Ends the take-back of a running task, which has one, for slots that will not be free again: its code goes on without, and is told. */
export function refuseTakeBack(kernel: Kernel, record: TaskRecord, error: Error): void {
  const takeBack = endTakeBack(record);
  kernel.moving += 1;
  noteResumed(kernel.options.log, record);
  takeBack?.refuse(error);
}

/** Forgets the take-back of a task, as it is no longer wanted. Returns the wait that has ended, if there was one. */
function endTakeBack({ cold }: TaskRecord): PendingWait | undefined {
  const takeBack = cold?.takeBack;
  if (cold !== undefined && takeBack !== undefined) {
    stepAside(takeBack);
    takeBack.waits = false;
    cold.takeBack = undefined;
  }
  return takeBack?.wait;
}

/** Counts a running task as waiting, and lends its slots. */
export function beginWait(kernel: Kernel, waiter: TaskRecord, wait: PendingWait): void {
  const cold = coldOf(waiter);
  cold.waits ??= new Set();
  cold.waits.add(wait);
  if (cold.waits.size > 1) {
    return;
  }
  const takeBack = endTakeBack(waiter);
  if (takeBack !== undefined) {
    // The wait before had ended, its slots were not back yet: it goes on without, as another wait is pending again.
    takeBack.resume();
    return;
  }
  kernel.moving -= 1;
  notePaused(kernel.options.log, waiter, wait.lock?.name);
  const outer = kernel.handsOn;
  kernel.handsOn = waiter;
  startWaiting(giveSlots(waiter));
  kernel.handsOn = outer;
  // What can move may have become nothing at all; that shows only when the code that runs now has ended.
  queueMicrotask(() => kernel.checkStalled());
}

/** What was waited for is there, owing to `by`: the task goes on once it has its slots again. */
export function endWait(
  kernel: Kernel,
  waiter: TaskRecord,
  wait: PendingWait,
  by: TaskRecord | undefined,
): void {
  const { cold } = waiter;
  if (kernel.options.log.wanted && cold?.waits?.has(wait) === true) {
    noteWoken(kernel.options.log, waiter, by);
  }
  // One that is not among them was interrupted, and is told for nothing, or its attempt has ended before it.
  if (cold?.waits?.delete(wait) !== true || cold.waits.size > 0) {
    wait.resume();
    return;
  }
  if (waiter.spec.limits.length === 0) {
    kernel.moving += 1;
    noteResumed(kernel.options.log, waiter);
    wait.resume();
    return;
  }
  const takeBack = takeBackOf(kernel, waiter, wait);
  cold.takeBack = takeBack;
  enqueue(takeBack);
  startWaiting(takeBack.limits);
  if (takeBack.waits) {
    queueMicrotask(() => kernel.checkStalled());
  }
}
