/** Ways to send many requests to a provider that rejects some. Each returns how many rows it lost. */
import { limit, mapSettled, type LimitOptions } from "../../src/index.ts";
import type { VirtualClock } from "../../src/testing/index.ts";
import { sleep, type Provider } from "./provider.ts";

/** One way: sends all requests, and says how many were never answered. */
export type Way = (
  clock: VirtualClock,
  provider: Provider,
  latenciesMs: readonly number[],
) => Promise<number>;

/** `map` at a limit, where each row may be repeated three times; rejections do not count. */
export function fanfold(options: LimitOptions): Way {
  return async (clock, provider, latenciesMs) => {
    let lost = 0;
    const run = mapSettled(latenciesMs, (ms) => provider.request(ms), {
      limit: limit(options),
      retry: 3,
      order: "completion",
      lookAhead: 1000,
      clock,
    });
    await run.forEach(({ status }) => {
      lost += status === "completed" ? 0 : 1;
    });
    return lost;
  };
}

/** What such a script was told. */
export interface ScriptOptions {
  readonly requestsPerMinute: number;
  readonly attempts: number;
  readonly pauseMs: number;
  readonly tokenForEachAttempt?: boolean | undefined;
}

/**
 * What scripts of this kind do: a bucket that begins full, all rows at once, and the same pause after each 429. In most a row takes one
 * token, and what repeats it is inside; in some each attempt takes one.
 */
export function tokenBucketScript(options: ScriptOptions): Way {
  const { requestsPerMinute, attempts, pauseMs, tokenForEachAttempt = false } = options;
  return async (clock, provider, latenciesMs) => {
    let tokens = requestsPerMinute;
    let filledAtMs = 0;
    const takeToken = async (): Promise<void> => {
      for (;;) {
        const perMs = requestsPerMinute / 60_000;
        tokens = Math.min(requestsPerMinute, tokens + (clock.now() - filledAtMs) * perMs);
        filledAtMs = clock.now();
        if (tokens >= 1) {
          tokens -= 1;
          return;
        }
        await sleep(clock, 1000);
      }
    };
    const ask = async (latencyMs: number): Promise<boolean> => {
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        if (attempt === 1 || tokenForEachAttempt) {
          await takeToken();
        }
        try {
          await provider.request(latencyMs);
          return true;
        } catch {
          await sleep(clock, pauseMs);
        }
      }
      return false;
    };
    const answered = await Promise.all(latenciesMs.map((ms) => ask(ms)));
    return answered.filter((isAnswered) => !isAnswered).length;
  };
}
