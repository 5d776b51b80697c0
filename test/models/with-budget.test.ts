import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { budget, limit, SkippedError } from "../../src/index.ts";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import { costOf } from "../../src/models/cost.ts";
import { openaiCompatible } from "../../src/models/openai-compatible.ts";
import { streamOf } from "../../src/models/stream-of.ts";
import { withBudget } from "../../src/models/with-budget.ts";
import { withLimits } from "../../src/models/with-limits.ts";
import type { ScriptedAnswer } from "../../src/testing/script.ts";
import { scripted } from "../../src/testing/scripted.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { modelServer, type ModelServer } from "./model-server.ts";

const servers: ModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const name = "openai/gpt-4o";
const { signal } = new AbortController();

describe("withBudget", () => {
  test("costs what the server counted, whatever it answers and refuses", async () => {
    const usages = Array.from({ length: 23 }, (_, index) => ({
      inputTokens: 100 + index,
      outputTokens: 10 + index,
      cachedInputTokens: index,
    }));
    const server = await modelServer((_, index) => {
      const usage = usages[index] ?? { inputTokens: 0, outputTokens: 0 };
      if (index % 6 === 5) return { status: 500 };
      return { text: [index % 8 === 7 ? "no JSON" : "{}"], usage };
    });
    servers.push(server);
    const counted = usages.filter((_, index) => index % 6 !== 5);
    const money = budget({ usd: 5, tokens: 1e6 });
    const clock = virtualClock();
    const service = openaiCompatible({ baseUrl: server.url, model: "gpt-4o", provider: "openai" });
    const model = withBudget(withLimits(service, limit(3), { clock }), money);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, index) => {
        const request = {
          prompt: `${index}`,
          maxOutputTokens: 100,
          schema: { schema: z.object({}) },
        };
        if (index % 2 === 0) return await model.generate(request, new AbortController());
        for await (const _ of streamOf(model, request, new AbortController())) {
          // Read to the end.
        }
        return undefined;
      }),
    );
    const failed = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(failed.map(ModelOutputError.isInstance)).toEqual([true, true]); // Paid as well.
    expect(server.received).toHaveLength(23);
    const { usd, tokens, calls } = money.stats().spent;
    const prices = counted.map((usage) => costOf(usage, name).usd ?? Number.NaN);
    expect(usd).toBeCloseTo(
      prices.reduce((sum, price) => sum + price, 0),
      6,
    );
    expect(tokens).toBe(
      counted.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    );
    expect(calls).toBe(23);
    expect(money.stats().reserved).toMatchObject({ usd: 0, tokens: 0 });
  });

  test("never spends more than there is, where answers keep to their length", async () => {
    const calls = fc.array(
      fc.record({
        output: fc.nat(100),
        firstMs: fc.nat(50),
        streams: fc.boolean(),
        fails: fc.nat(9).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 20, size: "max" },
    );
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 1500 }), async (calls, tokens) => {
        const clock = virtualClock();
        const inner = scripted(
          ({ prompt }): ScriptedAnswer => {
            const { output = 0, firstMs = 0, fails = false } = calls[Number(prompt)] ?? {};
            return fails
              ? { failure: new Error("lost"), firstMs }
              : { text: "a", firstMs, usage: { inputTokens: 5, outputTokens: output } };
          },
          { clock },
        );
        const money = budget({ tokens });
        const model = withBudget(inner, money, { clock });
        const outcomes = await Promise.allSettled(
          calls.map(async ({ streams }, index) => {
            const request = { prompt: `${index}`, maxOutputTokens: 100 }; // 5 in.
            if (!streams) return await model.generate(request, new AbortController());
            for await (const _ of streamOf(model, request, new AbortController())) {
              // Read to the end.
            }
            return undefined;
          }),
        );
        const spent = calls.map(({ output, fails }) => (fails ? 105 : 5 + output));
        const expected = outcomes.map((outcome, index) => {
          const isSkipped =
            outcome.status === "rejected" && SkippedError.isInstance(outcome.reason);
          return isSkipped ? 0 : (spent[index] ?? 0);
        });
        expect(money.stats().spent.tokens).toBe(expected.reduce((sum, each) => sum + each, 0));
        expect(money.stats().spent.tokens).toBeLessThanOrEqual(tokens);
        expect(money.stats().exceeded.tokens).toBe(0);
        // Nobody was refused who would have fitted.
        if (expected.includes(0)) expect(money.stats().left.tokens).toBeLessThan(105);
      }),
      { numRuns: 100 },
    );
  });

  test("reserves the price of the estimate before the call", async () => {
    const clock = virtualClock();
    const usage = { inputTokens: 40, outputTokens: 1 };
    const inner = scripted(() => ({ text: "a", firstMs: 10, usage }), { clock, name });
    const money = budget({ usd: 1 });
    const model = withBudget(inner, money, { clock });
    const call = model.generate({ prompt: "x".repeat(144), maxOutputTokens: 1000 }, { signal }); // 40 in.
    clock.schedule(5, () => expect(money.stats().reserved.usd).toBeCloseTo(0.0101, 9));
    await call;
    expect(money.stats().reserved.usd).toBe(0);
    expect(money.stats().spent.usd).toBeCloseTo(0.00011, 9);
  });

  test("does not believe that what is not known is free", async () => {
    const money = budget({ name: "money", usd: 1 });
    expect(() => withBudget(scripted([]), money)).toThrow(
      'Cannot pay model "scripted/model" from budget "money" as its price is not known: give "price"',
    );
    const tokens = budget({ tokens: 1000 });
    await withBudget(scripted(["a"]), tokens).generate({ maxOutputTokens: 50 }, { signal });
    expect(tokens.stats().spent.tokens).toBe(50); // It did not say: as it was estimated.
    const free = withBudget(scripted(["a"]), money, { price: () => 0 });
    await free.generate({}, { signal });
    expect(money.stats().spent).toMatchObject({ usd: 0, calls: 1 });
  });
});
