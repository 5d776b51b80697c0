/** From what a model wrote to what a tool takes. What is wrong is told as one text for the model. */
import type { ToolCall } from "./result.ts";
import type { StandardIssue, StandardResult } from "./standard-schema.ts";
import type { Tool } from "./tool.ts";

/** The arguments, or what is wrong with them. */
export type Arguments = { readonly input: unknown } | { readonly complaint: string };

/** How many complaints of a schema are repeated: a model that mends ten mends them all. */
const MOST_ISSUES = 10;

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
    const message = error instanceof Error ? error.message : String(error);
    return { complaint: `They are not JSON: ${message}` };
  }
}

/** What the schema of a tool makes of arguments; a promise only where the schema needs time. */
export function validate(tool: Tool, input: unknown): Arguments | Promise<Arguments> {
  if (tool.input === undefined) {
    return { input };
  }
  try {
    const result = tool.input["~standard"].validate(input);
    return result instanceof Promise
      ? result.then(argumentsOf, (error: unknown) => ({ complaint: complaintOf(error) }))
      : argumentsOf(result);
  } catch (error) {
    return { complaint: complaintOf(error) };
  }
}

function argumentsOf(result: StandardResult<unknown>): Arguments {
  if (result.issues === undefined) {
    return { input: result.value };
  }
  const lines = result.issues.slice(0, MOST_ISSUES).map(describeIssue);
  const more = result.issues.length - lines.length;
  return { complaint: [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n") };
}

/** As in `- paths[0].from: expected number, received string`. */
function describeIssue({ message, path = [] }: StandardIssue): string {
  const where = path.map((step) => {
    const key = typeof step === "object" ? step.key : step;
    return typeof key === "number" ? `[${key}]` : `.${String(key)}`;
  });
  const place = where.join("").replace(/^\./, "");
  return place === "" ? `- ${message}` : `- ${place}: ${message}`;
}

function complaintOf(error: unknown): string {
  return `The schema of the tool failed: ${error instanceof Error ? error.message : String(error)}`;
}
