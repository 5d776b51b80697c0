/** How far the leading answer is ahead, and whether any other can still catch up. */
import type { VoteCount, VoteRuling } from "./rule.ts";

/** Weights in millionths: whole numbers, whose sums do not depend on the order of adding. */
export function inMillionths(weight: number): number {
  return Math.round(weight * 1_000_000);
}

/** The two answers that matter, in millionths. */
export interface Standing {
  readonly first: number;
  /** 0 where there is only one answer: one that nobody has given yet may still come. */
  readonly second: number;
  /** How much one more vote may count. */
  readonly most: number;
}

/** Who leads, and by how much. */
export function standingOf({ tally, maxWeight }: VoteCount): Standing {
  return {
    first: inMillionths(tally[0]?.weight ?? 0),
    second: inMillionths(tally[1]?.weight ?? 0),
    most: inMillionths(maxWeight),
  };
}

/**
 * How many votes must come at the least until no answer can catch up with the first, or draw level: all of them for the first.
 * 0 where none can now.
 */
export function untilCertain(count: VoteCount): number {
  const { first, second, most } = standingOf(count);
  const lead = first - second;
  return lead > count.left * most ? 0 : Math.floor((count.left * most - lead) / (2 * most)) + 1;
}

/** Settled for the leading answer. */
export function leaderWins({ tally }: VoteCount, reason: "decided" | "certain"): VoteRuling {
  return { status: "settled", winners: tally.slice(0, 1).map(({ key }) => key), reason };
}

/**
 * The ruling of a rule that stops early: `needs` more votes settle it at the least, 0 settle it now. It also stops where no other
 * answer can catch up, as more votes would change nothing. Once all have ended it is for the vote to say who leads.
 */
export function openUntil(count: VoteCount, needs: number): VoteRuling {
  if (needs <= 0) {
    return leaderWins(count, "decided");
  }
  const certain = untilCertain(count);
  return certain === 0 && count.left > 0
    ? leaderWins(count, "certain")
    : { status: "open", needs: Math.min(needs, certain) };
}
