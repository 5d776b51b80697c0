/**
 * Whose waits count, and which are refused as they could deadlock: a task may wait for its descendants and, when it has no claims, for
 * earlier tasks of its scope. The wait-for graph then follows the tree downwards or the order of adding backwards, and has no cycle.
 */
import { abortReason } from "./abort-reason.ts";
import { currentOwner } from "./context.ts";
import { WaitRefusedError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { isWithin } from "./start-order.ts";
import { causeOf, TaskRecord } from "./task-record.ts";

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

/** Why a task may not wait for another; undefined where it may. */
export function refusalOf(waiter: TaskRecord, target: TaskRecord): Error | undefined {
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
