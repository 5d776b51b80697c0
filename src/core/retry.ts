/** When a failed attempt is repeated, and how long to wait before. */

/** When and how often a failed attempt is repeated. */
export interface RetryOptions {
  /** How many attempts there may be, the first included: an integer from 1. */
  readonly attempts: number;
  /** The delay before the second attempt, in milliseconds. @defaultValue 1000 */
  readonly delayMs?: number | undefined;
  /** By how much each further delay grows. @defaultValue 2 */
  readonly factor?: number | undefined;
  /** The longest delay, in milliseconds. @defaultValue 10000 */
  readonly maxDelayMs?: number | undefined;
  /** Whether this error is worth another attempt. @defaultValue every error */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
}

/** A checked policy. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly retryIf: (error: unknown, attempt: number) => boolean;
}

/**
 * Checks what a user gave and fills in the defaults.
 *
 * @throws `RangeError` when a number is out of its range.
 */
export function retryPolicy(retry: number | RetryOptions): RetryPolicy {
  const options = typeof retry === "number" ? { attempts: retry } : retry;
  const {
    attempts,
    delayMs = 1000,
    factor = 2,
    maxDelayMs = 10_000,
    retryIf = () => true,
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
  return { attempts, delayMs, factor, maxDelayMs, retryIf };
}

/** The delay after attempt number `attempt` (from 1) failed: exponential, capped. */
export function retryDelayMs(policy: RetryPolicy, attempt: number): number {
  return Math.min(policy.maxDelayMs, policy.delayMs * policy.factor ** (attempt - 1));
}
