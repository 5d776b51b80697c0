/** `majority`: the most votes win. */
import type { VoteRule } from "./rule.ts";
import { leaderWins, untilCertain } from "./standing.ts";

/**
 * The answer of the greatest weight wins; it need not have more than half, for which there is `threshold`. Stops as soon as no
 * other answer can catch up: two of three that agree leave the third unasked.
 *
 * Its winner is always that of asking everybody. Where several answers lead in the end, they are tied.
 *
 * @see Xuezhi Wang, Jason Wei, Dale Schuurmans, Quoc Le, Ed Chi, Sharan Narang, Aakanksha Chowdhery, Denny Zhou:
 * "Self-Consistency Improves Chain of Thought Reasoning in Language Models" (ICLR 2023)
 * @example
 * ```ts
 * import { majority, vote } from "fanfold";
 *
 * const { winner, asked } = await vote(async () => "Paris", { of: 5, rule: majority() });
 * console.log(winner, asked);
 * ```
 */
export function majority(): VoteRule {
  return {
    judge(count) {
      const needs = untilCertain(count);
      return needs === 0 ? leaderWins(count, "decided") : { status: "open", needs };
    },
  };
}
