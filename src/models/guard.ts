/** `guard`: an answer that is only given out where nobody objects, with the checks beside it. */
import { TasksFailedError } from "../core/errors.ts";
import type { TaskContext } from "../core/task.ts";
import { failureOf } from "../patterns/failure-of.ts";
import { check, checkValidators, type Verdict } from "./checking.ts";
import { modelRun, type ModelRun, type ModelRunOptions } from "./model-run.ts";
import type { Validator } from "./validator.ts";

/** Options of {@link guard}. */
export interface GuardOptions<I, A> extends ModelRunOptions {
  /** What is checked: the question, or whatever the answer is to be made from. */
  readonly input: I;
  /** The validators, by name: programs and models. One at the least. */
  readonly validators: Readonly<Record<string, Validator<I>>>;
  /** Makes the answer. Its signal is aborted by the first complaint, and by the first validator that fails. */
  readonly answer: (ctx: TaskContext) => A | PromiseLike<A>;
}

/** An answer where all were content, or what speaks against it. */
export type Guarded<A> = Omit<Verdict, "verdict"> &
  (
    | { readonly verdict: "valid"; readonly answer: A }
    | { readonly verdict: "invalid" | "unknown"; readonly answer: undefined }
  );

/**
 * Makes an answer while validators check what it is made from. The first complaint cancels it, and so does a validator that
 * fails: nobody waits for the checks first, and hardly anything is paid for an answer that nobody may see.
 *
 * Guarantees: there is an answer only where every validator has spoken and none complained; one that failed holds it back, as `unknown`.
 *
 * Does not check the answer itself: use `validate` for that. What the answer takes is not in `spent`.
 *
 * @throws `RangeError`, at once, when there is no validator.
 * @throws as a rejection: `TasksFailedError` when the answer failed; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { guard } from "fanfold/models";
 *
 * const { verdict, answer } = await guard({
 *   input: "How do I fold a paper crane?",
 *   validators: { topic: (question) => question.includes("fold") },
 *   answer: async () => "Begin with a square.",
 * });
 * console.log(verdict, answer);
 * ```
 */
export function guard<I, A>(options: GuardOptions<I, A>): ModelRun<Guarded<A>> {
  const { input, validators, answer, ...runOptions } = options;
  checkValidators(validators);
  return modelRun<Guarded<A>>("guard", runOptions, async (work) => {
    const { verdict: all, beside } = await check(work, {
      input,
      validators,
      failFast: true,
      beside: answer,
    });
    const { verdict, ...rest } = all;
    if (verdict === "invalid") {
      return { ...rest, verdict, answer: undefined };
    }
    const failure = beside && failureOf(beside);
    if (failure !== undefined) {
      throw new TasksFailedError([failure]);
    }
    return verdict === "valid" && beside?.status === "completed"
      ? { ...rest, verdict, answer: beside.value as A } // It is what `answer` made.
      : { ...rest, verdict: "unknown", answer: undefined };
  });
}
