/** What is thrown where a model answered something else than it was asked for. */
import { FanfoldError, hasCode } from "../core/errors.ts";
import type { ModelResponse } from "./model.ts";

/** The answer of a model is not what was asked for: it is no JSON, or it does not fit the schema. */
export class ModelOutputError extends FanfoldError {
  override readonly name = "ModelOutputError";
  /** What the model wrote. */
  readonly text: string;
  /** What is wrong with it, each in a line that a model understands: from one to eleven. */
  readonly complaints: readonly string[];
  /** The response, without an `object`: it has been paid for. Undefined where only a text was read. */
  readonly response: ModelResponse | undefined;

  constructor(text: string, complaints: readonly string[], response?: ModelResponse) {
    super(
      "MODEL_OUTPUT_INVALID",
      `Cannot use the answer of the model as it does not fit what was asked for: ${complaints.join("; ")}`,
    );
    this.text = text;
    this.complaints = complaints;
    this.response = response;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is ModelOutputError {
    return hasCode(error, "MODEL_OUTPUT_INVALID");
  }
}
