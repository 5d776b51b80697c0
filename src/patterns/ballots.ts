/** The votes of one {@link vote}: counts them, and asks the rule. */
import type { SampleEnd } from "./poll.ts";
import type { Ballot, VoteKey, VoteReason, VoteRule, VoteTally } from "./rules/rule.ts";
import { inMillionths } from "./rules/standing.ts";
import type { VoteStanding } from "./vote-result.ts";

/** A vote that was read, and is counted when its sample has ended. */
interface ReadVote<A> {
  readonly key: VoteKey;
  readonly answer: A;
  readonly weight: number;
}

/** The votes for one answer. */
interface Pile<A> {
  readonly key: VoteKey;
  answer: A;
  /** The number of the first sample in it. */
  first: number;
  votes: number;
  millionths: number;
}

/** Who has won, and why it stopped. */
interface Settled {
  readonly winners: readonly VoteKey[];
  readonly reason: VoteReason;
}

/** Counts votes. */
export class Ballots<A> {
  readonly #options: { readonly of: number; readonly rule: VoteRule; readonly maxWeight: number };
  readonly #read = new Map<number, ReadVote<A>>();
  readonly #ballots: (Ballot | undefined)[] = [];
  readonly #piles = new Map<VoteKey, Pile<A>>();
  #ended = 0;
  #settled: Settled | undefined;

  constructor(options: {
    readonly of: number;
    readonly rule: VoteRule;
    readonly maxWeight: number;
  }) {
    this.#options = options;
  }

  /** Keeps what a sample answered; a later attempt of it replaces that. */
  read(sample: number, vote: ReadVote<A>): void {
    this.#read.set(sample, vote);
  }

  count(sample: number, end: SampleEnd): void {
    const vote = this.#read.get(sample);
    this.#read.delete(sample);
    this.#ended += 1;
    if (end !== "answered" || vote === undefined) {
      this.#ballots[sample] = { kind: end === "failed" ? "failed" : "abstained" };
      return;
    }
    const { key, answer, weight } = vote;
    this.#ballots[sample] = { kind: "vote", key, weight };
    const pile = this.#piles.get(key) ?? { key, answer, first: sample, votes: 0, millionths: 0 };
    this.#piles.set(key, pile);
    pile.votes += 1;
    pile.millionths += inMillionths(weight);
    if (sample < pile.first) {
      pile.first = sample;
      pile.answer = answer;
    }
  }

  /** How many samples more must end at the least; 0 where the rule is settled. */
  needs(): number {
    const { of, rule, maxWeight } = this.#options;
    const left = of - this.#ended;
    const { tally } = this;
    const ruling = rule.judge({ of, left, tally, ballots: this.#ballots, maxWeight });
    if (ruling.status === "settled") {
      this.#settle(ruling);
      return 0;
    }
    if (left === 0) {
      const winners = tally.filter(({ weight }) => weight > 0 && weight === tally[0]?.weight);
      this.#settle({ winners: winners.map(({ key }) => key), reason: "exhausted" });
      return 0;
    }
    if (!(ruling.needs >= 1)) {
      throw new RangeError(
        `Cannot go on with a vote as what its rule "needs" must be a number from 1: ${ruling.needs}`,
      );
    }
    return ruling.needs;
  }

  /** The votes so far. */
  get tally(): readonly VoteTally<A>[] {
    return [...this.#piles.values()]
      .sort((a, b) => b.millionths - a.millionths || a.first - b.first)
      .map(({ key, answer, votes, millionths }) => ({
        key,
        answer,
        votes,
        weight: millionths / 1_000_000,
      }));
  }

  /** How the vote stands, or has ended. */
  get standing(): VoteStanding<A> {
    const { tally } = this;
    const { winners, reason } = this.#settled ?? { winners: [], reason: "exhausted" };
    const leading = tally.filter(({ key }) => winners.includes(key)).map(({ answer }) => answer);
    const [winner] = leading;
    if (leading.length > 1) {
      return { verdict: "tied", winner: undefined, tied: leading, tally, reason };
    }
    return leading.length === 1
      ? { verdict: "won", winner: winner as A, tally, reason } // The only one.
      : { verdict: "undecided", winner: undefined, tally, reason };
  }

  #settle({ winners, reason }: Settled): void {
    const unknown = winners.find((key) => !this.#piles.has(key));
    if (unknown !== undefined) {
      throw new RangeError(
        `Cannot end a vote as the winners of its rule must be keys of its tally: ${String(unknown)}`,
      );
    }
    this.#settled = { winners, reason };
  }
}
