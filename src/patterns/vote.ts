/** `vote`: many answers to one question, and the one that wins. */
import type { Run } from "../core/run-options.ts";
import { Ballots } from "./ballots.ts";
import { poll } from "./poll.ts";
import { majority } from "./rules/majority.ts";
import type { VoteKey, VoteRule, VoteTally } from "./rules/rule.ts";
import { inMillionths } from "./rules/standing.ts";
import type { Sample, SamplingOptions } from "./sampling.ts";
import type { VoteResult } from "./vote-result.ts";

/** Options of {@link vote}. */
export interface VoteOptions<A> extends SamplingOptions {
  /** How many samples may be asked altogether: an integer from 1. @defaultValue 3 */
  readonly of?: number | undefined;
  /** When it is over, and who has won. @defaultValue `majority()` */
  readonly rule?: VoteRule | undefined;
  /**
   * What answers are told apart by: answers with equal keys are the same. Undefined abstains. What it throws fails the sample.
   * @defaultValue the answer itself, where undefined and null abstain; answers that are objects need a key
   */
  readonly key?: ((answer: A) => VoteKey | undefined) | undefined;
  /**
   * How much a vote counts, from 0 to `maxWeight`: the confidence of the answer, for example. Counted in millionths, so that sums
   * are exact. @defaultValue 1
   */
  readonly weight?: ((answer: A) => number) | undefined;
  /**
   * How much a vote may count at the most: how far others can still catch up depends on it. A number from 0.000001 to 1000000.
   * @defaultValue 1
   */
  readonly maxWeight?: number | undefined;
}

/** A vote under way: await it for its result. */
export interface VoteRun<A> extends Run<VoteResult<A>> {
  /** How the votes stand, as of now: also after a deadline, a failure or a cancel, where no result says it. In the order of `tally` of results. */
  readonly tally: readonly VoteTally<A>[];
}

/**
 * Runs `sample` up to `of` times and returns the answer that wins by `rule`.
 *
 * Guarantees: at any moment only as many samples run as the rule needs at the least to be settled, counted anew after each that
 * ended. With `ahead: 0`, the default, the number of samples asked, the verdict and the winner are those of asking one after the
 * other, whatever the order in which they end; only the rounds are fewer. A tie is reported as one, and never broken.
 *
 * Samples that fail (after their retries, if any) or abstain with `ctx.skip` use up one of `of` each and do not vote. What can no
 * longer matter is cancelled.
 *
 * Does not guarantee that samples are independent of each other, or right.
 *
 * Cancellation: through `signal`, `run.cancel()`, `deadlineMs` or the task around it; the vote then rejects, and `run.tally` has what was counted.
 *
 * @throws `RangeError` or `TypeError` when an option is invalid, or the rule is settled without a sample, such as `threshold(4)` of 3.
 * @throws `TasksFailedError`, as a rejection, when all samples that ended have failed; `CancelledError` when the run was cancelled.
 * @see Lingjiao Chen, Jared Quincy Davis, Boris Hanin, Peter Bailis, Ion Stoica, Matei Zaharia, James Zou: "Are More LLM Calls All You
 * Need? Towards Scaling Laws of Compound Inference Systems" (2024), when more votes make the result worse
 * @example
 * ```ts
 * import { vote } from "fanfold";
 *
 * const answers = ["42", "41", " 42"];
 * const { winner, tally } = await vote(({ key }) => answers[Number(key)] ?? "42", { key: (answer) => answer.trim() });
 * console.log(winner, tally.map(({ key, votes }) => `${key}: ${votes}`));
 * ```
 */
export function vote<A>(sample: Sample<A>, options: VoteOptions<A> = {}): VoteRun<A> {
  const {
    of = 3,
    rule = majority(),
    key = ownKey,
    weight = fullWeight,
    maxWeight = 1,
    ...rest
  } = options;
  checkMaxWeight(maxWeight);
  const ballots = new Ballots<A>({ of, rule, maxWeight });
  let misuse: TypeError | undefined;
  const run = poll(
    sample,
    {
      of,
      read(answer, number, ctx) {
        if (key === ownKey && isObject(answer)) {
          misuse = new TypeError(
            `Cannot count a vote as "key" must be given where answers are objects: ${String(answer)}`,
          );
          return;
        }
        const own = key(answer);
        if (own === undefined) {
          return ctx.skip("its answer is no vote");
        }
        ballots.read(number, { key: own, answer, weight: checkWeight(weight(answer), maxWeight) });
      },
      count: (number, end) => ballots.count(number, end),
      needs() {
        // Not the failure of a sample: each of the others would be asked in vain.
        if (misuse !== undefined) {
          throw misuse;
        }
        return ballots.needs();
      },
    },
    rest,
    (sampling) => ({ ...ballots.standing, ...sampling }),
  );
  return Object.defineProperty(run, "tally", { get: () => ballots.tally }) as VoteRun<A>; // It is all that it adds.
}

function isObject(answer: unknown): boolean {
  return (typeof answer === "object" && answer !== null) || typeof answer === "function";
}

/** The key of a plain answer. */
function ownKey(answer: unknown): VoteKey | undefined {
  return (answer ?? undefined) as VoteKey | undefined; // Objects were refused.
}

const fullWeight = (): number => 1;

function checkWeight(weight: number, maxWeight: number): number {
  if (weight >= 0 && weight <= maxWeight) {
    return weight;
  }
  throw new RangeError(
    `Cannot count a vote as its weight must be a number from 0 to ${maxWeight}: ${weight}`,
  );
}

function checkMaxWeight(maxWeight: number): void {
  if (!(inMillionths(maxWeight) >= 1 && maxWeight <= 1_000_000)) {
    throw new RangeError(
      `Cannot vote as "maxWeight" must be a number from 0.000001 to 1000000: ${maxWeight}`,
    );
  }
}
