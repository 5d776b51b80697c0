/** `unanimous`: everybody must say the same. */
import type { VoteRule } from "./rule.ts";
import { leaderWins } from "./standing.ts";

/**
 * The answer that every vote agrees on wins, once all samples have ended; with the second answer nobody wins, at once. Samples that
 * abstained or failed do not disagree: where they should, use `threshold(of)`. Weights do not matter.
 *
 * The first two samples run together, then one at a time, since each of them may be the last. `ahead` runs more at once.
 *
 * @example
 * ```ts
 * import { unanimous, vote } from "fanfold";
 *
 * const answers = ["yes", "no", "yes", "yes"];
 * const { verdict, asked } = await vote(({ key }) => answers[Number(key)] ?? "yes", { of: 4, rule: unanimous() });
 * console.log(verdict, asked);
 * ```
 */
export function unanimous(): VoteRule {
  return {
    judge(count) {
      const { tally, left } = count;
      if (tally.length > 1) {
        return { status: "settled", winners: [], reason: "unreachable" };
      }
      return left === 0 && tally.length === 1
        ? leaderWins(count, "decided")
        : { status: "open", needs: Math.min(left, 2 - tally.length) };
    },
  };
}
