/** When a failed attempt is repeated, and how long to wait before. */
import { retryAfterMs } from "./retry-after.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** When and how often a failed attempt is repeated. Only for work that is safe to repeat. */
export interface RetryOptions {
  /**
   * How many attempts there may be, the first included: an integer from 1. Those that a service sent away (a status of 429, 503 or 529)
   * do not count where a limit that knows time pauses for it, up to 20 of them. @defaultValue 3
   */
  readonly attempts?: number | undefined;
  /** The longest delay before the second attempt, in milliseconds. @defaultValue 1000 */
  readonly delayMs?: number | undefined;
  /** By how much each further delay grows. @defaultValue 2 */
  readonly factor?: number | undefined;
  /** What no delay grows beyond, in milliseconds. @defaultValue 10000 */
  readonly maxDelayMs?: number | undefined;
  /**
   * Which part of the delay is left to chance, so that tasks that failed together are not repeated together: all of it, or none
   * ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015). @defaultValue "full"
   */
  readonly jitter?: "full" | "none" | undefined;
  /** Where chance comes from: a number from 0 up to 1. @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
  /** Whether this error is worth another attempt. @defaultValue every error */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
  /** A bound on retries that other tasks share. When it is spent, the failure stands. @defaultValue that of the first limit that has one */
  readonly budget?: RetryBudget | undefined;
}

/** A checked policy. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** From 0 up to 1: how much of the delay is waited. */
  readonly random: () => number;
  readonly retryIf: (error: unknown, attempt: number) => boolean;
  readonly budget: RetryBudget | undefined;
}

/**
 * Checks what a user gave and fills in the defaults, among them a budget that others share. `true` stands for all of them, `false` for one attempt.
 *
 * @throws `RangeError` when a number is out of its range.
 */
export function retryPolicy(
  retry: boolean | number | RetryOptions | undefined,
  commonBudget?: RetryBudget,
): RetryPolicy | undefined {
  if (retry === undefined || retry === false) {
    return undefined;
  }
  const options: RetryOptions =
    typeof retry === "number" ? { attempts: retry } : retry === true ? {} : retry;
  const {
    attempts = 3,
    delayMs = 1000,
    factor = 2,
    maxDelayMs = 10_000,
    jitter = "full",
    random = Math.random,
    retryIf = () => true,
    budget = commonBudget,
  } = options;
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new RangeError(`Cannot retry as "attempts" must be an integer from 1: ${attempts}`);
  }
  for (const [name, value, least] of [
    ["delayMs", delayMs, 0],
    ["factor", factor, 1],
    ["maxDelayMs", maxDelayMs, 0],
  ] as const) {
    if (!(value >= least && value < Infinity)) {
      throw new RangeError(
        `Cannot retry as "${name}" must be a finite number from ${least}: ${value}`,
      );
    }
  }
  if (jitter !== "full" && jitter !== "none") {
    throw new RangeError(`Cannot retry as "jitter" must be "full" or "none": ${String(jitter)}`);
  }
  return {
    attempts,
    delayMs,
    factor,
    maxDelayMs,
    random: jitter === "full" ? random : () => 1,
    retryIf,
    budget,
  };
}

/**
 * The delay after attempt number `attempt` (from 1) failed: exponential, capped, left to chance. What the server asked for comes
 * before it.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, error: unknown): number {
  const longestMs = Math.min(policy.maxDelayMs, policy.delayMs * policy.factor ** (attempt - 1));
  return (retryAfterMs(error) ?? 0) + longestMs * policy.random();
}
