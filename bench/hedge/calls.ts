/** Calls of a service, one after the other, whose latencies are known beforehand. */
import { hedge, hedging, type Percentile } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { integer, type Random } from "../support/random.ts";
import { median, sum } from "../support/statistics.ts";

/** What a call would take by itself, and a second one beside it. */
export interface Call {
  readonly firstMs: number;
  readonly secondMs: number;
}

/** When a call is hedged; undefined where it never is. */
export type Policy =
  | { readonly staggerMs: number | Percentile; readonly hedgeBudget: number }
  | undefined;

/** What calls took. */
export interface Called {
  /** Of each call, times the median of the service. */
  readonly latencies: readonly number[];
  readonly calls: number;
  readonly extra: number;
  /** The running time of those that were cancelled, as a part of what the calls take by themselves. */
  readonly wasted: number;
}

/** Calls of a service, each drawn from what it once took: with a second one drawn apart, or as slow as the first. */
export function drawCalls(
  random: Random,
  durations: readonly number[],
  options: { readonly count: number; readonly areAlike: boolean },
): readonly Call[] {
  const draw = (): number => durations[integer(random, 0, durations.length - 1)] ?? 0;
  return Array.from({ length: options.count }, () => {
    const [firstMs, secondMs] = [draw(), draw()];
    return { firstMs, secondMs: options.areAlike ? firstMs : secondMs };
  });
}

/** Makes the calls on a clock of their own, exactly. */
export async function makeCalls(calls: readonly Call[], policy: Policy): Promise<Called> {
  const alone = calls.map(({ firstMs }) => firstMs);
  const medianMs = median(alone);
  const count = calls.length;
  if (policy === undefined) {
    return { latencies: alone.map((ms) => ms / medianMs), calls: count, extra: 0, wasted: 0 };
  }
  const { staggerMs, hedgeBudget } = policy;
  const clock = virtualClock();
  const shared = hedging({ hedgeBudget });
  const latencies: number[] = [];
  for (const { firstMs, secondMs } of calls) {
    let started = 0;
    const startedAtMs = clock.now();
    await hedge(
      ({ signal }) =>
        new Promise<void>((resolve, reject) => {
          started += 1;
          const timer = clock.schedule(started === 1 ? firstMs : secondMs, resolve);
          signal.addEventListener("abort", () => {
            timer.cancel();
            reject(signal.reason as Error);
          });
        }),
      { hedging: shared, staggerMs, clock, idempotent: true },
    );
    latencies.push((clock.now() - startedAtMs) / medianMs);
  }
  return { latencies, calls: count, extra: shared.hedges, wasted: shared.wastedMs / sum(alone) };
}
