import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { condenseContest } from "../../../bench/models/condensing.ts";
import { drawReplies, endpointsOf, type Reply } from "../../../bench/models/replies.ts";
import type { Contest, Taken } from "../../../bench/models/taken.ts";
import { bestAnswerContest, consensusContest } from "../../../bench/models/voting.ts";
import {
  aspectsContest,
  sectionsContest,
  warmAspectsContest,
} from "../../../bench/models/writing.ts";
import { seeded } from "../../../bench/support/random.ts";

const reply: fc.Arbitrary<Reply> = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 400 }), fc.integer({ min: 2, max: 60 }))
  .map(([firstMs, restMs, outputTokens]) => ({
    firstMs,
    durationMs: firstMs + restMs,
    outputTokens,
  }));

async function holds(
  contest: Contest,
  check: (way: (name: string) => Taken, replies: readonly Reply[]) => void,
): Promise<void> {
  const replies = fc.array(reply, { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(replies, fc.nat(), async (replies, seed) => {
      const taken = await contest({ replies, random: seeded(seed) });
      check((name) => taken[name] as Taken, replies); // A missing way fails at its first field.
    }),
    { numRuns: 15 },
  );
}

describe("patterns beside calls made by hand", () => {
  test("sections and aspects take as long as Promise.all, without rounding", async () => {
    await holds(sectionsContest, (way) => {
      expect(way("`sections`").ms).toBe(way("`Promise.all`, then the synthesis").ms);
      expect(way("`sections`").calls).toBe(9);
    });
    await holds(aspectsContest, (way) => {
      expect(way("`aspects`").ms).toBe(way("`Promise.all`").ms);
    });
  });

  test("an answer and its judge are a chain, and the others do not wait for it", async () => {
    await holds(bestAnswerContest, (way) => {
      expect(way("`bestAnswer`").ms).toBe(way("`Promise.all` of answer and judge").ms);
      expect(way("`bestAnswer`, `enough: 8`").calls).toBeLessThanOrEqual(10);
    });
  });

  test("a vote asks no more than everybody, and with all asked is never later than Promise.all", async () => {
    await holds(consensusContest(0.6), (way) => {
      const all = way("`Promise.all`");
      expect(way("`consensus`, `ahead: 8`").ms).toBeLessThanOrEqual(all.ms);
      expect(way("`consensus`").calls).toBe(way("one after another, until decided").calls);
      expect(way("`consensus`").calls).toBeLessThanOrEqual(all.calls);
      expect(way("`consensus`").ms).toBeLessThanOrEqual(way("one after another, until decided").ms);
      expect(way("one after another").ms).toBeGreaterThanOrEqual(all.ms);
    });
  });

  test("warming up reads the beginning from the cache for all but the first, for its time to the first token", async () => {
    await holds(warmAspectsContest, (way, [first]) => {
      const [cold, warm] = [way("`aspects`"), way("`warmUp: true`")];
      expect(cold.cachedTokens).toBe(0);
      expect(warm.cachedTokens).toBeGreaterThanOrEqual(3 * 7900);
      expect(warm.ms - cold.ms).toBeLessThanOrEqual(first?.firstMs ?? 0);
    });
  });

  test("every document is read once, and full requests spare a tree by level a call", async () => {
    await holds(condenseContest, (way) => {
      expect(way("`condense`, `limit: 40`").calls).toBe(42);
      expect(way("`Promise.all`, level by level").calls).toBe(43);
    });
  });
});

describe("replies", () => {
  test("are those of one endpoint", () => {
    const request = { endpoint: "a", durationMs: 9, firstMs: 1, outputTokens: 5 };
    const endpoints = endpointsOf([
      request,
      { ...request, endpoint: "b" },
      { ...request, durationMs: 7 },
    ]);
    expect(endpoints.map((each) => each.map(({ durationMs }) => durationMs))).toEqual([
      [9, 7],
      [9],
    ]);
    expect(drawReplies(seeded(1), endpoints[1] ?? [], 3)).toHaveLength(3);
    expect(() => drawReplies(seeded(1), [], 1)).toThrow(
      "Cannot draw replies as an endpoint must have one: none",
    );
  });
});
