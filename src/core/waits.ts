/**
 * How running tasks wait for others. While any such wait of a task is pending its slots are lent; when the last one ends they
 * are taken back, all at once and ahead of tasks that have not started, before the task goes on.
 *
 * A wait that could deadlock is refused: a task may wait for its descendants and, when it has no claims, for earlier tasks of
 * its scope. The wait-for graph then follows the tree downwards or the order of adding backwards, and has no cycle.
 */
import { abortReason } from "./abort-reason.ts";
import { PLAIN_ESTIMATE } from "./budget/estimate.ts";
import { currentOwner } from "./context.ts";
import { WaitRefusedError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { enqueue, giveSlots, startWaiting } from "./limits/start-waiting.ts";
import { noteEnabledBy, notePaused, noteResumed, noteWaitedInVain, noteWoken } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { isWithin } from "./start-order.ts";
import type { Starting, Waiter } from "./start-queue.ts";
import { causeOf, coldOf, TaskRecord, type Watcher } from "./task-record.ts";

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
    target.watchers = [...(target.watchers ?? []), wait];
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
  /** What it waits for, where that is no task. */
  readonly lock?: PendingLock;
}

/** A mutex that a task waits for. */
export interface PendingLock {
  /** The name of the mutex. */
  readonly name: string;
  /** The task that holds it, if one does. */
  readonly holder: TaskRecord | undefined;
  /** Ends the wait: the mutex will not be free again. */
  refuse(error: Error): void;
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
  const { waits, takeBack } = cold;
  cold.waits = undefined;
  if (waits !== undefined && waits.size > 0) {
    kernel.moving += 1;
  }
  if (takeBack !== undefined) {
    takeBackEnded(record);
    takeBack.resume();
  }
  waits?.forEach((wait) => wait.interrupt(record, reason));
}

/** The attempt has ended: what it left waiting goes on by itself, and takes nothing back. */
export function leaveWaits(kernel: Kernel, record: TaskRecord): void {
  const { cold } = record;
  if ((cold?.waits?.size ?? 0) === 0) {
    kernel.moving -= 1; // While it waits it is not counted.
  }
  const takeBack = cold?.takeBack;
  if (cold !== undefined) {
    cold.waits = undefined;
    takeBackEnded(record);
  }
  takeBack?.resume();
}

/** Forgets a take-back that is no longer wanted. */
function takeBackEnded(record: TaskRecord): void {
  const { cold } = record;
  if (cold?.takeBack !== undefined) {
    cold.takeBack.waits = false;
    cold.takeBack = undefined;
  }
}

/** The running task of this run whose code calls, or else `starter`; none for code outside, and for what a task left behind. */
export function workingTask(kernel: Kernel, starter?: TaskRecord): TaskRecord | undefined {
  const owner = currentOwner() ?? starter;
  const isOurs = owner instanceof TaskRecord && owner.owner === kernel;
  return isOurs && isAtWork(owner) ? owner : undefined;
}

/** Whether the function of the task goes on, so that its waits count. */
export function isAtWork({ state, stopped }: TaskRecord): boolean {
  return state === "running" && !stopped;
}

/** Why the attempt of a task is to stop, as its code is told; undefined where it may go on. */
export function stopReason({ key, decision }: TaskRecord): Error | undefined {
  return decision === undefined || decision.status === "completed"
    ? undefined
    : abortReason(key, causeOf(decision));
}

/** Why a task may not wait. */
function refusalOf(waiter: TaskRecord, target: TaskRecord): unknown {
  const rule = brokenRule(waiter, target);
  return rule === undefined
    ? stopReason(waiter)
    : new WaitRefusedError(waiter.key, target.key, rule);
}

function brokenRule(waiter: TaskRecord, target: TaskRecord): string | undefined {
  if (waiter === target) {
    return "a task cannot end before itself";
  }
  if (isWithin(target, waiter)) {
    return undefined;
  }
  if (target.parent !== waiter.parent) {
    return "it is neither inside it nor of the same scope";
  }
  if (target.index > waiter.index) {
    return "that one was added later and may have to wait for it";
  }
  return waiter.spec.claims === undefined
    ? undefined
    : "a task that holds claims may only wait for tasks inside it; declare it with `after` instead";
}

/** Counts a running task as waiting, and lends its slots. */
export function beginWait(kernel: Kernel, waiter: TaskRecord, wait: PendingWait): void {
  const cold = coldOf(waiter);
  cold.waits ??= new Set();
  cold.waits.add(wait);
  if (cold.waits.size > 1) {
    return;
  }
  const { takeBack } = cold;
  kernel.moving -= 1;
  if (takeBack !== undefined) {
    // The wait before had ended, its slots were not back yet: it goes on without, as another wait is pending again.
    takeBackEnded(waiter);
    takeBack.resume();
    return;
  }
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
  kernel.moving += 1;
  if (waiter.spec.limits.length === 0) {
    noteResumed(kernel.options.log, waiter);
    wait.resume();
    return;
  }
  const takeBack = takeBackOf(kernel, waiter, wait);
  cold.takeBack = takeBack;
  enqueue(takeBack);
  startWaiting(takeBack.limits);
}

/** A running task in line for the slots that it lent. */
function takeBackOf(kernel: Kernel, record: TaskRecord, wait: PendingWait): TakeBack {
  const { limits, weight, priority, remainingMs } = record;
  const { log } = kernel.options;
  const sinceMs = log.wanted ? kernel.now() : 0;
  return {
    takesBack: true,
    waits: true,
    limits,
    weight,
    estimate: PLAIN_ESTIMATE, // What it takes back is no new request.
    count: 1,
    grants: undefined,
    priority,
    remainingMs,
    passedSinceMs: undefined,
    place: record,
    owner: kernel,
    resume: () => wait.resume(),
    take() {
      this.waits = false;
      return this;
    },
    start() {
      coldOf(record).takeBack = undefined;
      record.holdsSlots = true;
      if (log.wanted && kernel.now() > sinceMs) {
        noteEnabledBy(log, record, kernel.handsOn);
      }
      noteResumed(log, record);
      wait.resume();
    },
  };
}

interface TakeBack extends Waiter, Starting {
  waits: boolean;
  readonly resume: () => void;
}
