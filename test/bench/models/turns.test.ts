import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runTurns } from "../../../bench/models/agent-runs.ts";
import {
  allAtOnceMs,
  oneByOneMs,
  orderedMs,
  responseMs,
  type DrawnTurn,
} from "../../../bench/models/turns.ts";

const turns: fc.Arbitrary<DrawnTurn> = fc.record({
  firstMs: fc.integer({ min: 1, max: 50 }),
  eachMs: fc.nat({ max: 50 }),
  texts: fc.integer({ min: 1, max: 3 }),
  calls: fc.array(
    fc.record({
      durationMs: fc.nat({ max: 100 }),
      effect: fc.constantFrom("read" as const, "write" as const),
      file: fc.constantFrom("a", "b"),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

describe("orderedMs", () => {
  test("is what an agent takes on a clock, whether it is handed calls at once or not", async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.boolean(), async (turn, streams) => {
        const { ms, begun } = await runTurns([turn], { streams, limit: Infinity });
        expect(ms).toBe(orderedMs(turn, { streams }));
        expect(begun).toBe(turn.calls.length);
      }),
      { numRuns: 60 },
    );
  });

  test("is never longer where calls start as they are written, and lies between all at once and one by one", () => {
    fc.assert(
      fc.property(turns, (turn) => {
        const after = orderedMs(turn, { streams: false });
        const streamed = orderedMs(turn, { streams: true });
        expect(streamed).toBeLessThanOrEqual(after);
        expect(streamed).toBeGreaterThanOrEqual(responseMs(turn));
        expect(after).toBeGreaterThanOrEqual(allAtOnceMs(turn));
        expect(after).toBeLessThanOrEqual(oneByOneMs(turn));
      }),
    );
  });

  test("of several turns is that of each, one after the other", async () => {
    const call = { durationMs: 30, effect: "read", file: "a" } as const;
    const turn: DrawnTurn = { firstMs: 5, eachMs: 10, texts: 1, calls: [call, call] };
    expect(orderedMs(turn, { streams: true })).toBe(55);
    expect((await runTurns([turn, turn], { streams: true, limit: Infinity })).ms).toBe(110);
  });
});
