/**
 * Those who wait for the same limits with the same weight, in start order: only the first of them need ever be compared with
 * the first of other queues.
 *
 * While waiters arrive in start order this is a ring: an array and the index of its first. A sorted array is also a valid
 * binary heap, so the first arrival out of order turns it into one, without moving anything.
 */
import type { Limit } from "./limit.ts";
import { startsBefore, type StartRank } from "./start-order.ts";

/** Somebody who waits for slots. */
export interface Waiter extends StartRank {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** Turns false when it no longer wants slots. It is then dropped when its turn comes. */
  readonly waits: boolean;
  /** Notes that somebody else went first; with time this raises its priority. */
  notePassed(): void;
  /** Called once, when its slots are charged. */
  start(): void;
}

/** The waiters for one combination of limits and weight. */
export class StartQueue {
  readonly #limits: readonly Limit[];
  readonly #weight: number;
  #items: (Waiter | undefined)[] = [];
  #head = 0;
  #heap = false;
  /** While a heap: the waiters by age, oldest first, to notice those that have been passed over for too long. */
  #byAge: Waiter[] = [];
  /** How much weight has passed the first waiter, for each of the limits. */
  #passed: number[] | undefined;

  constructor(limits: readonly Limit[], weight: number) {
    this.#limits = limits;
    this.#weight = weight;
  }

  serves(waiter: Waiter): boolean {
    const { limits } = waiter;
    return (
      waiter.weight === this.#weight &&
      limits.length === this.#limits.length &&
      limits.every((each, index) => each === this.#limits[index])
    );
  }

  /** The first that still waits. */
  get first(): Waiter | undefined {
    for (;;) {
      const first = this.#items[this.#head];
      if (first === undefined || first.waits) {
        return first;
      }
      this.shift();
    }
  }

  /** Whether so much weight has passed the first waiter that others must now leave its limits alone. */
  get starving(): boolean {
    return (
      this.#passed?.some((weight, index) => weight >= (this.#limits[index]?.concurrency ?? 0)) ??
      false
    );
  }

  /** Notes that `other`, which comes later in start order, goes before the first waiter. */
  countPassing(other: Waiter): void {
    this.#passed ??= this.#limits.map(() => 0);
    for (const [index, limit] of this.#limits.entries()) {
      if (other.limits.includes(limit)) {
        this.#passed[index] = (this.#passed[index] ?? 0) + other.weight;
      }
    }
    this.first?.notePassed();
  }

  push(waiter: Waiter): void {
    const items = this.#items;
    const last = items.at(-1);
    if (this.#head === items.length) {
      items.length = 0;
      this.#head = 0;
      this.#heap = false;
      this.#byAge = [];
    } else if (!this.#heap && last !== undefined && startsBefore(waiter, last)) {
      this.#items = items.slice(this.#head);
      this.#head = 0;
      this.#heap = true;
      this.#byAge = this.#items.filter((each) => each !== undefined);
      for (const each of this.#byAge) {
        each.notePassed();
      }
    }
    const before = this.#items[this.#head];
    this.#items.push(waiter);
    if (this.#heap) {
      waiter.notePassed();
      this.#byAge.push(waiter);
      this.#rise(this.#items.length - 1);
    }
    if (before !== this.#items[this.#head]) {
      this.#passed = undefined;
    }
  }

  /** Removes the first. */
  shift(): void {
    this.#passed = undefined;
    if (this.#heap) {
      this.#shiftHeap();
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

  /** Moves waiters up that have been passed over for too long. */
  age(): void {
    if (!this.#heap) {
      return;
    }
    const { length } = this.#byAge;
    let aged = 0;
    for (; aged < length; aged += 1) {
      const oldest = this.#byAge[aged];
      oldest?.notePassed();
      if (oldest?.waits === true && oldest.priority !== Infinity) {
        break;
      }
    }
    if (aged > 0) {
      this.#byAge.splice(0, aged);
      this.#items = this.#items
        .filter((each) => each?.waits === true)
        .sort((a, b) => (before(a, b) ? -1 : 1));
      this.#passed = undefined;
    }
  }

  #shiftHeap(): void {
    const items = this.#items;
    const last = items.pop();
    if (items.length === 0) {
      this.#heap = false;
      return;
    }
    items[0] = last;
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      if (left >= items.length) {
        return;
      }
      const right = left + 1;
      const child = right < items.length && before(items[right], items[left]) ? right : left;
      if (!before(items[child], items[index])) {
        return;
      }
      this.#swap(index, child);
      index = child;
    }
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(this.#items[index], this.#items[parent])) {
        return;
      }
      this.#swap(index, parent);
      index = parent;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b], items[a]];
  }
}

function before(a: Waiter | undefined, b: Waiter | undefined): boolean {
  return a !== undefined && b !== undefined && startsBefore(a, b);
}
