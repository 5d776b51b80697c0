/** What a rule of a vote is shown, and what it may say. */

/** What answers are told apart by. */
export type VoteKey = string | number | bigint | boolean;

/** One answer and those who gave it. */
export interface VoteTally<A> {
  /** What `key` made of the answer. */
  readonly key: VoteKey;
  /** The answer as the first of them by number gave it. */
  readonly answer: A;
  /** How many samples gave it. */
  readonly votes: number;
  /** The sum of their weights: the number of votes, unless votes have a weight. */
  readonly weight: number;
}

/** What became of one sample: a vote, or none. */
export type Ballot =
  | { readonly kind: "vote"; readonly key: VoteKey; readonly weight: number }
  | { readonly kind: "abstained" }
  | { readonly kind: "failed" };

/** A vote under way, as a rule is shown it. */
export interface VoteCount {
  /** How many samples may be asked altogether. */
  readonly of: number;
  /** How many of them have not ended: under way, or not asked. */
  readonly left: number;
  /** The answers given so far: the one of the greatest weight first, equals by the first sample that gave them. */
  readonly tally: readonly VoteTally<unknown>[];
  /** By the number of the sample, from 0. Undefined, or beyond the end, where it has not ended. */
  readonly ballots: readonly (Ballot | undefined)[];
  /** How much one vote counts at the most. */
  readonly maxWeight: number;
}

/**
 * Why a vote stopped.
 *
 * - `decided`: the rule has what it asks for.
 * - `certain`: it has not, but no other answer can catch up with the leading one any more.
 * - `unreachable`: it cannot get it any more.
 * - `exhausted`: all samples have ended before it had it.
 */
export type VoteReason = "decided" | "certain" | "unreachable" | "exhausted";

/** What a rule says of a count. */
export type VoteRuling =
  /** More samples must end, at the least so many: an integer from 1. Those under way are among them. */
  | { readonly status: "open"; readonly needs: number }
  /** It is over: one winner, several that are tied, or none. */
  | {
      readonly status: "settled";
      readonly winners: readonly VoteKey[];
      readonly reason: VoteReason;
    };

/**
 * When a vote is over, and who has won.
 *
 * Contract: `judge` depends on the count alone and must not change it. `needs` must never exceed the number of samples after which
 * the rule could be settled at the earliest, whatever they say; then no sample is wasted. 1 is always right, and asks one after
 * the other; a number too high costs samples, which are cancelled once the rule is settled. Where nothing is `left` and the rule
 * is still open, the answers of the greatest weight win.
 *
 * @example
 * ```ts
 * import { vote, type VoteRule } from "fanfold";
 *
 * // One "unsafe" is enough; otherwise everybody is heard.
 * const veto: VoteRule = {
 *   judge: ({ tally }) =>
 *     tally.some(({ key }) => key === "unsafe")
 *       ? { status: "settled", winners: ["unsafe"], reason: "decided" }
 *       : { status: "open", needs: 1 },
 * };
 * const { winner, asked } = await vote(({ key }) => (key === "1" ? "unsafe" : "safe"), { of: 5, rule: veto });
 * console.log(winner, asked);
 * ```
 */
export interface VoteRule {
  /** Says whether the vote is over. Called before the first sample and after each that ended. */
  judge(count: VoteCount): VoteRuling;
}
