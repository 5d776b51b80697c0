/** How a vote ended. */
import type { VoteReason, VoteTally } from "./rules/rule.ts";
import type { Sampling } from "./sampling.ts";

interface VoteFacts<A> {
  /** Every answer: the one of the greatest weight first, equals by the first sample that gave them. */
  readonly tally: readonly VoteTally<A>[];
  /** Why it stopped. */
  readonly reason: VoteReason;
}

interface Won<A> extends VoteFacts<A> {
  readonly verdict: "won";
  /** The answer, as the first of its samples by number gave it. */
  readonly winner: A;
}

interface Tied<A> extends VoteFacts<A> {
  readonly verdict: "tied";
  readonly winner: undefined;
  /** The answers that lead, by the first sample that gave them. */
  readonly tied: readonly A[];
}

interface Undecided<A> extends VoteFacts<A> {
  readonly verdict: "undecided";
  readonly winner: undefined;
}

/** How a vote stands, or has ended. */
export type VoteStanding<A> = Won<A> | Tied<A> | Undecided<A>;

/** One answer won. */
export interface WonVote<A> extends Won<A>, Sampling {}

/** Several answers lead, and nothing tells which is better. */
export interface TiedVote<A> extends Tied<A>, Sampling {}

/** No answer has what the rule asks for, or nobody voted. */
export interface UndecidedVote<A> extends Undecided<A>, Sampling {}

/** How a vote ended, and what it took. */
export type VoteResult<A> = WonVote<A> | TiedVote<A> | UndecidedVote<A>;
