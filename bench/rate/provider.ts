/** A provider that answers so many requests a minute, on a virtual clock: a bucket that holds a burst and is filled evenly. */
import type { Clock } from "../../src/index.ts";

export interface ProviderOptions {
  readonly requestsPerMinute: number;
  readonly burst: number;
  /** How long a request is on its way, in milliseconds: drawn for each. */
  readonly travelMs: () => number;
  /** Whether a rejection says when to come again, in whole seconds. */
  readonly saysWhen: boolean;
}

/** What was asked of a provider. */
export interface Provider {
  /** Answers after `latencyMs`; throws an error with status 429 where there is no room. */
  request(latencyMs: number): Promise<void>;
  readonly answered: number;
  readonly rejected: number;
  /** When the last of those that were answered came. */
  readonly lastAdmittedMs: number;
}

/** How long it takes to say no. */
const REJECTION_MS = 50;

/** What rounding may take away of one request in the bucket. */
const ROUNDING = 1e-9;

/** Makes a provider with a full bucket. */
export function provider(clock: Clock, options: ProviderOptions): Provider {
  const { requestsPerMinute, burst, travelMs, saysWhen } = options;
  const perMs = requestsPerMinute / 60_000;
  let level = burst;
  let filledAtMs = 0;
  let answered = 0;
  let rejected = 0;
  let lastAdmittedMs = 0;
  return {
    get answered() {
      return answered;
    },
    get rejected() {
      return rejected;
    },
    get lastAdmittedMs() {
      return lastAdmittedMs;
    },
    async request(latencyMs) {
      await sleep(clock, travelMs());
      level = Math.min(burst, level + (clock.now() - filledAtMs) * perMs);
      filledAtMs = clock.now();
      if (level < 1 - ROUNDING) {
        rejected += 1;
        const seconds = Math.ceil((1 - level) / perMs / 1000);
        await sleep(clock, REJECTION_MS);
        const headers = saysWhen ? { "retry-after": String(seconds) } : {};
        throw Object.assign(new Error("Too many requests"), { status: 429, headers });
      }
      level -= 1;
      answered += 1;
      lastAdmittedMs = clock.now();
      await sleep(clock, latencyMs);
    },
  };
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(ms, resolve));
}

/** When all requests can have been admitted, and answered in the order given, at the earliest: each as soon as the bucket has room. */
export function lowerBounds(
  latenciesMs: readonly number[],
  { requestsPerMinute, burst }: Pick<ProviderOptions, "requestsPerMinute" | "burst">,
): { readonly admittedMs: number; readonly answeredMs: number } {
  const admittedMs = (place: number): number =>
    (Math.max(0, place + 1 - burst) * 60_000) / requestsPerMinute;
  return {
    admittedMs: admittedMs(latenciesMs.length - 1),
    answeredMs: latenciesMs.reduce(
      (latest, ms, place) => Math.max(latest, admittedMs(place) + ms),
      0,
    ),
  };
}
