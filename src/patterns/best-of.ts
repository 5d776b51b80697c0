/** `bestOf`: several answers, and the one with the highest score. */
import type { Run } from "../core/run-options.ts";
import type { TaskContext } from "../core/task.ts";
import { poll } from "./poll.ts";
import type { Sample, Sampling, SamplingOptions } from "./sampling.ts";

/** Options of {@link bestOf}. */
export interface BestOfOptions<A> extends SamplingOptions {
  /** How many samples may be asked altogether: an integer from 1. */
  readonly of: number;
  /**
   * How good an answer is: the higher the better. Called inside the task of its sample, whose signal, limits and retries are also
   * its own; what it throws fails the sample.
   */
  readonly score: (answer: A, ctx: TaskContext) => number | PromiseLike<number>;
  /** A score that is good enough: the first answer to reach it ends the search. @defaultValue none: all are asked */
  readonly enough?: number | undefined;
}

/** An answer with its score. */
export interface ScoredAnswer<A> {
  readonly answer: A;
  readonly score: number;
  /** The number of the sample that gave it. */
  readonly sample: number;
}

interface BestFacts<A> extends Sampling {
  /** Every answer that was scored: the best first, equals by the number of their sample. */
  readonly ranking: readonly ScoredAnswer<A>[];
  /** Whether an answer was good enough, or all samples have ended before. */
  readonly reason: "decided" | "exhausted";
}

/** How a search for the best answer ended: with one, with several that are equally good, or with none. */
export type BestResult<A> =
  | (BestFacts<A> & { readonly verdict: "won"; readonly winner: A; readonly score: number })
  | (BestFacts<A> & {
      readonly verdict: "tied";
      readonly winner: undefined;
      readonly tied: readonly A[];
      readonly score: number;
    })
  | (BestFacts<A> & { readonly verdict: "undecided"; readonly winner: undefined });

/**
 * Runs `sample` up to `of` times and returns the answer with the highest score.
 *
 * Without `enough` all samples are needed and run together, within the limit. With it any of them may be the last, so that they run
 * one at a time, or `ahead` more at once. Different answers that share the highest score are tied.
 *
 * Failed samples, abstentions and cancellation are those of {@link vote}.
 *
 * @throws `RangeError` or `TypeError` when an option is invalid.
 * @throws `TasksFailedError`, as a rejection, when all samples that ended have failed; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { bestOf } from "fanfold";
 *
 * const drafts = ["short", "a bit longer", "long"];
 * const { winner, ranking } = await bestOf(({ key }) => drafts[Number(key)] ?? "", {
 *   of: 3,
 *   score: (draft) => draft.length,
 * });
 * console.log(winner, ranking.map(({ score }) => score));
 * ```
 */
export function bestOf<A>(sample: Sample<A>, options: BestOfOptions<A>): Run<BestResult<A>> {
  const { of, score, enough, ...rest } = options;
  if (Number.isNaN(enough)) {
    throw new RangeError(`Cannot choose the best as "enough" must be a number: ${enough}`);
  }
  const read = new Map<number, ScoredAnswer<A>>();
  const scored: ScoredAnswer<A>[] = [];
  const isEnough = (): boolean =>
    enough !== undefined && scored.some(({ score }) => score >= enough);
  return poll(
    sample,
    {
      of,
      async read(answer, sample, ctx) {
        const value = await score(answer, ctx);
        if (typeof value !== "number" || Number.isNaN(value)) {
          throw new RangeError(
            `Cannot choose the best as a score must be a number: ${String(value)}`,
          );
        }
        read.set(sample, { answer, score: value, sample });
      },
      count(sample, end) {
        const answer = read.get(sample);
        if (end === "answered" && answer !== undefined) {
          scored.push(answer);
        }
      },
      needs(left) {
        if (isEnough()) {
          return 0;
        }
        return enough === undefined ? left : Math.min(left, 1);
      },
    },
    rest,
    (sampling) => resultOf(scored, { ...sampling, reason: isEnough() ? "decided" : "exhausted" }),
  );
}

function resultOf<A>(
  scored: readonly ScoredAnswer<A>[],
  sampling: Omit<BestFacts<A>, "ranking">,
): BestResult<A> {
  const ranking = scored.toSorted((a, b) => b.score - a.score || a.sample - b.sample);
  const facts = { ...sampling, ranking };
  const [best] = ranking;
  if (best === undefined) {
    return { verdict: "undecided", winner: undefined, ...facts };
  }
  const { answer: winner, score } = best;
  const tied = [
    ...new Set(ranking.filter((each) => each.score === score).map(({ answer }) => answer)),
  ];
  return tied.length > 1
    ? { verdict: "tied", winner: undefined, tied, score, ...facts }
    : { verdict: "won", winner, score, ...facts };
}
