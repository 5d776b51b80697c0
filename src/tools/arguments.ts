/** From what a model wrote to what a tool takes. What is wrong is told as one text for the model. */
import { describeError } from "../core/errors.ts";
import { isThenable } from "../core/thenable.ts";
import { complaintsOf } from "./complaints.ts";
import type { ToolCall } from "./result.ts";
import type { StandardResult } from "./standard-schema.ts";
import type { Tool } from "./tool.ts";

/** The arguments, or what is wrong with them. */
export type Arguments = { readonly input: unknown } | { readonly complaint: string };

/** Reads the arguments of a call. */
export function readArguments({ input, inputText }: ToolCall): Arguments {
  if (input !== undefined) {
    return { input };
  }
  if (inputText === undefined || inputText.trim() === "") {
    return { input: {} };
  }
  try {
    return { input: JSON.parse(inputText) as unknown };
  } catch (error) {
    return { complaint: `They are not JSON: ${describeError(error)}` };
  }
}

/** What the schema of a tool makes of arguments; a promise only where the schema needs time. */
export function validate(tool: Tool, input: unknown): Arguments | Promise<Arguments> {
  if (tool.input === undefined) {
    return { input };
  }
  try {
    const result = tool.input["~standard"].validate(input);
    // Promises of other realms and libraries too: what they hold must not go unchecked.
    return isThenable(result)
      ? Promise.resolve(result)
          .then(argumentsOf)
          .catch((error: unknown) => ({ complaint: complaintOf(error) }))
      : argumentsOf(result);
  } catch (error) {
    return { complaint: complaintOf(error) };
  }
}

function argumentsOf(result: StandardResult<unknown>): Arguments {
  if (result.issues === undefined) {
    return { input: result.value };
  }
  return {
    complaint: complaintsOf(result.issues)
      .map((line) => `- ${line}`)
      .join("\n"),
  };
}

function complaintOf(error: unknown): string {
  return `The schema of the tool failed: ${describeError(error)}`;
}
