/** Who waits for limits, and who of them starts: as soon as something is free, or its time has come. */
import type { Starting, StartQueue, Waiter } from "../start-queue.ts";
import type { Grant } from "./gate.ts";
import type { Limit } from "./limit.ts";
import { isWaitedFor, queueFor } from "./line.ts";
import { tellStalled } from "./stalled-runs.ts";
import { aheadOf, hasRoom, isHeld, starvingAmong } from "./turns.ts";

/**
 * Somebody is about to leave the line, and not as its turn has come. Where its limits were kept free for it, as others had passed it for
 * long enough, or a gate may let the next one through, others go on when the code that runs now has ended.
 */
export function stepAside(waiter: Waiter): void {
  const queue = queueFor(waiter);
  if (queue !== undefined && (queue.starving || queue.isGuarded) && queue.first === waiter) {
    queueMicrotask(() => startWaiting(waiter.limits));
  }
}

let starting = false;
/** The last is looked at first. */
const pending: Limit[] = [];
/** How many were refused when their turn came. */
let refused = 0;
/** Whether somebody who has room has not started. */
let isHeldUp = false;

/** Starts every waiter of these limits that may start now, in start order. A call from inside a start joins the one under way. */
export function startWaiting(limits: readonly Limit[]): void {
  // The last first, so that the first of them is looked at first: whoever is ready longest has named it.
  for (let at = limits.length - 1; at >= 0; at -= 1) {
    const each = limits[at];
    if (each !== undefined && (each.queues.length > 0 || each.crowd !== undefined)) {
      pending.push(each);
    }
  }
  if (starting) {
    return;
  }
  starting = true;
  try {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      isHeldUp = false;
      while (startOne(next)) {
        // Each start may change what may start next.
      }
      if (isHeldUp) {
        tellStalled(next);
      }
    }
  } finally {
    starting = false;
  }
}

/** Starts the first waiter, in start order, that may start. Returns whether there was one. */
function startOne(limit: Limit): boolean {
  const { queues, crowd } = limit;
  if (crowd !== undefined) {
    const isStarted = crowd.startFirst(limit);
    if (isStarted || limit.crowd !== undefined) {
      return isStarted;
    }
  }
  if (limit.aging.length > 0) {
    ageAll(limit);
  }
  if (!limit.fits(1)) {
    return false; // Nobody weighs less.
  }
  const only = queues[0];
  if (queues.length === 1 && only !== undefined) {
    const { first, limits } = only;
    if (first === undefined) {
      return only.rest();
    }
    return limits.length === 1 ? startAlone(only, first) : startFirstOf(only);
  }
  for (let at = 0; at < queues.length;) {
    const queue = queues[at] as StartQueue; // Not a hole.
    if (queue.keepPlace()) {
      if (startFirstOf(queue)) {
        return true;
      }
      if (queue.starving) {
        isHeldUp = true;
        return false; // It holds back all who come after it, wherever they stand besides.
      }
      // Looking at other limits may have put others in their places.
      at = (queues[at] === queue ? at : queues.indexOf(queue)) + 1;
    }
  }
  return false;
}

/** Starts the first of a queue beside which nobody waits for its one limit, if it may start: what {@link startFirstOf} would do, in one look. */
function startAlone(queue: StartQueue, first: Waiter): boolean {
  if (!hasRoom(first)) {
    return false;
  }
  if (queue.isGuarded && !first.takesBack && !isAdmitted(first)) {
    isHeldUp = true;
    return false;
  }
  startFrom(queue, first);
  return true;
}

/**
 * Starts the first of a queue if it may start; but first those who come before it at one of its limits and may start as well, as another
 * limit has not had its turn yet, and before them those who come before them. One that is starving holds it back. Returns whether there
 * may be more to start.
 */
function startFirstOf(queue: StartQueue): boolean {
  let turn = turnOf(queue);
  if (turn === undefined) {
    return false;
  }
  // A list, as they may be more than the call stack holds.
  let later: StartQueue[] | undefined;
  while (turn !== undefined) {
    const waiter = turn.first as Waiter; // It is to start.
    const ahead = aheadOf(waiter);
    const refusedBefore = refused;
    const earlier = turnAmong(ahead);
    if (refused !== refusedBefore) {
      return true; // Whoever hears of that may have changed everything.
    }
    if (earlier !== undefined) {
      later ??= [];
      later.push(turn);
      turn = earlier;
    } else {
      pass(ahead, waiter);
      passOver(waiter);
      startFrom(turn, waiter);
      turn = turnAgain(later);
    }
  }
  return true;
}

/** The last of those who let others go first that may still start. */
function turnAgain(later: StartQueue[] | undefined): StartQueue | undefined {
  for (let next = later?.pop(); next !== undefined; next = later?.pop()) {
    const turn = turnOf(next);
    if (turn !== undefined) {
      return turn;
    }
  }
  return undefined;
}

/** The first of these queues whose first may start, and is not held by its gate. */
function turnAmong(ahead: readonly StartQueue[]): StartQueue | undefined {
  for (let at = 0; at < ahead.length; at += 1) {
    const earlier = ahead[at] as StartQueue; // Not a hole.
    const turn = isHeld(earlier) ? undefined : turnOf(earlier);
    if (turn !== undefined) {
      return turn;
    }
  }
  return undefined;
}

/** The queue if its first fits and is let through; or instead of it the one that holds it back, as that is starving. */
function turnOf(queue: StartQueue): StartQueue | undefined {
  for (let turn = queue; ;) {
    const waiter = turn.first;
    if (waiter === undefined || !hasRoom(waiter)) {
      isHeldUp ||= turn !== queue;
      return undefined;
    }
    const starving = starvingAmong(aheadOf(waiter));
    if (starving !== undefined) {
      turn = starving;
    } else if (turn.isGuarded && !waiter.takesBack && !isAdmitted(waiter)) {
      isHeldUp = true;
      return undefined;
    } else {
      return turn;
    }
  }
}

/** Notes that a waiter goes before the first of these queues. */
function pass(ahead: readonly StartQueue[], waiter: Waiter): void {
  for (let at = 0; at < ahead.length; at += 1) {
    const queue = ahead[at] as StartQueue; // Not a hole.
    if (queue.countPassing(waiter)) {
      pending.push(...queue.limits); // It may come before those now who have held it back.
    }
  }
}

/**
 * Notes that a waiter goes before those of lower priority, who will have waited for too long one day: at each of its limits one of the queues
 * in turn, as there may be as many as there are keys.
 */
function passOver({ limits, priority }: Waiter): void {
  for (let at = 0; at < limits.length; at += 1) {
    const each = limits[at] as Limit; // Not a hole.
    if (each.queues.length > 1) {
      each.looksAt = (each.looksAt + 1) % each.queues.length;
      each.queues[each.looksAt]?.notePassedOver(priority);
    }
  }
}

/** Whether the gates of all its limits let it through. If not, the first of them that does not wakes when it may. */
function isAdmitted(waiter: Waiter): boolean {
  for (const { gate } of waiter.limits) {
    if (gate !== undefined && !gate.admits(waiter)) {
      if (waiter.waits) {
        waiter.owner.onHeld(waiter);
      } else {
        refused += 1;
      }
      return false;
    }
  }
  return true;
}

/** Starts somebody who fits, although others in its line have their turn before. Returns whether it does. */
export function startOutOfTurn(waiter: Waiter): boolean {
  const fits = hasRoom(waiter) && isAdmitted(waiter);
  if (fits) {
    stepAside(waiter);
    charge(waiter, waiter.take(), true);
  }
  return fits;
}

/** The slots are charged before anybody wakes. What was kept free for the one who starts, and is more than it takes, is for others now. */
function startFrom(queue: StartQueue, first: Waiter): void {
  if (first.passed?.isEnough === true) {
    pending.push(...first.limits);
  }
  charge(first, queue.take(first), queue.isGuarded);
}

function charge(waiter: Waiter, taken: Starting, isGuarded: boolean): void {
  const { limits, weight } = waiter;
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.take(weight);
  }
  if (isGuarded && !waiter.takesBack) {
    taken.grants = grantsOf(waiter);
  }
  taken.start();
}

function grantsOf(waiter: Waiter): readonly Grant[] {
  const grants: Grant[] = [];
  for (const each of waiter.limits) {
    const { gate, rate } = each;
    if (gate !== undefined) {
      grants.push(gate.admit(waiter));
      if (!isWaitedFor(each)) {
        rate?.stopWaiting();
      }
    }
  }
  return grants;
}

/**
 * Moves those up who have waited for long. Whom they held back they may hold back no more. Once in a millisecond, as there may be as many
 * queues as there are keys.
 */
function ageAll(limit: Limit): void {
  const nowMs = limit.aging[0]?.first?.owner.now() ?? Infinity;
  if (Math.abs(nowMs - limit.agedAtMs) < 1) {
    return;
  }
  limit.agedAtMs = nowMs;
  for (let at = 0; at < limit.aging.length; at += 1) {
    const queue = limit.aging[at] as StartQueue; // Not a hole.
    if (queue.age()) {
      pending.push(...queue.limits);
    }
  }
}
