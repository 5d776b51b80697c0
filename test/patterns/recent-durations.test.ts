/** What is learnt from durations, against the whole list of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RecentDurations } from "../../src/patterns/recent-durations.ts";
import { enoughFor, thousandthsOf } from "../../src/patterns/percentile.ts";
import { hedging, type Percentile } from "../../src/index.ts";

/** From fractions of a millisecond to a day. */
const duration = fc.oneof(
  fc.double({ min: 0.1, max: 86_400_000, noNaN: true }),
  fc.integer({ min: 1, max: 400 }),
);
const thousandths = fc.integer({ min: 500, max: 999 });

/** The value that so many thousandths do not exceed: the nearest rank. */
function nearestRank(values: readonly number[], thousandths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((thousandths * sorted.length) / 1000) - 1] ?? Number.NaN;
}

interface Call {
  readonly ms: number;
  readonly how: "ended" | "stopped";
}

/**
 * The same with calls that were stopped, by Efron's redistribution to the right ("The two sample problem with censored data", 1967):
 * each call weighs the same, and one that was stopped hands its weight on to those after it, in equal parts.
 */
function redistributed(calls: readonly Call[], thousandths: number): number {
  const sorted = calls.toSorted((a, b) => a.ms - b.ms || (a.how < b.how ? -1 : 1));
  const weights = sorted.map(() => 1 / sorted.length);
  let total = 0;
  for (const [index, { ms, how }] of sorted.entries()) {
    const weight = weights[index] ?? 0;
    const after = sorted.length - index - 1;
    if (how === "ended" || after === 0) {
      total += weight;
    } else {
      for (let next = index + 1; next < sorted.length; next += 1) {
        weights[next] = (weights[next] ?? 0) + weight / after;
      }
    }
    if (total >= thousandths / 1000 - 1e-9) return ms;
  }
  return Number.NaN;
}

describe("recent durations", () => {
  test("give the percentile of the last 1,000 and at most 2 % more, once there are enough", () => {
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        thousandths,
        (values, times, rank) => {
          const durations = new RecentDurations();
          const all = Array.from({ length: times }, () => values).flat();
          for (const each of all) durations.add(each, "ended");
          const found = durations.percentileMs(rank);
          const known = all.slice(-1000);
          if (known.length < enoughFor(rank)) {
            expect(found).toBeUndefined();
          } else {
            const exact = nearestRank(known, rank);
            expect((found ?? 0) / exact).toBeGreaterThan(1 - 1e-9);
            expect((found ?? 0) / exact).toBeLessThan(1.02 + 1e-9);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("count a call that was stopped as one that lasted at least so long", () => {
    // Powers of two are buckets apart, so that rounding brings none before another.
    const call: fc.Arbitrary<Call> = fc.record({
      ms: fc.integer({ min: 0, max: 20 }).map((power) => 2 ** power),
      how: fc.constantFrom("ended", "ended", "stopped"),
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 20, maxLength: 200 }), thousandths, (calls, rank) => {
        const durations = new RecentDurations();
        for (const { ms, how } of calls) durations.add(ms, how);
        const ended = calls.filter(({ how }) => how === "ended").length;
        const found = durations.percentileMs(rank);
        if (ended < enoughFor(rank)) {
          expect(found).toBeUndefined();
        } else {
          const exact = redistributed(calls, rank);
          expect((found ?? 0) / exact).toBeGreaterThan(1 - 1e-9);
          expect((found ?? 0) / exact).toBeLessThan(1.02 + 1e-9);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("forget what was before the last 1,000", () => {
    const durations = new RecentDurations();
    for (let call = 0; call < 5000; call += 1)
      durations.add(5000, call % 3 === 0 ? "stopped" : "ended");
    for (let call = 0; call < 1000; call += 1) durations.add(10, "ended");
    expect(durations.percentileMs(999)).toBeLessThan(10.2);
  });

  test.each([
    ["p50", 20],
    ["p95", 20],
    ["p97.5", 40],
    ["p99", 100],
    ["p99.9", 1000],
  ] as const)("say nothing of %s before %i successes", (percentile, enough) => {
    const calls = hedging();
    for (let call = 1; call < enough; call += 1) calls.learn("a", 5, "ended");
    for (let call = 0; enough + call < 1000; call += 100) calls.learn("a", 5, "stopped");
    expect(calls.percentileMs("a", percentile)).toBeUndefined();
    calls.learn("a", 5, "ended");
    expect(calls.percentileMs("a", percentile)).toBeLessThan(5.1);
    expect(calls.percentileMs("b", percentile)).toBeUndefined();
  });

  test("are those of 1,000 keys, the ones used last", () => {
    const calls = hedging();
    for (const key of ["first", "second"])
      for (let call = 0; call < 20; call += 1) calls.learn(key, 5, "ended");
    for (let key = 0; key < 998; key += 1) calls.learn(String(key), 5, "ended");
    calls.learn("first", 5, "ended");
    calls.learn("one more", 5, "ended");
    expect(calls.percentileMs("first", "p50")).toBeDefined();
    expect(calls.percentileMs("second", "p50")).toBeUndefined();
  });

  test.each(["p49.9", "p100", "p99.95", "p", "95", "p1e2", "P95", ""])(
    "know no percentile %j",
    (percentile) => {
      expect(() => thousandthsOf(percentile)).toThrow(RangeError);
      expect(() => hedging().percentileMs("a", percentile as Percentile)).toThrow(RangeError);
    },
  );
});
