/** From what a model has said to the response that callers get: one place for all models. */
import type { ToolCall } from "../tools/result.ts";
import type { FinishReason, ModelPart, ModelRequest, ModelResponse, ModelUsage } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";
import { readObject } from "./read-object.ts";

/** What a model has said, all of it. */
export interface Answer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: ModelUsage;
  readonly headers: Readonly<Record<string, string>>;
  /** What only the model itself understands. @defaultValue nothing */
  readonly raw?: unknown;
}

/**
 * Makes the response to a request, with its object where there is to be one.
 *
 * @throws `ModelOutputError`, as a rejection, when the text is not what `schema` of the request asks for.
 */
export async function responseOf(
  { schema }: ModelRequest,
  { raw, ...answer }: Answer,
): Promise<ModelResponse> {
  const { text, toolCalls, finishReason } = answer;
  const message = {
    role: "assistant",
    text,
    toolCalls,
    ...(raw === undefined ? {} : { raw }),
  } as const;
  const response: ModelResponse = { ...answer, message };
  if (schema === undefined || toolCalls.length > 0) {
    return response;
  }
  try {
    return { ...response, object: await readObject(text, schema.schema) };
  } catch (error) {
    if (!ModelOutputError.isInstance(error)) {
      throw error;
    }
    throw new ModelOutputError(text, [...whyCut(finishReason), ...error.complaints], response);
  }
}

function whyCut(reason: FinishReason): readonly string[] {
  return reason === "length" ? ["It was cut off, as it was longer than it may be"] : [];
}

/** A whole response as the parts of a stream. */
export function* partsOf(response: ModelResponse): Generator<ModelPart> {
  if (response.text !== "") {
    yield { type: "text", text: response.text };
  }
  for (const call of response.toolCalls) {
    yield { type: "tool-call", call };
  }
  yield { type: "finish", response };
}
