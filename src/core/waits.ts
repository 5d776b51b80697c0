/**
 * How running tasks wait for others. While any such wait of a task is pending its slots are lent; when the last one ends they
 * are taken back, all at once and ahead of tasks that have not started, before the task goes on.
 *
 * A wait that could deadlock is refused: a task may wait for its descendants and, when it has no claims, for earlier tasks of
 * its scope. The wait-for graph then follows the tree downwards or the order of adding backwards, and has no cycle.
 */
import { abortReason } from "./abort-reason.ts";
import { currentOwner } from "./context.ts";
import { WaitRefusedError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { enqueue, giveSlots, startWaiting } from "./limit.ts";
import type { Outcome } from "./outcome.ts";
import { isWithin, type Place } from "./start-order.ts";
import type { Waiter } from "./start-queue.ts";
import { coldOf, TaskRecord, type Watcher } from "./task-record.ts";

/** What hears of the end of a wait: one of the two is called once. */
export interface WaitEnd {
  resolve(outcome: Outcome<unknown>): void;
  reject(error: unknown): void;
}

/** What is waited for. */
export interface WaitOptions {
  /** Who counts as the waiter where the platform cannot tell whose code calls. */
  readonly starter: TaskRecord;
  readonly target: TaskRecord;
  readonly end: WaitEnd;
}

/** Waits for the outcome of a task, on behalf of the task whose code calls. */
export function waitFor(kernel: Kernel, { starter, target, end }: WaitOptions): void {
  if (target.outcome !== undefined) {
    end.resolve(target.outcome);
    return;
  }
  const waiter = waiterOf(kernel, starter);
  if (waiter === undefined) {
    watch(target, { onOutcome: (outcome) => end.resolve(outcome) });
    return;
  }
  const refusal = refusalOf(waiter, target);
  if (refusal !== undefined) {
    end.reject(refusal);
    return;
  }
  const { decision } = waiter;
  if (decision !== undefined && decision.status !== "completed") {
    const reason = decision.status === "failed" ? decision.error : decision.reason;
    end.reject(abortReason(waiter.key, reason));
    return;
  }
  const wait = new Wait(kernel, waiter, target, end);
  // In this order: lending the slot may run the target to its end at once.
  watch(target, wait);
  beginWait(kernel, wait);
}

/** A kernel wait of a running task: one object, as there may be as many as tasks. */
export class Wait implements Watcher {
  readonly waiter: TaskRecord;
  readonly #kernel: Kernel;
  readonly #target: TaskRecord;
  readonly #end: WaitEnd;

  constructor(kernel: Kernel, waiter: TaskRecord, target: TaskRecord, end: WaitEnd) {
    this.waiter = waiter;
    this.#kernel = kernel;
    this.#target = target;
    this.#end = end;
  }

  onOutcome(outcome: Outcome<unknown>): void {
    endWait(this.#kernel, this, outcome);
  }

  deliver(outcome: Outcome<unknown>): void {
    this.#end.resolve(outcome);
  }

  /** Ends it early, as the attempt that waits was cancelled. */
  interrupt(reason: unknown): void {
    const { outcome } = this.#target;
    if (outcome === undefined) {
      this.#end.reject(abortReason(this.waiter.key, reason));
    } else {
      this.#end.resolve(outcome);
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
  waits?.forEach((wait) => wait.interrupt(reason));
}

/** Forgets a take-back that is no longer wanted. */
export function takeBackEnded(record: TaskRecord): void {
  const { cold } = record;
  if (cold?.takeBack !== undefined) {
    cold.takeBack.waits = false;
    cold.takeBack = undefined;
  }
}

function watch(target: TaskRecord, watcher: Watcher): void {
  const { watchers } = target;
  target.watchers = watchers === undefined ? [watcher] : [...watchers, watcher];
}

/** The running task of this run whose code calls; none for code outside, and for what a task left behind. */
function waiterOf(kernel: Kernel, starter: TaskRecord): TaskRecord | undefined {
  const owner = currentOwner() ?? starter;
  const isOurs = owner instanceof TaskRecord && owner.owner === kernel;
  return isOurs && owner.state === "running" && !owner.stopped ? owner : undefined;
}

function refusalOf(waiter: TaskRecord, target: TaskRecord): WaitRefusedError | undefined {
  if (waiter === target) {
    return new WaitRefusedError(waiter.key, target.key, "a task cannot end before itself");
  }
  if (isWithin(target, waiter)) {
    return undefined;
  }
  if (target.parent !== waiter.parent) {
    return new WaitRefusedError(
      waiter.key,
      target.key,
      "it is neither inside it nor of the same scope",
    );
  }
  if (target.index > waiter.index) {
    return new WaitRefusedError(
      waiter.key,
      target.key,
      "that one was added later and may have to wait for it",
    );
  }
  if (waiter.spec.claims !== undefined) {
    return new WaitRefusedError(
      waiter.key,
      target.key,
      "a task that holds claims may only wait for tasks inside it; declare it with `after` instead",
    );
  }
  return undefined;
}

function beginWait(kernel: Kernel, wait: Wait): void {
  const { waiter } = wait;
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
  notePause(kernel, waiter, "attempt-paused");
  startWaiting(giveSlots(waiter));
  // What can move may have become nothing at all; that shows only when the code that runs now has ended.
  queueMicrotask(() => kernel.checkStalled());
}

function endWait(kernel: Kernel, wait: Wait, outcome: Outcome<unknown>): void {
  const { waiter } = wait;
  const { cold } = waiter;
  if (cold?.waits?.delete(wait) !== true) {
    return; // It was interrupted.
  }
  if (cold.waits.size > 0) {
    wait.deliver(outcome);
    return;
  }
  kernel.moving += 1;
  if (waiter.spec.limits.length === 0) {
    notePause(kernel, waiter, "attempt-resumed");
    wait.deliver(outcome);
    return;
  }
  const takeBack = new TakeBack(kernel, waiter, () => wait.deliver(outcome));
  cold.takeBack = takeBack;
  enqueue(takeBack);
  startWaiting(takeBack.limits);
}

/** A running task in line for the slots that it lent. */
class TakeBack implements Waiter {
  readonly takesBack = true;
  waits = true;
  readonly resume: () => void;
  readonly #kernel: Kernel;
  readonly #record: TaskRecord;

  constructor(kernel: Kernel, record: TaskRecord, resume: () => void) {
    this.#kernel = kernel;
    this.#record = record;
    this.resume = resume;
  }

  get limits(): TaskRecord["limits"] {
    return this.#record.limits;
  }

  get weight(): number {
    return this.#record.weight;
  }

  get priority(): number {
    return this.#record.priority;
  }

  get remainingMs(): number {
    return this.#record.remainingMs;
  }

  get place(): Place {
    return this.#record;
  }

  now(): number {
    return 0;
  }

  notePassed(): void {
    // Take-backs come first in any case.
  }

  ageSince(): boolean {
    return true;
  }

  take(): this {
    this.waits = false;
    return this;
  }

  start(): void {
    coldOf(this.#record).takeBack = undefined;
    this.#record.holdsSlots = true;
    notePause(this.#kernel, this.#record, "attempt-resumed");
    this.resume();
  }
}

function notePause(
  kernel: Kernel,
  record: TaskRecord,
  type: "attempt-paused" | "attempt-resumed",
): void {
  const { log } = kernel.options;
  if (log.wanted && record.parent !== undefined) {
    log.add({ type, taskId: record.id, attempt: record.attempts });
  }
}
