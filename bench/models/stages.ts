/** How long calls take that are made by hand, of which the durations are known: one after another, or by `Promise.all`. */
import { sum } from "../support/statistics.ts";

/** Calls that can be made together, by their durations. */
export type Stage = readonly number[];

/** All calls one after another. */
export function sequenceMs(stages: readonly Stage[]): number {
  return sum(stages.flat());
}

/** One `Promise.all` after another: each stage waits for the slowest call of the one before. */
export function stagedMs(stages: readonly Stage[]): number {
  return sum(stages.map(longest));
}

/** One `Promise.all` of functions that make their calls one after another: call `n` of every stage belongs to chain `n`. */
export function chainedMs(stages: readonly Stage[]): number {
  const [first = []] = stages;
  return longest(first.map((_, chain) => sum(stages.map((stage) => stage[chain] ?? 0))));
}

/** The stages of a tree over `leaves` calls, each call above them for up to `width` of those below: their numbers of calls. */
export function treeWidths(leaves: number, width: number): readonly number[] {
  if (!Number.isSafeInteger(width) || width < 2) {
    throw new RangeError(`Cannot make a tree as its width must be an integer from 2: ${width}`);
  }
  const widths = [leaves];
  for (let count = leaves; count > 1;) {
    count = Math.ceil(count / width);
    widths.push(count);
  }
  return widths;
}

function longest(durations: Stage): number {
  return Math.max(0, ...durations);
}
