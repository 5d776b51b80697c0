/** Validators: programs, and models with a rule, that say what is wrong with an input. */
import type { TaskContext } from "../core/task.ts";
import type { Model } from "./model.ts";
import type { ModelWork } from "./model-run.ts";
import { fenced, fenceFor, fillPrompt, textOf } from "./prompt.ts";
import { VALIDATION_PROMPT } from "./prompts/validation.ts";
import { list, object, text } from "./shape.ts";

/** What is wrong: a text or several, or `false` where it cannot be said. Nothing, `true` or an empty list is fine. */
export type Complaints = string | readonly string[] | boolean | undefined;

/** A program that checks an input. What it throws is no complaint: the input is then unchecked. */
export type CodeValidator<I> = (input: I, ctx: TaskContext) => Complaints | PromiseLike<Complaints>;

/** A model that checks an input by a rule. */
export interface ModelValidator {
  readonly model: Model;
  /** What the input must keep to. */
  readonly rule: string;
  /** What the model is told. @defaultValue `VALIDATION_PROMPT` */
  readonly prompt?: typeof VALIDATION_PROMPT | undefined;
}

/** Something that checks an input. */
export type Validator<I> = CodeValidator<I> | ModelValidator;

const SHAPE = object({ reasoning: text(), complaints: list(text()) });

/** What a validator says of an input: texts, none where it is fine. */
export async function complaintsBy<I>(
  work: ModelWork,
  validator: Validator<I>,
  { input, ctx }: { readonly input: I; readonly ctx: TaskContext },
): Promise<readonly string[]> {
  if (typeof validator === "function") {
    return listOf(await validator(input, ctx));
  }
  const { model, rule, prompt = VALIDATION_PROMPT } = validator;
  const text = textOf(input);
  const filled = fillPrompt(prompt, { input: fenced(text, fenceFor([text])), rule });
  const request = { ...filled, schema: SHAPE };
  const { object } = await work.ask(model, request, { within: ctx, key: "ask" });
  return object.complaints;
}

function listOf(complaints: Complaints): readonly string[] {
  switch (complaints) {
    case undefined:
    case true:
      return [];
    case false:
      return ["it does not pass"];
    default: {
      const list = [complaints].flat();
      if (!list.every((each) => typeof each === "string")) {
        throw new TypeError(
          `Cannot use what a validator returned, as it must be a text, several, true, false or nothing: ${complaints === null ? "null" : typeof complaints}`,
        );
      }
      return list;
    }
  }
}
