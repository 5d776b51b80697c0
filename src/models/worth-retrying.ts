/** Which failures of a model may pass when it is asked again. */
import { answersIn } from "../core/http-answer.ts";

/** Too early, too late, in conflict, or too much (RFC 9110, RFC 6585, RFC 8470). */
const PASSING: readonly number[] = [408, 409, 425, 429];

/** What services that have begun to answer say in a stream instead of a status, as `type` of the error. */
const PASSING_TYPES: readonly unknown[] = ["server_error", "overloaded_error", "rate_limit_error"];

/** How deep causes are looked at. */
const DEEPEST = 4;

/**
 * Whether a request that failed like that is worth another try: the service was busy, broken or out of reach. Not one that was refused for
 * what it is, and no answer that does not fit.
 */
export function isWorthRetrying(error: unknown): boolean {
  if (chainOf(error).some(isOfTheAccount)) {
    return false;
  }
  const status = answersIn(error).find((answer) => answer.status !== undefined)?.status;
  if (status !== undefined && status >= 400) {
    return isPassing(status);
  }
  return chainOf(error).some((each) => isOfTheConnection(each) || isOfTheService(each));
}

interface Hints {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly isRetryable?: unknown;
  readonly data?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly cause?: unknown;
}

function isPassing(status: number): boolean {
  return status >= 500 || PASSING.includes(status);
}

function chainOf(error: unknown): readonly Hints[] {
  const chain: Hints[] = [];
  let at = error;
  while (typeof at === "object" && at !== null && chain.length < DEEPEST) {
    chain.push(at);
    at = (at as Hints).cause;
  }
  return chain;
}

/** OpenAI and those that speak like it refuse with 429 also where an account has nothing left to pay with. That does not pass. */
function isOfTheAccount({ data, code, type }: Hints): boolean {
  const { error } = (data ?? {}) as { readonly error?: unknown };
  const inner = (error ?? {}) as { readonly code?: unknown; readonly type?: unknown };
  return [code, type, inner.code, inner.type].includes("insufficient_quota");
}

/** An error that a service put into its stream: its `code` is then what the status would have been. */
function isOfTheService({ code, type }: Hints): boolean {
  return (typeof code === "number" && isPassing(code)) || PASSING_TYPES.includes(type);
}

/** As clients say it: by themselves, or by a code of the system or of the HTTP client of Node. */
function isOfTheConnection({ isRetryable, code, name, message }: Hints): boolean {
  const isOfSystem =
    typeof code === "string" &&
    /^(?:ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_)/.test(code);
  // A stream whose end is missing, as the provider package for services like OpenAI says it.
  const hasNoEnd =
    name === "AI_InvalidResponseDataError" &&
    message === "Response stream ended without a finish reason.";
  return isRetryable === true || isOfSystem || hasNoEnd;
}
