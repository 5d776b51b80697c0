// What calls took, added up; what is unknown stays so.
import { describe, expect, test } from "vitest";
import { budget, SkippedError } from "../../src/index.ts";
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
