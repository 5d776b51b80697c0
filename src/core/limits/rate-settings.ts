/** What a limit was told of time, checked. */

/** What a limit may be told of time. */
export interface RateOptions {
  readonly requestsPerSecond?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly burst?: number | undefined;
  readonly adaptive?: boolean | undefined;
}

/** The same with all filled in; Infinity where there is no limit. */
export interface RateSettings {
  readonly requestsPerSecond: number;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** Undefined for as many as the rate allows in a second. */
  readonly burst: number | undefined;
  readonly adaptive: boolean;
}

/** Of a limit that was told nothing of time. */
export const NO_RATE: RateSettings = {
  requestsPerSecond: Infinity,
  requestsPerMinute: Infinity,
  tokensPerMinute: Infinity,
  burst: undefined,
  adaptive: false,
};

/**
 * Checks what was given, and takes the rest from `before`.
 *
 * @throws `RangeError` when a number is not an integer from 1 or Infinity.
 */
export function rateSettings(options: RateOptions, before: RateSettings): RateSettings {
  const { requestsPerSecond, requestsPerMinute, tokensPerMinute, burst, adaptive } = options;
  return {
    requestsPerSecond: checked("requestsPerSecond", requestsPerSecond) ?? before.requestsPerSecond,
    requestsPerMinute: checked("requestsPerMinute", requestsPerMinute) ?? before.requestsPerMinute,
    tokensPerMinute: checked("tokensPerMinute", tokensPerMinute) ?? before.tokensPerMinute,
    burst: checked("burst", burst) ?? before.burst,
    adaptive: adaptive ?? before.adaptive,
  };
}

/**
 * Checks one number of a limit.
 *
 * @throws `RangeError` when it is not an integer from 1 or Infinity.
 */
export function checked(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value === Infinity || (Number.isSafeInteger(value) && value >= 1)) {
    return value;
  }
  throw new RangeError(
    `Cannot limit as "${name}" must be an integer from 1 or Infinity: ${String(value)}`,
  );
}

/** Whether a limit with these settings has to know time. */
export function knowsTime(settings: RateSettings): boolean {
  return settings.adaptive || settings.tokensPerMinute < Infinity || perSecond(settings) < Infinity;
}

/** How many requests there may be in a second, in the long run. */
export function perSecond({ requestsPerSecond, requestsPerMinute }: RateSettings): number {
  return Math.min(requestsPerSecond, requestsPerMinute / 60);
}

/** How many may start at once: what was given, else what the rate allows in a second, as services enforce theirs in short steps. */
export function burstOf(settings: RateSettings): number {
  return settings.burst ?? Math.max(1, Math.floor(perSecond(settings)));
}
