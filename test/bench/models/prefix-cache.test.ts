import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cachedTokens, type Prefill } from "../../../bench/models/prefix-cache.ts";

/** A long beginning in common up to some place, then something else. */
const text = fc
  .tuple(fc.nat({ max: 6000 }), fc.constantFrom("x", "y"))
  .map(([shared, own]) => "a".repeat(shared) + own.repeat(6000 - shared));

/** The longest beginning of whole blocks that somebody has written, tried from the longest. */
function search(asked: string, atMs: number, before: readonly Prefill[]): number {
  const open = before.filter(({ openMs }) => openMs <= atMs);
  for (let tokens = 12_800; tokens >= 1024; tokens -= 128) {
    const beginning = asked.slice(0, tokens * 4);
    if (beginning.length === tokens * 4 && open.some((each) => each.text.startsWith(beginning))) {
      return tokens;
    }
  }
  return 0;
}

describe("cachedTokens", () => {
  test("is the longest beginning of whole blocks that was written before", () => {
    const before = fc.array(fc.record({ text, openMs: fc.nat({ max: 3 }) }), { maxLength: 4 });
    fc.assert(
      fc.property(text, fc.nat({ max: 3 }), before, (asked, atMs, before) => {
        expect(cachedTokens(asked, atMs, before)).toBe(search(asked, atMs, before));
      }),
    );
  });

  test("is nothing before the first token of the other came", () => {
    const asked = "a".repeat(8000);
    expect(cachedTokens(asked, 9, [{ text: asked, openMs: 10 }])).toBe(0);
    expect(cachedTokens(asked, 10, [{ text: asked, openMs: 10 }])).toBe(1920);
  });
});
