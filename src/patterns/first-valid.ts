/** `firstValid`: answers until one of them stands up to a check. */
import type { Run } from "../core/run-options.ts";
import type { TaskContext } from "../core/task.ts";
import { poll } from "./poll.ts";
import type { Sample, Sampling, SamplingOptions } from "./sampling.ts";

/** Options of {@link firstValid}. */
export interface FirstValidOptions<A> extends SamplingOptions {
  /** How many samples may be asked altogether: an integer from 1. */
  readonly of: number;
  /**
   * Whether an answer is valid. Called inside the task of its sample, whose signal, limits and retries are also its own; what it
   * throws fails the sample.
   */
  readonly verify: (answer: A, ctx: TaskContext) => boolean | PromiseLike<boolean>;
}

interface ValidFacts<A> extends Sampling {
  /** The answers that were not valid, in the order in which they came. */
  readonly rejected: readonly A[];
}

/** How a search for a valid answer ended. */
export type ValidResult<A> =
  | (ValidFacts<A> & {
      readonly verdict: "won";
      /** The first valid answer to come. */
      readonly winner: A;
      readonly reason: "decided";
    })
  | (ValidFacts<A> & {
      readonly verdict: "undecided";
      readonly winner: undefined;
      readonly reason: "exhausted";
    });

/**
 * Runs `sample` up to `of` times, until an answer is valid; the other samples are cancelled.
 *
 * Any sample may be the last one needed, so that they run one at a time. `ahead: 7` keeps eight under way, and wastes at most seven.
 *
 * Failed samples, abstentions and cancellation are those of {@link vote}.
 *
 * @throws `RangeError` or `TypeError` when an option is invalid.
 * @throws `TasksFailedError`, as a rejection, when all samples that ended have failed; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { firstValid } from "fanfold";
 *
 * const guesses = [7, 12, 9, 4];
 * const { winner, rejected } = await firstValid(({ key }) => guesses[Number(key)] ?? 0, {
 *   of: 4,
 *   verify: (guess) => guess % 3 === 0,
 * });
 * console.log(winner, rejected);
 * ```
 */
export function firstValid<A>(
  sample: Sample<A>,
  options: FirstValidOptions<A>,
): Run<ValidResult<A>> {
  const { of, verify, ...rest } = options;
  const read = new Map<number, { readonly answer: A; readonly isValid: boolean }>();
  const rejected: A[] = [];
  let found: { readonly winner: A } | undefined;
  return poll(
    sample,
    {
      of,
      async read(answer, sample, ctx) {
        read.set(sample, { answer, isValid: await verify(answer, ctx) });
      },
      count(sample, end) {
        const checked = read.get(sample);
        read.delete(sample);
        if (end !== "answered" || checked === undefined) {
          return;
        }
        if (checked.isValid) {
          found = { winner: checked.answer };
        } else {
          rejected.push(checked.answer);
        }
      },
      needs: (left) => (found === undefined ? Math.min(left, 1) : 0),
    },
    rest,
    (sampling) =>
      found === undefined
        ? { ...sampling, verdict: "undecided", winner: undefined, rejected, reason: "exhausted" }
        : { ...sampling, verdict: "won", ...found, rejected, reason: "decided" },
  );
}
