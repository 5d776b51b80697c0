/** `lead`: the first answer to be so far ahead wins. */
import { checkedAbove } from "./checked.ts";
import type { VoteRule } from "./rule.ts";
import { inMillionths, openUntil, standingOf } from "./standing.ts";

/**
 * The first answer that is `by` ahead of every other wins. Where none gets so far, the answer of the greatest weight wins in the
 * end, with `exhausted` as the reason, or `certain` once no other can catch up.
 *
 * @param by - how much weight the winner must have more than the second: votes, unless votes have a weight
 * @throws `RangeError` when `by` is not a finite number above 0.
 * @see Elliot Meyerson et al.: "Solving a Million-Step LLM Task with Zero Errors" (2025), first-to-ahead-by-k voting; Abraham
 * Wald: "Sequential Tests of Statistical Hypotheses" (1945), of which it is the case of two answers
 * @example
 * ```ts
 * import { lead, vote } from "fanfold";
 *
 * const { winner, asked } = await vote(async () => "left", { of: 20, rule: lead(3) });
 * console.log(winner, asked);
 * ```
 */
export function lead(by: number): VoteRule {
  const needed = inMillionths(checkedAbove("lead", by));
  return {
    judge(count) {
      const { first, second, most } = standingOf(count);
      return openUntil(count, Math.ceil((needed - (first - second)) / most));
    },
  };
}
