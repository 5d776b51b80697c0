import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainedMs, sequenceMs, stagedMs, treeWidths } from "../../../bench/models/stages.ts";
import { virtualClock } from "../../../src/testing/index.ts";

/** Two stages of as many calls. */
const twoStages = fc
  .array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 })), { minLength: 1, maxLength: 5 })
  .map((pairs) => [pairs.map(([first]) => first), pairs.map(([, second]) => second)] as const);

/** How long it takes to make calls by hand, on a clock. */
async function measured(
  run: (call: (ms: number) => Promise<void>) => Promise<unknown>,
): Promise<number> {
  const clock = virtualClock();
  await run(async (ms) => {
    await new Promise<void>((resolve) => {
      clock.schedule(ms, resolve);
    });
  });
  return clock.now();
}

describe("calls made by hand", () => {
  test("take as long as they do on a clock", async () => {
    await fc.assert(
      fc.asyncProperty(twoStages, async (stages) => {
        const [first, second] = stages;
        const staged = await measured(async (call) => {
          await Promise.all(first.map(call));
          await Promise.all(second.map(call));
        });
        const chained = await measured(
          async (call) =>
            await Promise.all(
              first.map(async (ms, chain) => {
                await call(ms);
                await call(second[chain] ?? 0);
              }),
            ),
        );
        const sequence = await measured(async (call) => {
          for (const ms of [...first, ...second]) {
            await call(ms);
          }
        });
        expect(stagedMs(stages)).toBe(staged);
        expect(chainedMs(stages)).toBe(chained);
        expect(sequenceMs(stages)).toBe(sequence);
      }),
      { numRuns: 20 },
    );
  });
});

describe("treeWidths", () => {
  test("has a call for every group, and ends with one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 2, max: 20 }),
        (leaves, width) => {
          const widths = treeWidths(leaves, width);
          expect(widths.at(0)).toBe(leaves);
          expect(widths.at(-1)).toBe(1);
          for (const [level, count] of widths.slice(1).entries()) {
            const below = widths[level] ?? 0;
            expect(count * width).toBeGreaterThanOrEqual(below);
            expect((count - 1) * width).toBeLessThan(below);
          }
        },
      ),
    );
  });

  test("refuses a width that never comes to an end", () => {
    expect(() => treeWidths(3, 1)).toThrow(
      "Cannot make a tree as its width must be an integer from 2: 1",
    );
  });
});
