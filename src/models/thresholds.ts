/** `thresholds`: a rule of votes that asks more of one answer than of another. */
import type { VoteCount, VoteKey, VoteRule, VoteRuling } from "../patterns/rules/rule.ts";
import { inMillionths } from "../patterns/rules/standing.ts";

/** How much one answer needs. */
export interface AnswerThreshold {
  /** What the answer is told apart by: for `consensus` the answer itself; of texts that are no list, the text in lower case. */
  readonly answer: VoteKey;
  /** How much weight it needs, above 0: votes, unless votes have a weight. */
  readonly votes: number;
}

/**
 * Each answer has a threshold of its own. The first of the list that reaches its own wins; one further down waits until those before it are
 * out of reach. An answer that is not in the list never wins. Where none gets there, nobody wins: leave those to a person.
 *
 * With two of five for "harmful" and four of five for "safe", two voters are enough to block, so that little harm is missed (false negatives);
 * raise the first number for fewer texts that are blocked for nothing (false positives), and the second for fewer that pass unseen.
 *
 * Guarantees: the winner is that of asking everybody, whatever the order in which samples end, and not one sample more than needed runs.
 *
 * @throws `TypeError` when an answer is there twice, or none; `RangeError` when a number is not finite and above 0.
 * @example
 * ```ts
 * import { vote } from "fanfold";
 * import { thresholds } from "fanfold/models";
 *
 * const replies = ["safe", "harmful", "safe", "harmful", "safe"];
 * const rule = thresholds([
 *   { answer: "harmful", votes: 2 },
 *   { answer: "safe", votes: 4 },
 * ]);
 * const { winner, asked } = await vote(({ key }) => replies[Number(key)] ?? "safe", { of: 5, rule });
 * console.log(winner, asked);
 * ```
 */
export function thresholds(answers: readonly AnswerThreshold[]): VoteRule {
  const needed = new Map(answers.map(({ answer, votes }) => [answer, millionths(votes)]));
  if (needed.size === 0 || needed.size < answers.length) {
    throw new TypeError(
      `Cannot make a rule as "thresholds" needs answers, each of them once: ${answers.map(({ answer }) => String(answer)).join(", ") || "none"}`,
    );
  }
  return { judge: (count) => judge(count, needed) };
}

function millionths(votes: number): number {
  if (!(inMillionths(votes) >= 1 && votes < Infinity)) {
    throw new RangeError(
      `Cannot make a rule as "thresholds" needs finite numbers above 0: ${String(votes)}`,
    );
  }
  return inMillionths(votes);
}

function judge(count: VoteCount, needed: ReadonlyMap<VoteKey, number>): VoteRuling {
  const weights = new Map(count.tally.map(({ key, weight }) => [key, inMillionths(weight)]));
  const most = inMillionths(count.maxWeight);
  let soonest = Infinity;
  /** How many votes for something else put all answers so far out of reach. */
  let untilNone = 0;
  for (const [answer, threshold] of needed) {
    const missing = threshold - (weights.get(answer) ?? 0);
    const needs = Math.max(Math.ceil(missing / most), untilNone);
    if (needs <= 0) {
      return { status: "settled", winners: [answer], reason: "decided" };
    }
    soonest = Math.min(soonest, needs);
    if (missing <= 0) {
      // It has what it needs: nothing further down can win any more, and it cannot be that nobody does.
      return { status: "open", needs: soonest };
    }
    // Not above 0 for an answer that is out of reach already; what it needs is then more than is left.
    untilNone = Math.max(untilNone, Math.floor(count.left - missing / most) + 1);
  }
  return untilNone === 0
    ? { status: "settled", winners: [], reason: "unreachable" }
    : { status: "open", needs: Math.min(soonest, untilNone) };
}
