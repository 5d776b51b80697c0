import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costOf } from "../../src/models/cost.ts";
import { tokenEstimator } from "../../src/models/estimate.ts";

const none = { inputTokens: undefined, outputTokens: undefined };

describe("costOf", () => {
  test("is the price list, computed by hand, with cached tokens as such", () => {
    // Prices of gpt-4o, in US dollars for a million tokens.
    const [input, cached, output] = [2.5, 1.25, 10];
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(
        count,
        count,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (inputTokens, outputTokens, part) => {
          const cachedInputTokens = Math.floor(inputTokens * part);
          const { usd, tokens } = costOf(
            { inputTokens, outputTokens, cachedInputTokens },
            "openai/gpt-4o",
          );
          const expected =
            ((inputTokens - cachedInputTokens) * input +
              cachedInputTokens * cached +
              outputTokens * output) /
            1e6;
          expect(usd).toBeCloseTo(expected, 9);
          expect(tokens).toBe(inputTokens + outputTokens);
        },
      ),
    );
  });

  test("counts what was written to a cache at its own price", () => {
    const usage = {
      inputTokens: 1000,
      outputTokens: 100,
      cachedInputTokens: 600,
      cacheWriteTokens: 300,
    };
    const name = "anthropic/claude-sonnet-4-5";
    expect(costOf(usage, name).usd).toBeCloseTo(
      (100 * 3 + 600 * 0.3 + 300 * 3.75 + 100 * 15) / 1e6,
      12,
    );
  });

  test("knows services by their host", () => {
    const usage = { inputTokens: 1000, outputTokens: 100 };
    const { usd } = costOf(usage, "api.x.ai/grok-4");
    expect(usd).toBeGreaterThan(0);
    expect(usd).toBe(costOf(usage, "x-ai/grok-4").usd);
  });

  test.each([["openai/gpt-4o"], ["api.openai.com/gpt-4o"], ["gpt-4o"]])("knows %s", (name) => {
    expect(costOf({ inputTokens: 1000, outputTokens: 100 }, name).usd).toBeCloseTo(0.0035, 12);
  });

  test.each([
    ["localhost:11434/gpt-4o"],
    ["127.0.0.1:8080/gpt-4o"],
    ["nobody/gpt-4o"],
    ["openai/nothing"],
    ["scripted/model"],
    [""],
    ["/"],
  ])("says unknown of %s, never 0", (name) => {
    expect(costOf({ inputTokens: 1000, outputTokens: 100 }, name)).toEqual({
      usd: undefined,
      tokens: 1100,
    });
  });

  test("says unknown where the usage is", () => {
    for (const usage of [none, { ...none, inputTokens: 1 }, { ...none, outputTokens: 1 }]) {
      expect(costOf(usage, "openai/gpt-4o")).toEqual({ usd: undefined, tokens: undefined });
    }
  });

  test.each([
    [{ inputTokens: 10, outputTokens: 1, cachedInputTokens: 11 }],
    [{ inputTokens: 10, outputTokens: 1, cachedInputTokens: 6, cacheWriteTokens: 5 }],
    [{ inputTokens: 10, outputTokens: 1, cachedInputTokens: -1 }],
    [{ inputTokens: 10, outputTokens: 1, cacheWriteTokens: NaN }],
  ])("says unknown where the usage cannot be true: %j", (usage) => {
    expect(costOf(usage, "openai/gpt-4o")).toEqual({ usd: undefined, tokens: 11 });
  });
});

describe("tokenEstimator", () => {
  test("begins with four letters to a token, and one of other scripts", () => {
    const { estimate } = tokenEstimator();
    const tokensOf = (prompt: string) => estimate({ prompt }).inputTokens - 4;
    expect(tokensOf("a".repeat(400))).toBe(100);
    expect(tokensOf("折".repeat(400))).toBe(400);
    expect(estimate({ prompt: "a" }).outputTokens).toBe(500);
    expect(estimate({ prompt: "a", maxOutputTokens: 7 }).outputTokens).toBe(7);
  });

  test("counts everything that is sent", () => {
    const { estimate } = tokenEstimator();
    const text = "a".repeat(40);
    const call = { id: "1", name: "n", inputText: text };
    const sizes = [
      { prompt: text },
      { instructions: text, prompt: text },
      { messages: [{ role: "user", text }], instructions: text, prompt: text },
      {
        messages: [{ role: "assistant", text, toolCalls: [call] }],
        instructions: text,
        prompt: text,
      },
      {
        messages: [
          { role: "assistant", text, toolCalls: [call] },
          { role: "tool", results: [{ id: "1", name: "n", text, isError: false }] },
        ],
        instructions: text,
        prompt: text,
      },
      {
        messages: [
          { role: "assistant", text, toolCalls: [call] },
          { role: "tool", results: [{ id: "1", name: "n", text, isError: false }] },
        ],
        instructions: text,
        prompt: text,
        tools: [{ name: "n", description: text, inputSchema: {} }],
      },
    ] as const;
    const tokens = sizes.map((request) => estimate(request).inputTokens);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(new Set(tokens).size).toBe(sizes.length);
  });

  test("learns how a model counts: it is off by as much as requests differ from each other", () => {
    const length = fc.integer({ min: 40, max: 4000 });
    const noise = fc.double({ min: 0.9, max: 1.1, noNaN: true });
    const seen = fc.array(fc.tuple(length, noise), { minLength: 1, maxLength: 30, size: "max" });
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        seen,
        length,
        (factor, seen, next) => {
          const estimator = tokenEstimator();
          const requestOf = (letters: number) => ({ prompt: "a".repeat(letters) });
          const realOf = (letters: number) => (letters / 4 + 4) * factor;
          for (const [letters, noise] of seen) {
            const inputTokens = realOf(letters) * noise;
            estimator.learn(requestOf(letters), { inputTokens, outputTokens: 30 * noise });
          }
          const { inputTokens, outputTokens } = estimator.estimate(requestOf(next));
          expect(inputTokens).toBeGreaterThanOrEqual(realOf(next) * 0.9 - 1);
          expect(inputTokens).toBeLessThanOrEqual(realOf(next) * 1.1 + 1);
          expect(outputTokens).toBeGreaterThanOrEqual(27);
          expect(outputTokens).toBeLessThanOrEqual(34);
        },
      ),
    );
  });

  test("learns nothing from what is not known, and forgets what is long ago", () => {
    const estimator = tokenEstimator();
    const request = { prompt: "a".repeat(400) };
    estimator.learn(request, none);
    expect(estimator.estimate(request)).toEqual({ inputTokens: 104, outputTokens: 500 });
    for (let round = 0; round < 10; round += 1)
      estimator.learn(request, { inputTokens: 50, outputTokens: 10 });
    for (let round = 0; round < 60; round += 1)
      estimator.learn(request, { inputTokens: 200, outputTokens: 90 });
    expect(estimator.estimate(request).inputTokens).toBeGreaterThan(198);
    expect(estimator.estimate(request).outputTokens).toBeGreaterThan(88);
  });
});
