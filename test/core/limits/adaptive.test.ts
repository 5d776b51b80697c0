import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limit, mapSettled, settle } from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";
import { answered, sleep } from "./work.ts";

interface Server {
  /** How many it answers at once; the others it rejects. */
  capacity: number;
  readonly latencyMs: (index: number) => number;
}

/** What happened in a run against a server whose capacity nobody told. */
async function runAgainst(server: Server, count: number, concurrency?: number) {
  const clock = virtualClock();
  const shared = limit({ adaptive: true, concurrency });
  const windows: number[] = [];
  let busy = 0;
  let most = 0;
  let rejected = 0;
  const statuses: string[] = [];
  const outcomes = mapSettled(
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      most = Math.max(most, shared.inUse);
      windows.push(shared.stats().concurrency);
      if (busy >= server.capacity) {
        rejected += 1;
        await sleep(clock, 20);
        throw answered(429);
      }
      busy += 1;
      await sleep(clock, server.latencyMs(index));
      busy -= 1;
    },
    { limit: shared, clock, retry: { attempts: 1 }, lookAhead: 100 },
  );
  for await (const { status } of outcomes) {
    statuses.push(status);
  }
  return { statuses, windows, most, rejected, endMs: clock.now(), shared };
}

describe("an adaptive limit", () => {
  test("begins with ten and grows by one with each success until the first rejection", async () => {
    const { windows, rejected } = await runAgainst(
      { capacity: Infinity, latencyMs: () => 100 },
      70,
    );
    expect(windows.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 10));
    expect(Math.max(...windows)).toBe(40);
    expect(rejected).toBe(0);
  });

  test("never grows beyond its concurrency, nor where it is not used", async () => {
    const { windows } = await runAgainst({ capacity: Infinity, latencyMs: () => 100 }, 200, 12);
    expect(Math.max(...windows)).toBe(12);
    const clock = virtualClock();
    const shared = limit({ adaptive: true });
    for (let round = 0; round < 50; round += 1) {
      await settle([() => sleep(clock, 1)], { limit: shared, clock });
    }
    expect(shared.stats().concurrency).toBe(10);
  });

  test("halves once for all that were rejected together, and then grows by one a round", async () => {
    const clock = virtualClock();
    const shared = limit({ adaptive: true });
    let open = false;
    const task = {
      retry: { attempts: 1 },
      run: async () => {
        await sleep(clock, 10);
        if (!open) throw answered(429);
      },
    };
    clock.schedule(500, () => (open = true));
    clock.schedule(20, () => expect(shared.stats().concurrency).toBe(5));
    const outcomes = await settle(
      Array.from({ length: 10 }, () => task),
      { limit: shared, clock },
    );
    expect(new Set(Object.values(outcomes).map(({ status }) => status))).toEqual(
      new Set(["completed"]),
    );
    expect(shared.stats().rejected).toBe(10);
    expect(shared.stats().concurrency).toBe(5);
  });

  test("finds the capacity of a server whatever its latency, loses nothing, and uses a third of it or more", async () => {
    const cases = fc.record({
      capacity: fc.integer({ min: 1, max: 60 }),
      latencies: fc.array(fc.integer({ min: 500, max: 3000 }), { minLength: 1, maxLength: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ capacity, latencies }) => {
        const latencyMs = (index: number): number => latencies[index % latencies.length] ?? 0;
        const count = 600;
        const { statuses, rejected, endMs } = await runAgainst({ capacity, latencyMs }, count);
        expect(statuses).toEqual(Array.from({ length: count }, () => "completed"));
        const workMs = Array.from({ length: count }, (_, index) => latencyMs(index)).reduce(
          (sum, ms) => sum + ms,
          0,
        );
        const boundMs = Math.max(workMs / capacity, ...latencies);
        expect(rejected / (count + rejected)).toBeLessThan(0.4);
        expect(endMs).toBeLessThan(boundMs * 3 + 30_000);
      }),
      { numRuns: 30 },
    );
  });

  test("follows a server that becomes smaller, and one that becomes larger again", async () => {
    const server = {
      capacity: 40,
      latencyMs: (index: number) => {
        server.capacity = index < 500 ? 40 : index < 1500 ? 5 : 20;
        return 200;
      },
    };
    const { statuses, windows } = await runAgainst(server, 6000);
    expect(new Set(statuses)).toEqual(new Set(["completed"]));
    expect(Math.max(...windows.slice(0, 500))).toBeGreaterThan(35);
    expect(Math.max(...windows.slice(1200, 1500))).toBeLessThanOrEqual(6);
    expect(Math.max(...windows.slice(-3000))).toBeGreaterThan(15);
    expect(Math.max(...windows.slice(-3000))).toBeLessThanOrEqual(21);
  });

  test("set to be none lets as much run as its concurrency", async () => {
    const clock = virtualClock();
    const shared = limit({ concurrency: 30, adaptive: true });
    clock.schedule(5, () => shared.set({ adaptive: false }));
    let most = 0;
    await settle(
      Array.from({ length: 40 }, () => async () => {
        most = Math.max(most, shared.inUse);
        await sleep(clock, 10);
      }),
      { limit: shared, clock },
    );
    expect(most).toBe(30);
  });
});
