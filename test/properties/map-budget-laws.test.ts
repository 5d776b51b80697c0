// A `map` at a limit that knows time, paid from a budget that may not be enough: still in order, and no more is held.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  budget,
  limit,
  map,
  mapSettled,
  type MapContext,
  type MapOptions,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

interface Item {
  readonly index: number;
  readonly ms: number;
  readonly cost: number;
  /** What it tells that it has spent; nothing where undefined. */
  readonly spends: number | undefined;
}

const program = fc.record({
  items: fc
    .array(
      fc.record({
        ms: fc.nat(30),
        cost: fc.nat(40),
        spends: fc.option(fc.nat(40), { nil: undefined }),
      }),
      { maxLength: 25 },
    )
    .map((items) => items.map((item, index): Item => ({ ...item, index }))),
  isAsync: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 5 }),
  requestsPerSecond: fc.constantFrom(3, 20, Infinity),
  lookAhead: fc.nat(4),
  tokens: fc.integer({ min: 0, max: 400 }),
  readMs: fc.constantFrom(0, 0, 7),
});

test("a map that is paid from a budget, at a rate, gives every item its outcome in order and holds no more than its window", () =>
  fc.assert(
    fc.asyncProperty(program, async (each) => {
      const { items, concurrency, requestsPerSecond, lookAhead, tokens, readMs } = each;
      const clock = virtualClock();
      const sleep = (ms: number): Promise<void> =>
        new Promise((resolve) => void clock.schedule(ms, resolve));
      const counts = { running: 0, pulled: 0, read: 0, spent: 0 };
      function* pull(): Generator<Item, void> {
        for (const item of items) {
          counts.pulled += 1;
          // One more is on its way into the loop that reads.
          expect(counts.pulled - counts.read).toBeLessThanOrEqual(concurrency + lookAhead + 1);
          yield item;
        }
      }
      async function* pullLater(): AsyncGenerator<Item, void> {
        yield* pull();
      }
      const account = budget({ tokens });
      const options: MapOptions<Item> = {
        clock,
        lookAhead,
        budget: account,
        limit: limit({ concurrency, requestsPerSecond }),
        cost: ({ cost }) => ({ tokens: cost }),
      };
      const work = async (item: Item, ctx: MapContext): Promise<number> => {
        counts.running += 1;
        expect(counts.running).toBeLessThanOrEqual(concurrency);
        await sleep(item.ms);
        const spent = Math.min(item.spends ?? item.cost, item.cost);
        if (item.spends !== undefined) ctx.spend({ tokens: spent });
        counts.spent += spent;
        counts.running -= 1;
        return item.index;
      };
      const statuses: string[] = [];
      for await (const outcome of mapSettled(each.isAsync ? pullLater : pull, work, options)) {
        expect(outcome.key).toBe(String(counts.read));
        counts.read += 1;
        statuses.push(outcome.status);
        if (readMs > 0) await sleep(readMs);
      }
      expect(statuses).toHaveLength(items.length);
      for (const [index, status] of statuses.entries()) {
        // What costs more than there ever was is skipped; what cost little all in all is not.
        expect(status).toMatch(/^(completed|skipped)$/);
        if ((items[index]?.cost ?? 0) > tokens) expect(status).toBe("skipped");
      }
      if (items.reduce((sum, { cost }) => sum + cost, 0) <= tokens) {
        expect(statuses).not.toContain("skipped");
      }
      expect(counts.spent).toBeLessThanOrEqual(tokens);
      expect(account.stats()).toMatchObject({ spent: { tokens: counts.spent } });
    }),
  ));

test("a map leaves out what is skipped, and goes on in order", async () => {
  const read: number[] = [];
  const run = map([1, 5, 1, 5, 1], (item) => item, {
    budget: budget({ tokens: 4 }),
    cost: (item: number) => ({ tokens: item }),
    failure: "continue",
    limit: 2,
  });
  const error: unknown = await (async () => {
    for await (const item of run) read.push(item);
  })().catch((reason: unknown) => reason);
  expect(read).toEqual([1, 1, 1]);
  expect(error).toMatchObject({ errors: [{ key: "1" }, { key: "3" }] });
});
