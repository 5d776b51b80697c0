/** `window`: Early-Stopping Self-Consistency. */
import type { Ballot, VoteCount, VoteRule } from "./rule.ts";
import { openUntil } from "./standing.ts";

/**
 * Early-Stopping Self-Consistency: the samples, by their numbers, form windows of `size`. The first window whose votes are all the
 * same ends the vote, and its answer wins. Where there is none, the answer of the greatest weight wins in the end, with `exhausted`
 * as the reason, or `certain` once no other can catch up (the paper goes on then).
 *
 * A sample that abstained or failed breaks its window. Votes stand in the order of asking, whichever comes first, so that fast
 * answers have no advantage. What is still under way of a broken window when a later one agrees is cancelled.
 *
 * @param size - how many samples a window has: an integer from 2
 * @throws `RangeError` when `size` is not an integer from 2.
 * @see Yiwei Li, Peiwen Yuan, Shaoxiong Feng, Boyuan Pan, Xinglin Wang, Bin Sun, Heda Wang, Kan Li: "Escape Sky-high Cost:
 * Early-stopping Self-Consistency for Multi-step Reasoning" (ICLR 2024)
 * @example
 * ```ts
 * import { vote, window } from "fanfold";
 *
 * const { winner, asked } = await vote(async () => 42, { of: 40, rule: window(5) });
 * console.log(winner, asked);
 * ```
 */
export function window(size: number): VoteRule {
  if (!Number.isSafeInteger(size) || size < 2) {
    throw new RangeError(
      `Cannot make a rule as the size of "window" must be an integer from 2: ${size}`,
    );
  }
  return {
    judge(count) {
      const { ballots } = count;
      const start = firstUnbroken(ballots, size);
      const end = start + size;
      const known = ballots.slice(start, end).filter((ballot) => ballot?.kind === "vote");
      const [ballot] = known;
      if (known.length === size && ballot !== undefined) {
        return { status: "settled", winners: [ballot.key], reason: "decided" };
      }
      const ended = ballots.slice(0, end).filter((ballot) => ballot !== undefined);
      return openUntil(count, end - ended.length);
    },
  };
}

/** Where the first window begins whose votes, as far as they are known, are all the same. */
function firstUnbroken(ballots: VoteCount["ballots"], size: number): number {
  let start = 0;
  while (isBroken(ballots.slice(start, start + size))) {
    start += size;
  }
  return start;
}

function isBroken(ballots: readonly (Ballot | undefined)[]): boolean {
  const known = ballots.filter((ballot) => ballot !== undefined);
  const keys = new Set(known.map((ballot) => (ballot.kind === "vote" ? ballot.key : undefined)));
  return keys.size > 1 || keys.has(undefined);
}
