/**
 * Those who wait for the same limits with the same weight and about the same cost, in start order: only the first of them need ever
 * be compared with the first of other queues.
 *
 * While waiters arrive in start order this is a ring: an array and the index of its first. A sorted array is also a valid
 * binary heap, so the first arrival out of order turns it into one, without moving anything.
 */
import type { Estimate } from "./budget/estimate.ts";
import type { Grant } from "./limits/gate.ts";
import type { Limit } from "./limits/limit.ts";
import type { SkipCause } from "./outcome.ts";
import { startsBefore, type StartRank } from "./start-order.ts";

/** Somebody who waits for slots, or stands for many who do. */
export interface Waiter extends StartRank {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** What it is estimated to cost. */
  readonly estimate: Estimate;
  /** How many it stands for. */
  readonly count: number;
  /** Turns false when it no longer wants slots. It is then dropped when its turn comes. */
  readonly waits: boolean;
  priority: number;
  /** Since when others have gone first. */
  passedSinceMs: number | undefined;
  /** Whose time counts, and for how long others may go first. */
  readonly owner: {
    now(): number;
    hasAged(sinceMs: number): boolean;
    /** It has its turn, but not its time. */
    onHeld(waiter: Waiter): void;
    /** It has its turn, and can never start. */
    refuse(waiter: Waiter, because: SkipCause): void;
  };
  /** Takes the one who is to start out of the line: itself, or the next of those it stands for while it stays. */
  take(): Starting;
}

/** Somebody who is about to start. */
export interface Starting {
  /** With what limits that know more than slots let it through. */
  grants: readonly Grant[] | undefined;
  start(): void;
}

/** The waiters for one combination of limits, weight and class of cost. */
export class StartQueue {
  readonly #limits: readonly Limit[];
  readonly #weight: number;
  readonly #costClass: number;
  #items: (Waiter | undefined)[] = [];
  #head = 0;
  /** While this is a heap: who waits for how long. */
  #ages: Ages | undefined;
  /** How much weight has passed the first waiter, for each of the limits, and how many tokens. */
  #passed: { readonly weights: number[]; tokens: number } | undefined;
  /** Whether one of the limits has a gate. */
  isGuarded: boolean;

  constructor({ limits, weight, estimate }: Waiter) {
    this.#limits = limits;
    this.#weight = weight;
    this.#costClass = estimate.costClass;
    this.isGuarded = limits.some(({ gate }) => gate !== undefined);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#items.reduce((sum, each) => sum + (each?.waits === true ? each.count : 0), 0);
  }

  serves({ limits, weight, estimate }: Waiter): boolean {
    if (weight !== this.#weight || estimate.costClass !== this.#costClass) {
      return false;
    }
    const own = this.#limits;
    // Nearly all tasks of a run share one list.
    return (
      limits === own ||
      (limits.length === own.length && limits.every((each, index) => each === own[index]))
    );
  }

  /** The first that still waits. */
  get first(): Waiter | undefined {
    for (;;) {
      const first = this.#items[this.#head];
      if (first === undefined || first.waits) {
        return first;
      }
      this.#shift();
    }
  }

  /** Whether so much weight has passed the first waiter that others must now leave its limits alone. */
  get starving(): boolean {
    const passed = this.#passed;
    return (
      passed !== undefined &&
      this.#limits.some((limit, index) => {
        const tokens = limit.rate?.tokensPerMinute ?? Infinity;
        return (passed.weights[index] ?? 0) >= limit.patience || passed.tokens >= tokens;
      })
    );
  }

  /** Notes that `other`, which comes later in start order, goes before the first waiter. */
  countPassing(other: Waiter): void {
    this.#passed ??= { weights: this.#limits.map(() => 0), tokens: 0 };
    const { weights } = this.#passed;
    for (const [index, limit] of this.#limits.entries()) {
      if (other.limits.includes(limit)) {
        weights[index] = (weights[index] ?? 0) + other.weight;
      }
    }
    this.#passed.tokens += other.estimate.reserve.tokens;
    const { first } = this;
    if (first !== undefined) {
      first.passedSinceMs ??= first.owner.now();
      age(first, first.passedSinceMs);
    }
  }

  /** Puts a waiter in line: one who stood in line elsewhere with the time since when others may have gone first. */
  push(waiter: Waiter, passedSinceMs?: number): void {
    const items = this.#items;
    const before = items[this.#head];
    if (this.#head === items.length) {
      items.length = 0;
      this.#head = 0;
      this.#ages = undefined;
    }
    if (
      this.#ages === undefined &&
      (passedSinceMs !== undefined || startsBefore(waiter, items.at(-1) ?? waiter))
    ) {
      this.#items = items.slice(this.#head);
      this.#head = 0;
      this.#ages = new Ages(this.#items);
    }
    this.#items.push(waiter);
    if (this.#ages !== undefined) {
      this.#ages.add(waiter, passedSinceMs);
      rise(this.#items, this.#items.length - 1);
    }
    if (before !== this.#items[this.#head]) {
      this.#passed = undefined;
    }
  }

  /**
   * Takes the next who is to start out of the line of `first`. Those whom a waiter stands for have their places side by side, so
   * that what is left of it is still first.
   */
  take(first: Waiter): Starting {
    const taken = first.take();
    this.#passed = undefined;
    if (!first.waits) {
      this.#shift();
    }
    return taken;
  }

  /** Moves waiters up that have been passed over for too long. */
  age(): void {
    if (this.#ages?.raise() === true) {
      this.#items = this.#items
        .filter((each) => each?.waits === true)
        .sort((a, b) => (before(a, b) ? -1 : 1));
      this.#passed = undefined;
    }
  }

  #shift(): void {
    this.#passed = undefined;
    if (this.#ages !== undefined) {
      const last = this.#items.pop();
      if (this.#items.length > 0) {
        sink(this.#items, last);
      } else {
        this.#ages = undefined;
      }
      return;
    }
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Half of the array is spent: move the rest to the front, at an amortised constant cost.
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

/** The waiters of a heap, the longest waiting first: times are kept here, in a plain list, not by each waiter. */
class Ages {
  #waiters: Waiter[] = [];
  #sinceMs: number[] = [];
  #oldest = 0;
  /** With so many, those who have left the line are forgotten: nothing else may keep them alive. */
  #most = 1024;

  constructor(waiters: readonly (Waiter | undefined)[]) {
    for (const each of waiters) {
      if (each !== undefined) {
        this.add(each);
      }
    }
  }

  add(waiter: Waiter, passedSinceMs?: number): void {
    if (this.#waiters.length >= this.#most) {
      const isWaiting = this.#waiters.map(({ waits }, at) => waits && at >= this.#oldest);
      this.#waiters = this.#waiters.filter((_, at) => isWaiting[at]);
      this.#sinceMs = this.#sinceMs.filter((_, at) => isWaiting[at]);
      this.#oldest = 0;
      this.#most = 1024 + this.#waiters.length * 2;
    }
    this.#waiters.push(waiter);
    this.#sinceMs.push(passedSinceMs ?? waiter.owner.now());
  }

  /** Raises those who have waited for too long. Returns whether there were any. */
  raise(): boolean {
    let raised = false;
    for (; this.#oldest < this.#waiters.length; this.#oldest += 1) {
      const waiter = this.#waiters[this.#oldest];
      if (waiter?.waits === true) {
        const { priority } = waiter;
        if (!age(waiter, this.#sinceMs[this.#oldest] ?? 0)) {
          break;
        }
        raised ||= priority !== waiter.priority;
      }
    }
    return raised;
  }
}

/** Gives the highest priority to one whom others have passed for too long. Returns whether it needs no more: take-backs do not. */
function age(waiter: Waiter, sinceMs: number): boolean {
  if (!waiter.takesBack && waiter.owner.hasAged(sinceMs)) {
    waiter.priority = Infinity;
  }
  return waiter.takesBack || waiter.priority === Infinity;
}

/** Lets the item at `from` rise to its place in the heap. */
function rise(heap: (Waiter | undefined)[], from: number): void {
  const item = heap[from];
  let index = from;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(item, heap[parent])) {
      break;
    }
    heap[index] = heap[parent];
    index = parent;
  }
  heap[index] = item;
}

/** Puts `item` in the place of the first and lets it sink. */
function sink(heap: (Waiter | undefined)[], item: Waiter | undefined): void {
  const { length } = heap;
  let index = 0;
  for (let child = 1; child < length; child = index * 2 + 1) {
    if (child + 1 < length && before(heap[child + 1], heap[child])) {
      child += 1;
    }
    if (!before(heap[child], item)) {
      break;
    }
    heap[index] = heap[child];
    index = child;
  }
  heap[index] = item;
}

function before(a: Waiter | undefined, b: Waiter | undefined): boolean {
  return a !== undefined && b !== undefined && startsBefore(a, b);
}
