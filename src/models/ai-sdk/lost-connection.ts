/** Connections that could not be made or broke off, in our words: those of provider packages name no address, or no reason. */
import { describeError } from "../../core/errors.ts";

/** How deep the first cause is looked for. */
const DEEPEST = 4;

/** What is used of an `APICallError` of a provider package. */
interface ApiCallError {
  readonly name?: unknown;
  readonly url?: unknown;
  readonly statusCode?: unknown;
  readonly isRetryable?: unknown;
  readonly cause?: unknown;
}

/** The error itself, or where it tells of a lost connection one that says so, with the address and why; its cause is the error. */
export function lostConnection(error: unknown): unknown {
  const { name, url, statusCode, isRetryable, cause }: ApiCallError = error ?? {};
  const hasAnswer = typeof statusCode === "number";
  // Packages say of an answer that is no refusal that it may pass only where they could not read it to its end.
  const isLost = isRetryable === true && !(hasAnswer && statusCode >= 400);
  if (name !== "AI_APICallError" || !isLost || typeof url !== "string" || cause === undefined) {
    return error;
  }
  const [address] = url.split("?"); // What follows may hold a key.
  const reason = firstCause(cause);
  const message = hasAnswer
    ? `Cannot use the answer of the model as the connection to ${address} broke off: ${reason}`
    : `Cannot reach the model at ${address}: ${reason}`;
  return new Error(message, { cause: error });
}

function firstCause(error: unknown): string {
  let at = error;
  for (
    let depth = 0;
    depth < DEEPEST && at instanceof Error && at.cause !== undefined;
    depth += 1
  ) {
    at = at.cause;
  }
  return describeError(at);
}
