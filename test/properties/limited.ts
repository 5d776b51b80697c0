/** Tasks that name limits in every mixture: what the laws of limits and of start order are said of. */
import fc from "fast-check";
import type { Limit } from "../../src/index.ts";

/** Some of so many limits, in any order. */
export function someOf(limits: number, least = 0): fc.Arbitrary<number[]> {
  const numbers = Array.from({ length: limits }, (_, index) => index);
  return fc.shuffledSubarray(numbers, { minLength: least });
}

/** What a task needs at once. */
export interface Need {
  readonly limits: readonly Limit[];
  readonly weight: number;
}

/** Whether both want one of the limits. */
export function meet(a: Need, b: Need): boolean {
  return a.limits.some((each) => b.limits.includes(each));
}

/** A task that waits, or has started. */
export interface Ordered extends Need {
  /** The number of its coming. */
  readonly place: number;
  readonly priority: number;
}

/** Whether one comes before another in start order. */
export function isBefore(a: Ordered, b: Ordered): boolean {
  return a.priority === b.priority ? a.place < b.place : a.priority > b.priority;
}
