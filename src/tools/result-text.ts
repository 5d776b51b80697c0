/** What a model reads of a call: an output as text, or what failed, why, and what to try. */
import { inspect, types } from "node:util";
import { describeError, describeSkip } from "../core/errors.ts";
import { formatDuration } from "../core/format-duration.ts";
import type { SkipCause } from "../core/outcome.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Tool } from "./tool.ts";

/** How many tools are named to a model that called none of them. */
const MOST_TOOLS = 30;

/** How many causes of an error are told: the first says what failed, the last why. */
const MOST_CAUSES = 5;

/**
 * The text of an output.
 *
 * @throws whatever `format` of the tool throws, and `TypeError` when it gives no text.
 */
export function outputText(tool: Tool, output: unknown, input: unknown): string {
  const text: unknown = tool.format === undefined ? plainText(output) : tool.format(output, input);
  if (typeof text !== "string") {
    throw new TypeError(`Cannot show an output as "format" must return a text: ${typeof text}`);
  }
  return text === "" ? "(no output)" : text;
}

function plainText(output: unknown): string {
  if (typeof output === "string") {
    return output;
  }
  try {
    return JSON.stringify(output) ?? "";
  } catch {
    return inspect(output); // Circles and big integers are not JSON.
  }
}

/** No tool has that name. */
export function unknownToolText(name: string, known: readonly string[]): string {
  const more = known.length > MOST_TOOLS ? `, and ${known.length - MOST_TOOLS} more` : "";
  const list = known.length === 0 ? "none" : known.slice(0, MOST_TOOLS).join(", ") + more;
  return `There is no tool ${JSON.stringify(name)}${didYouMean(name, known)}. The tools are: ${list}.`;
}

/** The arguments are not what the tool takes. */
export function invalidText(name: string, complaint: string): string {
  return `The arguments of ${name} are invalid; nothing was run. Correct them and call it again.\n${complaint}`;
}

/** Two calls of a turn have the same id. */
export function duplicateText(id: string): string {
  return `Another call of this response has the id ${JSON.stringify(id)} already; this one was not run. Call it again.`;
}

/** The tool threw. */
export function failedText(name: string, error: unknown, attempts: number): string {
  const times = attempts > 1 ? ` ${attempts} times` : "";
  return `${name} failed${times}: ${causesOf(error)}`;
}

/** The call took too long. */
export function timedOutText(name: string, limitMs: number): string {
  return `${name} was told to stop as it took longer than ${formatDuration(limitMs)}. What it did until then may have had its effect. Try less at once.`;
}

/** The call was stopped, or never began. */
export function cancelledText(name: string, reason: unknown, hasStarted: boolean): string {
  const why = reason === undefined ? "" : `: ${causesOf(reason)}`;
  return hasStarted
    ? `${name} was told to stop before it had ended${why}. What it did until then may have had its effect.`
    : `${name} was not run${why === "" ? ", as it was cancelled" : `, as it was cancelled${why}`}.`;
}

/** What the call needs will not come. */
export function skippedText(name: string, because: SkipCause): string {
  switch (because.kind) {
    case "abandoned":
      return `${name} was not run: it would touch what call ${JSON.stringify(because.task)} touches, and that one does not stop although it was told to.`;
    case "budget":
      return `${name} was not run: ${describeSkip(because)}.`;
    case "condition":
      return `${name} did nothing: ${because.condition}`;
    case "dependency":
      return `${name} was not run: ${describeSkip(because)}.`;
  }
}

/** A call refers to one whose output will not come. */
export function brokenReferenceText(name: string, from: string, status: string): string {
  return `${name} was not run, as it uses the output of call ${JSON.stringify(from)}, which was ${status}.`;
}

/** A call comes after one that did not complete. */
export function brokenOrderText(name: string, after: string, status: string): string {
  return `${name} was not run, as it comes after call ${JSON.stringify(after)}, which ended as ${status}.`;
}

/** The call was not approved. */
export function deniedText(name: string, reason: string | undefined): string {
  return `${name} was not run, as it was not approved${reason === undefined || reason === "" ? "." : `: ${reason}`}`;
}

/** The true text of an error, with that of its causes, whatever was thrown; never throws itself. */
export function causesOf(error: unknown): string {
  const texts: string[] = [];
  for (let at = error, left = MOST_CAUSES; left > 0 && at !== undefined; left -= 1) {
    const text = errorText(at);
    if (!texts.some((earlier) => earlier.includes(text))) {
      texts.push(text); // Often the message around it repeats that of the cause.
    }
    at = causeOf(at);
  }
  const all = texts.join("\nCaused by: ");
  return all === "" ? `it threw ${inspect(error)}, which says nothing of why` : all;
}

function causeOf(error: unknown): unknown {
  try {
    return isError(error) ? error.cause : undefined;
  } catch {
    return undefined;
  }
}

function errorText(error: unknown): string {
  try {
    if (!isError(error)) {
      return typeof error === "object" ? plainText(error) : describeError(error);
    }
    const together = isAggregate(error) ? error.errors : [];
    const parts = together.slice(0, MOST_CAUSES).map(describeError);
    const more =
      together.length > parts.length ? [`and ${together.length - parts.length} more`] : [];
    const own = parts.length > 0 ? error.message : error.message || error.name;
    return [...(own === "" ? [] : [own]), ...parts, ...more].join("\n");
  } catch {
    return describeError(error);
  }
}

function isAggregate(error: Error): error is AggregateError {
  return error.name === "AggregateError" && "errors" in error && Array.isArray(error.errors);
}

/** Those of other realms too. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}
