/** `beta`: Adaptive-Consistency. */
import type { VoteRule } from "./rule.ts";
import { inMillionths, openUntil, standingOf } from "./standing.ts";

/** Options of {@link beta}. */
export interface BetaOptions {
  /** How sure to be that the leading answer is truly ahead of the second: a number above 0.5 and below 1. @defaultValue 0.95 */
  readonly confidence?: number | undefined;
}

/**
 * Adaptive-Consistency: stops when the chance that the leading answer is truly more likely than the second, given their votes,
 * reaches `confidence`. Where it does not, the answer of the greatest weight wins in the end, with `exhausted` as the reason, or
 * `certain` once no other can catch up.
 *
 * With `first` and `second` votes the chance is that of a Beta(`first` + 1, `second` + 1) variable above one half. For whole
 * numbers that is a sum of binomials, which is compared exactly, in integers. Weights that add up to parts of a vote are rounded
 * against the leader.
 *
 * @throws `RangeError` when `confidence` is not above 0.5 and below 1.
 * @see Pranjal Aggarwal, Aman Madaan, Yiming Yang, Mausam: "Let's Sample Step by Step: Adaptive-Consistency for Efficient
 * Reasoning and Coding with LLMs" (EMNLP 2023), the Beta stopping criterion
 * @example
 * ```ts
 * import { beta, vote } from "fanfold";
 *
 * const { winner, asked } = await vote(async () => "B", { of: 40, rule: beta({ confidence: 0.95 }) });
 * console.log(winner, asked);
 * ```
 */
export function beta(options: BetaOptions = {}): VoteRule {
  const { confidence = 0.95 } = options;
  if (!(confidence > 0.5 && confidence < 1)) {
    throw new RangeError(
      `Cannot make a rule as the confidence of "beta" must be above 0.5 and below 1: ${confidence}`,
    );
  }
  const required = new Map<number, number>();
  return {
    judge(count) {
      const { first, second, most } = standingOf(count);
      const rounded = Math.ceil(second / inMillionths(1));
      const votes = required.get(rounded) ?? votesToBeat(rounded, confidence);
      required.set(rounded, votes);
      return openUntil(count, Math.ceil((inMillionths(votes) - first) / most));
    },
  };
}

/** In doubles from one half to one, each is a whole number of these. */
const DOUBLE_BITS = 53;

/**
 * The fewest votes that beat `second` votes with this confidence.
 *
 * For whole a and b, P(Beta(a + 1, b + 1) > 1/2) = P(Binomial(a + b + 1, 1/2) <= a): the sum of C(n, j) for j from 0 to a, over
 * 2^n, where n = a + b + 1. At a = b it is one half. One vote more takes n and a one on, and by Pascal's rule the sum becomes
 * 2 * sum + C(n, a + 1).
 */
function votesToBeat(second: number, confidence: number): number {
  const required = BigInt(confidence * 2 ** DOUBLE_BITS);
  let first = second;
  let n = 2 * second + 1;
  let sum = 1n << BigInt(2 * second);
  let next = binomial(n, second + 1);
  while (sum << BigInt(DOUBLE_BITS) < required << BigInt(n)) {
    sum = 2n * sum + next;
    next = (next * BigInt(n + 1)) / BigInt(first + 2);
    n += 1;
    first += 1;
  }
  return first;
}

function binomial(n: number, k: number): bigint {
  let result = 1n;
  for (let j = 1; j <= k; j += 1) {
    result = (result * BigInt(n - k + j)) / BigInt(j);
  }
  return result;
}
