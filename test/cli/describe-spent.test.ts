import { expect, test } from "vitest";
import { describeSpent } from "../../src/cli/describe-spent.ts";

test.each([
  [{}, "2 steps; 12,345 tokens in, 5 out; $0.1000"],
  [{ cachedInputTokens: 2048 }, "2 steps; 12,345 tokens in (2,048 from a cache), 5 out; $0.1000"],
  [{ usd: undefined }, "2 steps; 12,345 tokens in, 5 out"],
  [{ unknownCalls: 1 }, "2 steps; at least 12,345 tokens in, 5 out; at least $0.1000"],
  [{ unknownCalls: 2, usd: undefined }, "2 steps"],
])("what was spent is said with %j as %j, without what is not known", (more, line) => {
  const known = { calls: 2, unknownCalls: 0, inputTokens: 12_345, outputTokens: 5 };
  expect(describeSpent("2 steps", { ...known, cachedInputTokens: 0, usd: 0.1, ...more })).toBe(
    line,
  );
});
