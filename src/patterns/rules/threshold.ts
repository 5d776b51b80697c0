/** `threshold`: the first answer with so many votes wins. */
import { checkedAbove } from "./checked.ts";
import type { VoteRule } from "./rule.ts";
import { inMillionths, leaderWins, standingOf } from "./standing.ts";

/**
 * The first answer with a weight of `weight` wins. Nobody wins once no answer can get so far with the samples that are left.
 *
 * `threshold(of)` asks for everybody: one sample that fails, abstains or says otherwise ends it, so one is asked at a time.
 *
 * @param weight - how much the winner needs: votes, unless votes have a weight
 * @throws `RangeError` when it is not a finite number above 0.
 * @example
 * ```ts
 * import { threshold, vote } from "fanfold";
 *
 * const { winner, asked } = await vote(async () => "harmful", { of: 9, rule: threshold(3) });
 * console.log(winner, asked);
 * ```
 */
export function threshold(weight: number): VoteRule {
  const needed = inMillionths(checkedAbove("threshold", weight));
  return {
    judge(count) {
      const { first, most } = standingOf(count);
      const needs = Math.ceil((needed - first) / most);
      if (needs <= 0) {
        return leaderWins(count, "decided");
      }
      // So many samples without a vote for the first put it out of reach.
      const untilUnreachable = count.left - needs + 1;
      return untilUnreachable <= 0
        ? { status: "settled", winners: [], reason: "unreachable" }
        : { status: "open", needs: Math.min(needs, untilUnreachable) };
    },
  };
}
