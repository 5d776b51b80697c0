// What calls took, added up; what is unknown stays so.
import { describe, expect, test } from "vitest";
import { budget, SkippedError } from "../../src/index.ts";
import { describeSpent } from "../../src/models/describe-spent.ts";
import { Meter } from "../../src/models/meter.ts";
import type { ModelResponse, ModelUsage } from "../../src/models/model.ts";
import { withBudget } from "../../src/models/with-budget.ts";
import { scripted } from "../../src/testing/index.ts";

const response = (usage: ModelUsage): ModelResponse => ({
  text: "",
  toolCalls: [],
  finishReason: "stop",
  usage,
  headers: {},
  message: { role: "assistant", text: "", toolCalls: [] },
});
const KNOWN = { inputTokens: 1000, outputTokens: 10 };
const UNKNOWN = { inputTokens: undefined, outputTokens: undefined };

/** What is told after calls that took this. */
async function usdOf(name: string, usages: readonly ModelUsage[]): Promise<number | undefined> {
  const meter = new Meter(() => 0);
  for (const usage of usages) {
    await meter.count(name, () => Promise.resolve(response(usage)));
  }
  return meter.spent.usd;
}

describe("what calls cost", () => {
  test("is nothing where there were none", async () => {
    expect(await usdOf("openai/gpt-4o", [])).toBe(0);
  });

  test("is the sum of what is known of them", async () => {
    const one = await usdOf("openai/gpt-4o", [KNOWN]);
    expect(one).toBeGreaterThan(0);
    expect(await usdOf("openai/gpt-4o", [KNOWN, UNKNOWN, KNOWN])).toBeCloseTo(2 * (one ?? 0), 12);
  });

  test("is unknown, not nothing, where none said what it took or the price is not known", async () => {
    expect(await usdOf("openai/gpt-4o", [UNKNOWN, UNKNOWN])).toBeUndefined();
    expect(await usdOf("nobody/knows", [KNOWN])).toBeUndefined();
  });
});

test("calls that a budget refused are not counted, as they were never made", async () => {
  const meter = new Meter(() => 0);
  await meter.count("openai/gpt-4o", () => Promise.resolve(response(KNOWN)));
  const refused = withBudget(scripted(["never"]), budget({ calls: 0 }));
  const { signal } = new AbortController();
  const call = meter.count("openai/gpt-4o", () => refused.generate({ prompt: "Hi" }, { signal }));
  await expect(call).rejects.toThrow(SkippedError);
  expect(meter.spent).toMatchObject({ calls: 1, unknownCalls: 0 });
});

test("what was spent is said in words, unknown where it is not known, and never as nothing", () => {
  const known = {
    calls: 3,
    unknownCalls: 0,
    inputTokens: 3000,
    outputTokens: 20,
    cachedInputTokens: 2048,
    usd: 0.01234,
  };
  const time = { wallMs: 2000, sequentialMs: 5000, savedMs: 3000 };
  const stats = { opened: 1, followed: 2, cachedTokens: 2048, gaveUp: false };
  expect(describeSpent({ spent: known, time, warmUp: stats })).toEqual([
    "3 calls: 3,000 tokens in (2,048 from a cache), 20 out, $0.0123.",
    "2.0 s; one after another 5.0 s: together saved 3.0 s, and no money.",
    "Warmed up once: 2 calls read 2,048 tokens from a cache.",
  ]);
  const partly = { ...known, cachedInputTokens: 0, unknownCalls: 1, usd: undefined };
  expect(describeSpent({ spent: partly, warmUp: { ...stats, opened: 0, gaveUp: true } })).toEqual([
    "3 calls: at least 3,000 tokens in, 20 out, price unknown.",
    "1 call did not say what was taken.",
    "Warming up was given up, as nothing was read from a cache.",
  ]);
  const silent = { ...known, calls: 1, unknownCalls: 1, inputTokens: 0, usd: undefined };
  expect(describeSpent({ spent: silent })).toEqual(["1 call: tokens unknown, price unknown."]);
});
