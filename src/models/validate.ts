/** `validate`: many checks of one input at once, and one verdict. */
import { check, checkValidators, type Verdict } from "./checking.ts";
import { modelRun, type ModelRun, type ModelRunOptions } from "./model-run.ts";
import type { Validator } from "./validator.ts";

/** Options of {@link validate}. */
export interface ValidateOptions<I> extends ModelRunOptions {
  /** What is checked. Models are shown a text as it is, and anything else as JSON. */
  readonly input: I;
  /** The validators, by name: programs and models. One at the least. */
  readonly validators: Readonly<Record<string, Validator<I>>>;
  /** Whether the first complaint stops the others. @defaultValue false: all complaints are collected */
  readonly failFast?: boolean | undefined;
}

/**
 * Runs all validators at once and says whether the input is valid, and all that is wrong with it.
 *
 * Guarantees: a validator that fails or runs out of time never counts as content: without a complaint of another the verdict is `unknown`. The
 * complaints stand in the order of the validators.
 *
 * @throws `RangeError`, at once, when there is no validator; `CancelledError`, as a rejection, when the run was cancelled.
 * @example
 * ```ts
 * import { validate } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted([{ object: { reasoning: "It names a person.", complaints: ["It names Ada."] } }]);
 * const { verdict, complaints } = await validate({
 *   input: "Ada is late!",
 *   validators: {
 *     length: (text) => text.length < 80,
 *     tone: (text) => (text.includes("!") ? "It shouts." : undefined),
 *     privacy: { model, rule: "Name no person." },
 *   },
 * });
 * console.log(verdict, complaints.map(({ text }) => text));
 * ```
 */
export function validate<I>(options: ValidateOptions<I>): ModelRun<Verdict> {
  const { input, validators, failFast = false, ...runOptions } = options;
  checkValidators(validators);
  return modelRun("validate", runOptions, async (work) => {
    const { verdict } = await check(work, { input, validators, failFast });
    return verdict;
  });
}
