// The laws of `map` as invariants of random programs on the virtual clock, in both of its classes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapSettled, type MapContext, type Outcome } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { RUN_CLASSES, type RunClass } from "../patterns/map-classes.ts";

interface Program {
  readonly items: readonly Item[];
  readonly source: "array" | "iterable" | "async";
  readonly concurrency: number;
  readonly lookAhead: number;
  readonly batch: number | undefined;
  readonly order: "source" | "completion";
  readonly timeoutMs: number | undefined;
  readonly readMs: number;
  /** After how many results the reader leaves. */
  readonly leaveAfter: number;
}

interface Item {
  readonly ms: number;
  /** How many attempts fail. */
  readonly failures: number;
  readonly ignoresCancel: boolean;
  readonly isSync: boolean;
}

const ATTEMPTS = 2;
const GRACE_MS = 7;

const program: fc.Arbitrary<Program> = fc.record({
  items: fc.array(
    fc.record({
      ms: fc.nat(20),
      failures: fc.constantFrom(0, 0, 0, 1, 2),
      ignoresCancel: fc.boolean(),
      isSync: fc.boolean(),
    }),
    { maxLength: 25 },
  ),
  source: fc.constantFrom("array", "iterable", "async"),
  concurrency: fc.integer({ min: 1, max: 5 }),
  lookAhead: fc.nat(4),
  batch: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  order: fc.constantFrom("source", "completion"),
  timeoutMs: fc.option(fc.integer({ min: 1, max: 25 }), { nil: undefined }),
  readMs: fc.constantFrom(0, 0, 3),
  leaveAfter: fc.oneof(fc.constant(Infinity), fc.nat(10)),
});

interface Observed {
  readonly outcomes: readonly Outcome<number>[];
  readonly most: number;
  /** The most items that were pulled and not read. */
  readonly mostHeld: number;
  readonly pulled: number;
  readonly closed: boolean;
  readonly runningAtEnd: number;
}

async function runProgram(each: Program, { options }: RunClass): Promise<Observed> {
  const { items, concurrency, lookAhead, batch, order, timeoutMs, readMs, leaveAfter } = each;
  const clock = virtualClock();
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  const outcomes: Outcome<number>[] = [];
  const counts = { running: 0, most: 0, pulled: 0, mostHeld: 0 };
  let closed = false;
  function* pull(): Generator<Item, void> {
    try {
      for (const item of items) {
        counts.pulled += 1;
        counts.mostHeld = Math.max(counts.mostHeld, counts.pulled - outcomes.length);
        yield item;
      }
    } finally {
      closed = true;
    }
  }
  async function* pullLater(): AsyncGenerator<Item, void> {
    yield* pull();
  }
  const source = { array: items, iterable: pull, async: pullLater }[each.source];
  const work = async (item: Item, { index, attempt, signal }: MapContext): Promise<number> => {
    counts.running += 1;
    counts.most = Math.max(counts.most, counts.running);
    const stopped = new Promise<void>((resolve) => {
      if (!item.ignoresCancel) signal.addEventListener("abort", () => resolve());
    });
    // Work that ignores its signal ends within the grace, so that none is abandoned.
    await Promise.race([
      sleep(item.ignoresCancel ? Math.min(item.ms, GRACE_MS - 1) : item.ms),
      stopped,
    ]);
    counts.running -= 1;
    if (attempt <= item.failures) throw new Error(`attempt ${attempt}`);
    return index;
  };
  const run = mapSettled(
    source,
    (item: Item, ctx: MapContext) =>
      item.isSync && item.failures === 0 ? ctx.index : work(item, ctx),
    options(concurrency, {
      clock,
      lookAhead,
      batch,
      order,
      timeoutMs,
      graceMs: GRACE_MS,
      retry: { attempts: ATTEMPTS, delayMs: 2 },
    }),
  );
  if (leaveAfter > 0) {
    for await (const outcome of run) {
      outcomes.push(outcome);
      if (readMs > 0) await sleep(readMs);
      if (outcomes.length >= leaveAfter) break;
    }
  }
  const { most, mostHeld, pulled, running } = counts;
  return {
    outcomes,
    most,
    mostHeld,
    pulled,
    closed,
    runningAtEnd: running,
  };
}

describe.each(RUN_CLASSES)("map $name", (runClass) => {
  const law = (check: (program: Program, observed: Observed) => void): (() => Promise<void>) => {
    return () =>
      fc.assert(
        fc.asyncProperty(program, async (each) => check(each, await runProgram(each, runClass))),
        { numRuns: 100 },
      );
  };

  test(
    "gives every item exactly one outcome, which tells how it ended",
    law(({ items, leaveAfter, timeoutMs, order }, { outcomes }) => {
      const keys = outcomes.map(({ key }) => Number(key));
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys).toHaveLength(Math.min(items.length, leaveAfter));
      if (order === "source") {
        expect(keys).toEqual(keys.map((_, index) => index));
      }
      for (const { key, status, attempts } of outcomes) {
        const item = items[Number(key)];
        const takes = item?.isSync === true && item.failures === 0 ? 0 : (item?.ms ?? 0);
        // At the very moment of its timeout it may end either way.
        if (timeoutMs === undefined || takes < timeoutMs) {
          expect(status).toBe((item?.failures ?? 0) >= ATTEMPTS ? "failed" : "completed");
          expect(attempts).toBe(Math.min(ATTEMPTS, (item?.failures ?? 0) + 1));
        }
      }
    }),
  );

  test(
    "never runs more than its limit, and holds no more than limit and look-ahead",
    law(({ concurrency, lookAhead }, { most, mostHeld }) => {
      expect(most).toBeLessThanOrEqual(concurrency);
      // One more is on its way into the loop that reads.
      expect(mostHeld).toBeLessThanOrEqual(concurrency + lookAhead + 1);
    }),
  );

  test(
    "leaves nothing behind: no task, no open source",
    law((_, { pulled, closed, runningAtEnd }) => {
      expect(runningAtEnd).toBe(0);
      expect(pulled === 0 || closed).toBe(true);
    }),
  );
});
