/** Whose turn it is among those who wait for limits, and what keeps them from starting. */
import { startsBefore } from "../start-order.ts";
import type { StartQueue, Waiter } from "../start-queue.ts";
import type { Gate } from "./gate.ts";
import type { Limit } from "./limit.ts";

const NO_QUEUES: readonly StartQueue[] = [];

/** The queues at the limits of a waiter whose first comes before it. */
export function aheadOf(waiter: Waiter): readonly StartQueue[] {
  const { limits } = waiter;
  let ahead: StartQueue[] | undefined;
  for (let at = 0; at < limits.length; at += 1) {
    const { queues } = limits[at] as Limit; // Not a hole.
    // Where all wait for the same limits with the same weight, the first goes first, and nobody passes anybody.
    for (let place = 0; queues.length > 1 && place < queues.length;) {
      const queue = queues[place] as StartQueue;
      if (queue.keepPlace()) {
        if (!startsBefore(queue, waiter)) {
          break;
        }
        if (!standsAt(queue, limits, at)) {
          ahead ??= [];
          ahead.push(queue);
        }
        place += 1;
      }
    }
  }
  return ahead ?? NO_QUEUES;
}

/** Whether a queue stands at one of the first so many limits. */
function standsAt({ limits: own }: StartQueue, limits: readonly Limit[], count: number): boolean {
  for (let at = 0; at < count; at += 1) {
    if (own.includes(limits[at] as Limit)) {
      return true;
    }
  }
  return false;
}

/** The first of these queues that is starving. */
export function starvingAmong(ahead: readonly StartQueue[]): StartQueue | undefined {
  for (let at = 0; at < ahead.length; at += 1) {
    if (ahead[at]?.starving === true) {
      return ahead[at];
    }
  }
  return undefined;
}

/** Whether it fits at all of its limits. */
export function hasRoom({ limits, weight }: Waiter): boolean {
  for (let at = 0; at < limits.length; at += 1) {
    const each = limits[at] as Limit; // Not a hole.
    if (!each.fits(weight)) {
      return false;
    }
  }
  return true;
}

/** Whether nothing but its time, or nothing but a budget, keeps somebody from starting. */
export function waitsAt(waiter: Waiter, reason: Gate["reason"]): boolean {
  return (
    waiter.waits &&
    hasRoom(waiter) &&
    waiter.limits.some(({ gate }) => gate?.reason === reason && gate.holds(waiter))
  );
}

/** Whether one of the gates does not let the first of a queue through. */
export function isHeld({ first, isGuarded }: StartQueue): boolean {
  return (
    isGuarded &&
    first !== undefined &&
    !first.takesBack &&
    first.limits.some(({ gate }) => gate?.holds(first))
  );
}
