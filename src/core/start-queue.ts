/**
 * Those who wait for the same limits with the same weight and about the same cost, in start order: only the first of them need ever
 * be compared with the first of other queues. At each of its limits it stands in the order of these first ones.
 *
 * While waiters arrive in start order this is a ring: an array and the index of its first. A sorted array is also a valid
 * binary heap, so the first arrival out of order turns it into one, without moving anything.
 */
import type { Estimate } from "./budget/estimate.ts";
import type { Grant } from "./limits/gate.ts";
import type { Limit } from "./limits/limit.ts";
import type { SkipCause } from "./outcome.ts";
import { Passed } from "./passed.ts";
import { age, Ages } from "./start-ages.ts";
import { before, rise, sink } from "./start-heap.ts";
import { startsBefore, type Place, type StartRank } from "./start-order.ts";

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
  /** What has passed it, once anything has. */
  passed: Passed | undefined;
  /** Whose time counts, and for how long others may go first. */
  readonly owner: {
    now(): number;
    hasAged(sinceMs: number): boolean;
    /** Whether it cannot move until another one makes room in a budget. */
    readonly isStuck: boolean;
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

/** The place of nobody. */
const NOWHERE: Place = { parent: undefined, index: 0 };

/** The waiters for one combination of limits, weight and class of cost. It has the rank of the one that was first when it took its place. */
export class StartQueue implements StartRank {
  readonly limits: readonly Limit[];
  takesBack = false;
  priority = 0;
  remainingMs = 0;
  place: Place;
  readonly #weight: number;
  readonly #costClass: number;
  #items: (Waiter | undefined)[] = [];
  #head = 0;
  /** While this is a heap: who waits for how long. */
  #ages: Ages | undefined;
  /** Whose rank it has. */
  #placed: Waiter | undefined;
  #isStanding = false;
  /** Whether one of the limits has a gate. */
  isGuarded: boolean;

  constructor({ limits, weight, estimate, place }: Waiter) {
    this.limits = limits;
    this.place = place;
    this.#weight = weight;
    this.#costClass = estimate.costClass;
    this.isGuarded = limits.some(({ gate }) => gate !== undefined);
  }

  /**
   * Whether it stands at its limits where its first waiter belongs. If not, it goes there; where nobody waits any more it leaves them: all
   * of them, as those that it does not stand at would let nobody of it start.
   */
  keepPlace(): boolean {
    const { first } = this;
    if (first !== undefined && first === this.#placed) {
      return true;
    }
    this.#placed = first;
    if (first !== undefined) {
      this.takesBack = first.takesBack;
      this.priority = first.priority;
      this.remainingMs = first.remainingMs;
      this.place = first.place;
    }
    for (let at = 0; at < this.limits.length; at += 1) {
      this.#standAt((this.limits[at] as Limit).queues); // Not a hole.
    }
    this.#isStanding = first !== undefined;
    return false;
  }

  #standAt(queues: StartQueue[]): void {
    if (this.#isStanding && this.#placed !== undefined && queues.length === 1) {
      return; // Alone it stands where it belongs.
    }
    if (this.#isStanding) {
      queues.splice(queues.indexOf(this), 1);
    }
    if (this.#placed !== undefined) {
      queues.splice(placeAmong(queues, this), 0, this);
    }
  }

  /** Nobody waits, and it stands alone at one of its limits: where it has no other it stays, to be used again, and keeps nobody alive. */
  rest(): false {
    if (this.limits.length > 1) {
      this.keepPlace();
    } else {
      this.#placed = undefined;
      this.place = NOWHERE;
    }
    return false;
  }

  /** Somebody else is first, or the first has another rank. */
  #placeAnew(): void {
    this.#placed = undefined;
    this.keepPlace();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#items.reduce((sum, each) => sum + (each?.waits === true ? each.count : 0), 0);
  }

  serves({ limits, weight, estimate }: Waiter): boolean {
    if (weight !== this.#weight || estimate.costClass !== this.#costClass) {
      return false;
    }
    const own = this.limits;
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
    return this.first?.passed?.isEnough === true;
  }

  /** Notes that `other`, which comes later in start order, goes before the first waiter. Returns whether that one now counts as of the highest priority, as it did not before. */
  countPassing(other: Waiter): boolean {
    const { first } = this;
    if (first === undefined) {
      return false;
    }
    first.passed ??= new Passed(first);
    first.passed.add(other);
    const { priority } = first;
    age(first, first.passed.sinceMs);
    const isRaised = priority !== first.priority;
    if (isRaised) {
      this.#placeAnew();
    }
    return isRaised;
  }

  /** Notes that somebody of this priority goes before the first waiter. */
  notePassedOver(priority: number): void {
    const { first } = this;
    if (first !== undefined && first.priority < priority) {
      this.#beHeap();
    }
  }

  /** From now on it is known who waits for how long, and anybody may become the first. */
  #beHeap(): void {
    if (this.#ages === undefined) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
      this.#keepAges(new Ages(this.#items));
    }
  }

  /** Puts a waiter in line: one who stood in line elsewhere with the time since when others may have gone first. */
  push(waiter: Waiter, passedSinceMs?: number): void {
    const items = this.#items;
    const before = items[this.#head];
    if (this.#head === items.length) {
      items.length = 0;
      this.#head = 0;
    }
    if (passedSinceMs !== undefined || startsBefore(waiter, items.at(-1) ?? waiter)) {
      this.#beHeap();
    }
    this.#items.push(waiter);
    if (this.#ages !== undefined) {
      this.#ages.add(waiter, passedSinceMs);
      rise(this.#items, this.#items.length - 1);
    }
    if (before !== this.#items[this.#head]) {
      this.#placeAnew();
    }
    this.age(); // It may have waited for too long already, elsewhere.
  }

  /**
   * Takes the next who is to start out of the line of `first`. Those whom a waiter stands for have their places side by side, so
   * that what is left of it is still first.
   */
  take(first: Waiter): Starting {
    const taken = first.take();
    if (!first.waits) {
      this.#shift();
    }
    return taken;
  }

  /** Moves waiters up that have been passed over for too long. Returns whether the first was starving, and another one is first now. */
  age(): boolean {
    const isRaised = this.#ages?.raise() === true;
    const wasStarving = isRaised && this.starving;
    if (isRaised) {
      this.#items.sort((a, b) => (before(a, b) ? -1 : 1));
      this.#placeAnew();
    }
    return wasStarving;
  }

  #keepAges(ages: Ages | undefined): void {
    this.#ages = ages;
    for (const { aging } of this.limits) {
      if (ages !== undefined) {
        aging.push(this);
      } else {
        aging.splice(aging.indexOf(this), 1);
      }
    }
  }

  #shift(): void {
    if (this.#ages !== undefined) {
      const [first] = this.#items;
      if (first !== undefined) {
        this.#ages.remove(first);
      }
      const last = this.#items.pop();
      if (this.#items.length > 0) {
        sink(this.#items, last);
      } else {
        this.#keepAges(undefined);
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

/** Where a queue belongs among others, which stand in start order. */
function placeAmong(queues: readonly StartQueue[], queue: StartQueue): number {
  let low = 0;
  for (let high = queues.length; low < high;) {
    const middle = (low + high) >> 1;
    if (startsBefore(queues[middle] as StartQueue, queue)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
