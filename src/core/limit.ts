/** A limit: how much may run at once. It may be shared by any number of runs. */
import { startsBefore } from "./start-order.ts";
import { StartQueue, type Waiter } from "./start-queue.ts";

/** What a limit allows. */
export interface LimitOptions {
  /** How many units may be in use at once: an integer from 1, or Infinity. */
  readonly concurrency: number;
  /** What reports call it. @defaultValue "limit" */
  readonly name?: string | undefined;
}

/**
 * How much may run at once. Make one with {@link limit} and hand it to any number of runs and tasks.
 *
 * A freed slot is charged to the next waiter before that waiter wakes, so that no third caller can take it in between.
 */
export class Limit {
  /** What reports call it. */
  readonly name: string;
  /** @internal The waiters, a queue for each combination of limits and weight. */
  readonly queues: StartQueue[] = [];
  /** @internal Those who have the line to themselves: then nobody waits in the queues. */
  crowd: Crowd | undefined;
  #concurrency: number;
  #inUse = 0;

  /** @internal Use {@link limit}. */
  constructor(options: LimitOptions) {
    this.name = options.name ?? "limit";
    this.#concurrency = checkedConcurrency(options.concurrency);
  }

  /** How many units may be in use at once. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** How many units are in use. May exceed `concurrency` after that was lowered, until enough have been released. */
  get inUse(): number {
    return this.#inUse;
  }

  /**
   * Changes the limit, also while it is in use. Lowering it stops nobody; it holds back new starts.
   *
   * @throws `RangeError` when `concurrency` is not an integer from 1 or Infinity.
   */
  set(options: { readonly concurrency: number }): void {
    this.#concurrency = checkedConcurrency(options.concurrency);
    startWaiting([this]);
  }

  /** @internal */
  take(weight: number): void {
    this.#inUse += weight;
  }

  /** @internal */
  give(weight: number): void {
    this.#inUse -= weight;
  }

  /** @internal Whether `weight` more fits. A weight above a limit that was lowered meanwhile runs alone rather than never. */
  fits(weight: number): boolean {
    return this.#inUse + weight <= this.#concurrency || this.#inUse === 0;
  }
}

/**
 * Makes a limit.
 *
 * @example
 * ```ts
 * import { limit, settle } from "fanfold";
 *
 * const database = limit({ name: "database", concurrency: 2 });
 * await settle([() => 1, () => 2, () => 3], { limit: database });
 * ```
 * @throws `RangeError` when the concurrency is not an integer from 1 or Infinity.
 */
export function limit(options: number | LimitOptions): Limit {
  return new Limit(typeof options === "number" ? { concurrency: options } : options);
}

function checkedConcurrency(concurrency: number): number {
  if (concurrency === Infinity || (Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    return concurrency;
  }
  throw new RangeError(
    `Cannot limit as "concurrency" must be an integer from 1 or Infinity: ${String(concurrency)}`,
  );
}

/** Somebody who may hold units of limits. A flag, not an object for each attempt: a tenth of the garbage of one. */
export interface SlotHolder {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** Whether the units are charged to it. */
  holdsSlots: boolean;
}

/** Many who wait for one limit, as one that knows its own order. It makes way as soon as anybody else comes. */
export interface Crowd {
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
  const { limits, weight } = waiter;
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.crowd?.makeWay();
  }
  let queue = queueFor(waiter);
  if (queue === undefined) {
    queue = new StartQueue(limits, weight);
    for (const each of limits) {
      each.queues.push(queue);
    }
  }
  queue.push(waiter, passedSinceMs);
}

/** Whether nobody waits for a limit. */
export function isIdle({ crowd, queues }: Limit): boolean {
  return crowd === undefined && queues.every((queue) => queue.first === undefined);
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
    if (fitsAll(waiter)) {
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
  if (waiter === undefined || !fitsAll(waiter)) {
    return false;
  }
  startFrom(queue, waiter);
  return true;
}

function fitsAll({ limits, weight }: Waiter): boolean {
  for (let at = 0; at < limits.length; at += 1) {
    if (limits[at]?.fits(weight) === false) {
      return false;
    }
  }
  return true;
}

/** The slots are charged before anybody wakes. */
function startFrom(queue: StartQueue, first: Waiter): void {
  const taken = queue.take(first);
  const { limits, weight } = first;
  for (let at = 0; at < limits.length; at += 1) {
    limits[at]?.take(weight);
  }
  taken.start();
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
