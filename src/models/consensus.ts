/** `consensus`: a vote over what models answer, with their reasons. */
import type { Sampling } from "../patterns/sampling.ts";
import { majority } from "../patterns/rules/majority.ts";
import type { VoteCount, VoteKey, VoteReason, VoteRule } from "../patterns/rules/rule.ts";
import { vote } from "../patterns/vote.ts";
import {
  keyOfKind,
  opinionSchema,
  type AnswerKind,
  type AnswerOf,
  type Opinion,
} from "./answer-kind.ts";
import { samplesOf } from "./defaults.ts";
import { modelRun, type ModelRun, type ModelRunOptions } from "./model-run.ts";
import { describeInput, fillPrompt } from "./prompt.ts";
import { describePerspective, OPINION_PROMPT } from "./prompts/opinion.ts";
import { votersOf, type Voter, type VoterOptions } from "./voters.ts";

/** One who votes. */
export interface ConsensusVoter extends Voter {
  /** What it is told. @defaultValue that of the options */
  readonly prompt?: typeof OPINION_PROMPT | undefined;
}

/** Options of {@link consensus}. */
export interface ConsensusOptions<K extends AnswerKind> extends ModelRunOptions, VoterOptions {
  /** Different voters, by turns like `models`. @defaultValue all the same */
  readonly voters?: readonly ConsensusVoter[] | undefined;
  readonly question: string;
  /** What the question is about, and nobody should obey: a text to be judged. @defaultValue nothing */
  readonly input?: string | undefined;
  /** The kind of the answer: `"text"`, `"number"`, `"boolean"`, a list of texts to choose from, or a schema. */
  readonly schema: K;
  /** How many may be asked altogether: an integer from 1. @defaultValue as many as there are voters, and 3 at the least */
  readonly of?: number | undefined;
  /** When it is over, and who has won. @defaultValue `majority()` */
  readonly rule?: VoteRule | undefined;
  /**
   * What answers are told apart by; undefined abstains. @defaultValue those of a list by themselves, other texts without regard to case, spaces
   * and marks, numbers to twelve digits
   */
  readonly key?: ((answer: AnswerOf<K>) => VoteKey | undefined) | undefined;
  /** Whether a vote counts as much as its confidence, instead of 1. @defaultValue false */
  readonly weighted?: boolean | undefined;
  /** How many more may be under way than are needed at the least, as for `vote`. @defaultValue 0 */
  readonly ahead?: number | undefined;
  /** What the voters are told. @defaultValue `OPINION_PROMPT` */
  readonly prompt?: typeof OPINION_PROMPT | undefined;
}

/** One vote that was counted. */
export interface CastVote<A> extends Opinion<A> {
  readonly voter: string;
  /** The number of the sample, from 0. */
  readonly sample: number;
  /** What the answer was told apart by. */
  readonly key: VoteKey;
}

/** What models agreed on, and who did not. */
export interface Consensus<A> extends Sampling {
  /** Whether one answer won, several lead, or none has what the rule asks for. */
  readonly verdict: "won" | "tied" | "undecided";
  /** The answer that won; undefined where none has. */
  readonly answer: A | undefined;
  /** Why the vote stopped. */
  readonly reason: VoteReason;
  /** The votes for the answer, by the number of their sample; none where none won. */
  readonly support: readonly CastVote<A>[];
  /** All other votes, by the number of their sample. */
  readonly dissent: readonly CastVote<A>[];
  /** Which share of the votes is for the answer, from 0 to 1. */
  readonly agreement: number;
  /** `agreement` times the mean confidence of those who agree: a rule of thumb, and no probability. */
  readonly confidence: number;
}

/** A consensus under way: await it for its result. */
export interface ConsensusRun<A> extends ModelRun<Consensus<A>> {
  /**
   * The votes that were counted so far, by the number of their sample: also after a deadline, a failure or a cancel, where no result says
   * them.
   */
  readonly votes: readonly CastVote<A>[];
}

/**
 * Asks models one question and lets their answers vote.
 *
 * Guarantees: those of `vote`: nobody is asked in vain, a tie is never broken, and with `ahead: 0` the verdict does not depend on who answers
 * first. A voter that fails or writes no answer of that kind, asked again included, does not vote.
 *
 * @throws `TypeError` or `RangeError`, at once or as a rejection, when an option is invalid.
 * @throws `TasksFailedError`, as a rejection, when every voter failed; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { consensus } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const opinion = (answer: string) => ({ object: { reasoning: "It says so.", answer, confidence: 0.9 } });
 * const models = [opinion("Paris."), opinion("paris"), opinion("Lyon")].map((answer) => scripted([answer]));
 * const { answer, agreement, asked } = await consensus({
 *   models,
 *   question: "What is the capital of France?",
 *   schema: "text",
 * });
 * console.log(answer, agreement, asked);
 * ```
 */
export function consensus<const K extends AnswerKind>(
  options: ConsensusOptions<K>,
): ConsensusRun<AnswerOf<K>> {
  const { question, input, schema, of, rule, key, weighted, ahead, prompt, ...rest } = options;
  const { model, models, voters: given, temperature, ...runOptions } = rest;
  const voters = votersOf({ model, models, voters: given, temperature });
  const opinion = opinionSchema(schema);
  const keyOf = key ?? keyOfKind(schema);
  const opinions = new Map<number, Opinion<AnswerOf<K>> & { readonly voter: string }>();
  const { rule: watched, counted } = watch(rule ?? majority());
  const votes = (): readonly CastVote<AnswerOf<K>>[] =>
    [...opinions]
      .flatMap(([sample, each]) => {
        const own = counted(sample);
        return own === undefined ? [] : [{ ...each, sample, key: own }];
      })
      .toSorted((a, b) => a.sample - b.sample);
  const run = modelRun("consensus", runOptions, async (work) => {
    const result = await vote<Opinion<AnswerOf<K>>>(
      async (ctx) => {
        const sample = Number(ctx.key);
        const index = sample % voters.length;
        const voter = voters[index] as (typeof voters)[number]; // There is one.
        const own = given?.[index % given.length]?.prompt;
        const filled = fillPrompt(own ?? prompt ?? OPINION_PROMPT, {
          input: describeInput(input),
          question,
          perspective: describePerspective(voter.perspective),
        });
        const request = { ...filled, temperature: voter.temperature, schema: opinion };
        const { object } = await work.ask(voter.model, request, { within: ctx, key: "ask" });
        opinions.set(sample, { ...object, voter: voter.name });
        return object;
      },
      {
        within: work.ctx,
        name: "vote",
        of: of ?? samplesOf(voters.length),
        rule: watched,
        key: ({ answer }) => keyOf(answer),
        ahead,
        ...(weighted === true ? { weight: ({ confidence }) => confidence } : {}),
      },
    );
    const { verdict, winner, tally: _tally, ...facts } = result;
    return {
      ...facts,
      verdict,
      ...agreed(votes(), winner && keyOf(winner.answer), winner?.answer),
    };
  });
  return Object.defineProperty(run, "votes", { get: votes }) as ConsensusRun<AnswerOf<K>>; // It is all that it adds.
}

/** A rule that remembers which votes it was last shown. */
function watch(rule: VoteRule): {
  readonly rule: VoteRule;
  counted(sample: number): VoteKey | undefined;
} {
  let ballots: VoteCount["ballots"] = [];
  return {
    rule: {
      judge(count) {
        ({ ballots } = count);
        return rule.judge(count);
      },
    },
    counted(sample) {
      const ballot = ballots[sample];
      return ballot?.kind === "vote" ? ballot.key : undefined;
    },
  };
}

function agreed<A>(
  votes: readonly CastVote<A>[],
  key: VoteKey | undefined,
  answer: A | undefined,
): Pick<Consensus<A>, "answer" | "support" | "dissent" | "agreement" | "confidence"> {
  const support = votes.filter((each) => each.key === key);
  const sure = support.reduce((sum, { confidence }) => sum + confidence, 0);
  return {
    answer,
    support,
    dissent: votes.filter((each) => each.key !== key),
    agreement: support.length === 0 ? 0 : support.length / votes.length,
    confidence: support.length === 0 ? 0 : sure / votes.length,
  };
}
