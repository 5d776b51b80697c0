/** How somebody comes to stand in line for limits, and leaves it without having started. */
import { StartQueue, type Waiter } from "../start-queue.ts";
import type { Limit } from "./limit.ts";

/** Many who wait for one limit that knows slots alone, as one that knows its own order. It makes way as soon as anybody else comes. */
export interface Crowd {
  /** How many wait. */
  readonly waiting: number;
  /** Starts its first if that fits. Returns whether it did; it may also have made way. */
  startFirst(limit: Limit): boolean;
  /** Puts those that wait in line one by one. */
  makeWay(): void;
}

/** Puts a waiter in line. It is started by the next {@link startWaiting}. */
export function enqueue(waiter: Waiter, passedSinceMs?: number): void {
  const { limits } = waiter;
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.crowd?.makeWay();
  }
  const queue = queueFor(waiter) ?? new StartQueue(waiter);
  queue.push(waiter, passedSinceMs);
}

/** Whether somebody waits for a limit. */
export function isWaitedFor({ crowd, queues }: Limit): boolean {
  return crowd !== undefined || queues.some((queue) => queue.first !== undefined);
}

/** The queue of a waiter. It stands at all of its limits: the one that has the fewest is asked. */
export function queueFor(waiter: Waiter): StartQueue | undefined {
  const { limits } = waiter;
  let fewest: readonly StartQueue[] | undefined;
  for (let at = 0; at < limits.length; at += 1) {
    const { queues } = limits[at] as Limit; // Not a hole.
    fewest = fewest === undefined || queues.length < fewest.length ? queues : fewest;
  }
  for (let at = 0; fewest !== undefined && at < fewest.length; at += 1) {
    if (fewest[at]?.serves(waiter) === true) {
      return fewest[at];
    }
  }
  return undefined;
}

/** Somebody has left the line without starting. Returns whether one of the limits knows time. */
export function leaveLimits(limits: readonly Limit[]): boolean {
  let isTimed = false;
  for (const each of limits) {
    const { rate } = each;
    if (rate !== undefined) {
      isTimed = true;
      rate.lookAgain(isWaitedFor(each));
    }
  }
  return isTimed;
}
