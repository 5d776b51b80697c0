/** Who waits for limits, and who of them starts: as soon as something is free, or its time has come. */
import { startsBefore } from "../start-order.ts";
import { StartQueue, type Starting, type Waiter } from "../start-queue.ts";
import type { Gate, Grant } from "./gate.ts";
import type { Limit } from "./limit.ts";

/** Somebody who may hold units of limits. A flag, not an object for each attempt: a tenth of the garbage of one. */
export interface SlotHolder {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** Whether the units are charged to it. */
  holdsSlots: boolean;
}

/** Many who wait for one limit that knows slots alone, as one that knows its own order. It makes way as soon as anybody else comes. */
export interface Crowd {
  /** How many wait. */
  readonly waiting: number;
  /** Starts its first if that fits. Returns whether it did; it may also have made way. */
  startFirst(limit: Limit): boolean;
  /** Puts those that wait in line one by one. */
  makeWay(): void;
}

const NO_LIMITS: readonly Limit[] = [];
const NO_QUEUES: readonly StartQueue[] = [];

/** Gives back what is held, if anything is. The caller calls {@link startWaiting} with the limits returned. */
export function giveSlots(holder: SlotHolder): readonly Limit[] {
  if (!holder.holdsSlots) {
    return NO_LIMITS;
  }
  holder.holdsSlots = false;
  const { limits, weight } = holder;
  // By number, here and below: the steps of an iterator are half of what this costs until it is compiled.
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.give(weight);
  }
  return limits;
}

/** Puts a waiter in line. It is started by the next {@link startWaiting}. */
export function enqueue(waiter: Waiter, passedSinceMs?: number): void {
  const { limits } = waiter;
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.crowd?.makeWay();
  }
  let queue = queueFor(waiter);
  if (queue === undefined) {
    queue = new StartQueue(waiter);
    for (const each of limits) {
      each.queues.push(queue);
    }
  }
  queue.push(waiter, passedSinceMs);
}

/** Whether somebody waits for a limit. */
export function isWaitedFor({ crowd, queues }: Limit): boolean {
  return crowd !== undefined || queues.some((queue) => queue.first !== undefined);
}

function queueFor(waiter: Waiter): StartQueue | undefined {
  const queues = waiter.limits[0]?.queues ?? NO_QUEUES;
  for (let at = 0; at < queues.length; at += 1) {
    if (queues[at]?.serves(waiter) === true) {
      return queues[at];
    }
  }
  return undefined;
}

/** Whether the limits of somebody are kept free for it, as others have passed it for long enough. */
export function holdsOthersBack(waiter: Waiter): boolean {
  const queue = queueFor(waiter);
  return queue !== undefined && queue.starving && queue.first === waiter;
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

let starting = false;
const pending: Limit[] = [];

/** Starts every waiter of these limits that may start now, in start order. A call from inside a start joins the one under way. */
export function startWaiting(limits: readonly Limit[]): void {
  for (let at = 0; at < limits.length; at += 1) {
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
      while (startOne(next)) {
        // Each start may change what may start next.
      }
    }
  } finally {
    starting = false;
  }
}

/** Starts the first waiter, in start order, that fits and that no starving one before it holds back. */
function startOne(limit: Limit): boolean {
  const { queues, crowd } = limit;
  if (crowd !== undefined) {
    const isStarted = crowd.startFirst(limit);
    if (isStarted || limit.crowd !== undefined) {
      return isStarted;
    }
  }
  const only = queues[0];
  if (queues.length === 1 && only !== undefined) {
    return startFirstOf(only);
  }
  const heads = liveHeads(limit);
  const reserved: Limit[] = [];
  for (const [index, head] of heads.entries()) {
    const waiter = head.first as Waiter; // liveHeads keeps only queues with a first.
    if (waiter.limits.some((each) => reserved.includes(each))) {
      continue;
    }
    if (mayStart(head, waiter)) {
      for (const passed of heads.slice(0, index)) {
        passed.countPassing(waiter);
      }
      startFrom(head, waiter);
      return true;
    }
    if (head.starving) {
      reserved.push(...waiter.limits);
    }
  }
  return false;
}

/** Where all wait for the same limits with the same weight, the first goes first, and nobody passes anybody. */
function startFirstOf(queue: StartQueue): boolean {
  queue.age();
  const waiter = queue.first;
  if (waiter === undefined || !mayStart(queue, waiter)) {
    return false;
  }
  startFrom(queue, waiter);
  return true;
}

function mayStart(queue: StartQueue, waiter: Waiter): boolean {
  return fitsAll(waiter) && (!queue.isGuarded || waiter.takesBack || isAdmitted(waiter));
}

function fitsAll({ limits, weight }: Waiter): boolean {
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
    fitsAll(waiter) &&
    waiter.limits.some(({ gate }) => gate?.reason === reason && gate.holds(waiter))
  );
}

/** Whether the gates of all its limits let it through. If not, the first of them that does not wakes when it may. */
function isAdmitted(waiter: Waiter): boolean {
  for (const { gate } of waiter.limits) {
    if (gate !== undefined && !gate.admits(waiter)) {
      waiter.owner.onHeld(waiter);
      return false;
    }
  }
  return true;
}

/** Starts somebody who fits, although others in its line have their turn before. Returns whether it does. */
export function startOutOfTurn(waiter: Waiter): boolean {
  const fits = fitsAll(waiter) && isAdmitted(waiter);
  if (fits) {
    charge(waiter, waiter.take(), true);
  }
  return fits;
}

/** The slots are charged before anybody wakes. */
function startFrom(queue: StartQueue, first: Waiter): void {
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

/** The queues of a limit that have somebody waiting, in the start order of their first waiters. Empty queues are forgotten. */
function liveHeads(limit: Limit): StartQueue[] {
  const { queues } = limit;
  for (const queue of queues) {
    queue.age();
  }
  const live = queues.filter((queue) => queue.first !== undefined);
  if (live.length < queues.length) {
    queues.length = 0;
    queues.push(...live);
  }
  return live.sort((a, b) => (startsBefore(a.first as Waiter, b.first as Waiter) ? -1 : 1));
}
