/** `bestAnswer`: several answers of models, and the one that is judged best. */
import type { TaskContext } from "../core/task.ts";
import { bestOf, type ScoredAnswer } from "../patterns/best-of.ts";
import type { Sampling } from "../patterns/sampling.ts";
import { samplesOf } from "./defaults.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRun, type ModelRunOptions, type ModelWork } from "./model-run.ts";
import { fenced, fenceFor, fillPrompt } from "./prompt.ts";
import { JUDGEMENT_PROMPT } from "./prompts/judgement.ts";
import { describePerspective } from "./prompts/opinion.ts";
import { number, object, text, type DataOf } from "./shape.ts";
import { votersOf, type VoterOptions } from "./voters.ts";

/** A model that says how good an answer is. */
export interface Judge {
  /** Better another than the one that answers: models are fond of what they write themselves. */
  readonly model: Model;
  /** What makes an answer good. @defaultValue that it is right, complete and to the point */
  readonly criteria?: string | undefined;
  /** What the judge is told. @defaultValue `JUDGEMENT_PROMPT` */
  readonly prompt?: typeof JUDGEMENT_PROMPT | undefined;
}

/** Options of {@link bestAnswer}: either a `judge` or a `score`. */
export type BestAnswerOptions = ModelRunOptions &
  VoterOptions & {
    /** What is asked. */
    readonly question: string;
    /** The system prompt of those who answer. @defaultValue none */
    readonly instructions?: string | undefined;
    /** How many answers are asked for: an integer from 1. @defaultValue as many as there are voters, and 3 at the least */
    readonly of?: number | undefined;
    /** A score that is good enough: the first answer to reach it ends the search. @defaultValue none: all are asked */
    readonly enough?: number | undefined;
    /** How many more may be under way than are needed at the least, as for `bestOf`. @defaultValue 0 */
    readonly ahead?: number | undefined;
    /** The longest answer, in tokens: an integer from 1. @defaultValue that of the service */
    readonly maxOutputTokens?: number | undefined;
  } & (
    | { readonly judge: Judge; readonly score?: undefined }
    | {
        /** How good an answer is, by a program: the higher the better. */
        readonly score: (answer: string, ctx: TaskContext) => number | PromiseLike<number>;
        readonly judge?: undefined;
      }
  );

/** An answer with its score, and why. */
export interface JudgedAnswer extends ScoredAnswer<string> {
  /** Who gave it. */
  readonly voter: string;
  /** What the judge says of it; undefined with `score`. */
  readonly reasoning: string | undefined;
}

/** The best answer, and the others. */
export interface BestAnswer extends Sampling {
  /** Whether one is best, several are equally good, or none could be scored. */
  readonly verdict: "won" | "tied" | "undecided";
  /** The best answer; undefined where none is. */
  readonly answer: string | undefined;
  /** Whether an answer was good enough, or all have been asked. */
  readonly reason: "decided" | "exhausted";
  /** Every answer that was scored: the best first, equals by the number of their sample. */
  readonly ranking: readonly JudgedAnswer[];
}

/**
 * Asks models several times and returns the answer with the highest score, from a judge or a program.
 *
 * Guarantees and costs are those of `bestOf`: a judge is asked once for each answer, in the task of that answer.
 *
 * Does not guarantee that a judge gives equal answers equal scores: one judge errs in its own way, whatever the number of answers.
 *
 * @throws `TypeError` or `RangeError`, at once or as a rejection, when an option is invalid.
 * @throws `TasksFailedError`, as a rejection, when no answer could be had and scored; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { bestAnswer } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const { answer, ranking } = await bestAnswer({
 *   models: ["short", "a bit longer", "long"].map((text) => scripted([text])),
 *   question: "Name it.",
 *   score: (text) => text.length,
 * });
 * console.log(answer, ranking.map(({ score }) => score));
 * ```
 */
export function bestAnswer(options: BestAnswerOptions): ModelRun<BestAnswer> {
  const { question, instructions, of, enough, ahead, maxOutputTokens, judge, score, ...rest } =
    options;
  const { model, models, voters: given, temperature, ...runOptions } = rest;
  const voters = votersOf({ model, models, voters: given, temperature });
  if ((judge === undefined) === (score === undefined)) {
    throw new TypeError('Cannot choose the best answer as either "judge" or "score" must be given');
  }
  return modelRun("bestAnswer", runOptions, async (work) => {
    const byNumber = (number: number) => voters[number % voters.length] as (typeof voters)[number]; // There is one.
    const reasonings = new Map<number, string>();
    const result = await bestOf<string>(
      async (ctx) => {
        const { model, perspective, temperature } = byNumber(Number(ctx.key));
        const prompt = `${question}${describePerspective(perspective)}`;
        const request = { instructions, prompt, temperature, maxOutputTokens };
        const { text } = await work.tell(model, request, { within: ctx, key: "ask" });
        return text;
      },
      {
        within: work.ctx,
        name: "answer",
        of: of ?? samplesOf(voters.length),
        enough,
        ahead,
        score: async (answer, ctx) => {
          if (judge === undefined) {
            return await score(answer, ctx);
          }
          const said = await judged(work, { judge, question, answer, ctx });
          reasonings.set(Number(ctx.key), said.reasoning);
          return said.score;
        },
      },
    );
    const { verdict, winner, ranking, asked, saved, cancelled } = result;
    const { abstained, failures, rounds, reason } = result;
    return {
      ...{ verdict, answer: winner, reason, asked, saved, cancelled, abstained, failures, rounds },
      ranking: ranking.map((each) => ({
        ...each,
        voter: byNumber(each.sample).name,
        reasoning: reasonings.get(each.sample),
      })),
    };
  });
}

const SHAPE = object({ reasoning: text(), score: number(0, 10) });

interface Judging {
  readonly judge: Judge;
  readonly question: string;
  readonly answer: string;
  readonly ctx: TaskContext;
}

async function judged(
  work: ModelWork,
  { judge, question, answer, ctx }: Judging,
): Promise<DataOf<typeof SHAPE>> {
  const { model, prompt = JUDGEMENT_PROMPT } = judge;
  const { criteria = "It is right, complete and to the point." } = judge;
  const filled = fillPrompt(prompt, {
    question,
    criteria,
    answer: fenced(answer, fenceFor([answer])),
  });
  const request = { ...filled, schema: SHAPE };
  const { object } = await work.ask(model, request, { within: ctx, key: "judge" });
  return object;
}
