import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vote } from "../../src/index.ts";
import { thresholds, type AnswerThreshold } from "../../src/models/index.ts";

const replies = fc.array(fc.constantFrom("a", "b", "c", "d", undefined, "fails"), {
  minLength: 1,
  maxLength: 9,
});
const rules = fc.uniqueArray(
  fc.record({
    answer: fc.constantFrom("a", "b", "c"),
    votes: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(0.5, 1.5, 2.5)),
  }),
  { minLength: 1, selector: ({ answer }) => answer },
);

/** Asks everybody, and then looks down the list. */
function winnerOfAll(list: readonly (string | undefined)[], rule: readonly AnswerThreshold[]) {
  return rule.find(({ answer, votes }) => list.filter((reply) => reply === answer).length >= votes)
    ?.answer;
}

/** The fewest after which no continuation could change the winner: every continuation is tried out. */
function fewest(list: readonly (string | undefined)[], rule: readonly AnswerThreshold[]): number {
  const kinds = ["a", "b", "c", "fails"];
  const winners = (head: readonly (string | undefined)[], left: number): Set<unknown> =>
    left === 0
      ? new Set([winnerOfAll(head, rule)])
      : new Set(kinds.flatMap((kind) => [...winners([...head, kind], left - 1)]));
  for (let asked = 1; asked < list.length; asked += 1) {
    if (winners(list.slice(0, asked), list.length - asked).size === 1) return asked;
  }
  return list.length;
}

const ask = (
  list: readonly (string | undefined)[],
  rule: readonly AnswerThreshold[],
  limit: number,
) =>
  vote(
    async (ctx) => {
      await Promise.resolve();
      const reply = list[Number(ctx.key)];
      if (reply === "fails") throw new Error("down");
      return reply ?? ctx.skip("nothing to say");
    },
    { of: list.length, rule: thresholds(rule), limit },
  );

describe("thresholds", () => {
  test("has the winner of asking everybody, at any limit", async () => {
    await fc.assert(
      fc.asyncProperty(
        replies,
        rules,
        fc.integer({ min: 1, max: 9 }),
        async (list, rule, limit) => {
          fc.pre(rule.some(({ votes }) => votes <= list.length) && list[0] !== "fails");
          const result = await ask(list, rule, limit);
          expect(result.winner).toBe(winnerOfAll(list, rule));
          expect(result.verdict).toBe(result.winner === undefined ? "undecided" : "won");
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("asks until no continuation could change it, and not once more", async () => {
    const short = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(short, rules, async (list, rule) => {
        // Out of reach from the start: the vote refuses a rule that is settled without a sample.
        fc.pre(rule.some(({ votes }) => votes <= list.length));
        const { asked, cancelled } = await ask(list, rule, Infinity);
        expect(asked).toBe(fewest(list, rule));
        expect(cancelled).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("refuses what is no threshold", () => {
    expect(() => thresholds([])).toThrow(TypeError);
    expect(() => thresholds([{ answer: "a", votes: 0 }])).toThrow(RangeError);
    expect(() =>
      thresholds([
        { answer: "a", votes: 1 },
        { answer: "a", votes: 2 },
      ]),
    ).toThrow(TypeError);
  });
});
