import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hedging } from "../../src/index.ts";

/** Calls, and attempts to start one more. */
const moves = fc.array(fc.constantFrom("call", "call", "call", "extra" as const), {
  maxLength: 300,
});

describe("the budget of hedging", () => {
  test("allows in any stretch of calls so many for each, and the burst more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1500 }),
        fc.integer({ min: 1, max: 5 }),
        moves,
        (thousandths, burst, moves) => {
          const calls = hedging({ hedgeBudget: thousandths / 1000, burst });
          // The most that is allowed at any moment: the least, over all moments before, of what has been earned since and may be
          // saved up then. In thousandths.
          const stretches = [{ earned: 0, taken: 0, most: 0 }];
          for (const move of moves) {
            if (move === "call") {
              calls.call(1);
              for (const each of stretches) each.earned += thousandths;
            } else {
              const may = stretches.every(
                ({ earned, taken, most }) => most + earned - taken >= 1000,
              );
              expect(calls.take()).toBe(may);
              if (may) for (const each of stretches) each.taken += 1000;
            }
            stretches.push({ earned: 0, taken: 0, most: burst * 1000 });
          }
          expect(calls.hedges * 1000).toBeLessThanOrEqual(calls.calls * thousandths);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is a twentieth of the calls when nothing else is said", () => {
    const calls = hedging();
    let taken = 0;
    for (let call = 0; call < 1000; call += 1) {
      calls.call(1);
      if (calls.take()) taken += 1;
    }
    expect(taken).toBe(50);
  });

  test.each([
    [0, 0],
    [Infinity, 100],
  ])("of %s allows %s of 100", (hedgeBudget, expected) => {
    const calls = hedging({ hedgeBudget });
    for (let call = 0; call < 100; call += 1) {
      calls.call(1);
      calls.take();
    }
    expect(calls.hedges).toBe(expected);
  });

  test.each([
    { hedgeBudget: -1 },
    { hedgeBudget: Number.NaN },
    { burst: 0 },
    { burst: 1.5 },
    { burst: Infinity },
  ])("cannot be %o", (options) => {
    expect(() => hedging(options)).toThrow(RangeError);
  });
});
