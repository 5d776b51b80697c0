import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestAnswer } from "../../src/models/index.ts";
import { scripted, virtualClock } from "../../src/testing/index.ts";

describe("bestAnswer", () => {
  test("has the answer with the highest score of all that were judged, whoever is slow or fails", async () => {
    const draft = fc.record({
      ms: fc.integer({ min: 0, max: 20 }),
      score: fc.option(fc.integer({ min: 0, max: 10 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(draft, { minLength: 1, maxLength: 6 }), async (drafts) => {
        const scores = drafts.map(({ score }) => score);
        const known = scores.filter((score) => score !== null);
        fc.pre(known.length > 0);
        const clock = virtualClock();
        const models = drafts.map(({ ms }, index) =>
          scripted([{ text: `draft ${index}`, firstMs: ms }], { clock, name: `m/${index}` }),
        );
        const judge = scripted(({ prompt }) => {
          const index = Number(/~~~~\ndraft (\d)\n~~~~$/.exec(prompt ?? "")?.[1]);
          const score = scores[index];
          return score === null
            ? { failure: new Error("down") }
            : { object: { reasoning: `r${index}`, score } };
        });
        const result = await bestAnswer({
          models,
          question: "q",
          of: drafts.length,
          judge: { model: judge },
          clock,
        });
        const best = Math.max(...known);
        const winners = scores.flatMap((score, index) => (score === best ? [index] : []));
        expect(result.answer).toBe(winners.length === 1 ? `draft ${winners[0]}` : undefined);
        expect(result.verdict).toBe(winners.length === 1 ? "won" : "tied");
        const ranking = scores
          .flatMap((score, sample) => (score === null ? [] : [{ score, sample }]))
          .toSorted((a, b) => b.score - a.score || a.sample - b.sample)
          .map(({ score, sample }) => ({
            answer: `draft ${sample}`,
            score,
            sample,
            voter: `m/${sample}`,
            reasoning: `r${sample}`,
          }));
        expect(result.ranking).toEqual(ranking);
        expect(result.failures).toHaveLength(scores.length - known.length);
        expect(result.spent.calls).toBe(2 * drafts.length);
      }),
      { numRuns: 100 },
    );
  });

  test("stops at an answer that is good enough", async () => {
    const model = scripted(["a", "abcdef", "abcd"]);
    const { answer, asked, reason } = await bestAnswer({
      model,
      question: "q",
      instructions: "Be brief.",
      score: (text) => text.length,
      enough: 5,
      temperature: 1,
    });
    expect([answer, asked, reason]).toEqual(["abcdef", 2, "decided"]);
    expect(model.requests[0]).toMatchObject({
      instructions: "Be brief.",
      prompt: "q",
      temperature: 1,
    });
  });

  test("refuses both, and neither, of a judge and a score", () => {
    const model = scripted([]);
    // @ts-expect-error One of the two is needed.
    expect(() => bestAnswer({ model, question: "q" })).toThrow(TypeError);
    const both = { judge: { model }, score: () => 1 };
    // @ts-expect-error Only one of the two is allowed.
    expect(() => bestAnswer({ model, question: "q", ...both })).toThrow(TypeError);
  });
});
