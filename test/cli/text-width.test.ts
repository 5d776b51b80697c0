import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText, endOf, padText, startOf, textWidth } from "../../src/cli/text-width.ts";

const FAMILY = "👩\u200d👩\u200d👧";

/** Graphemes, also after each other: none of them combines with another. */
const GRAPHEMES = ["a", " ", "…", "é", "e\u0301", "語", "글", "각", "「", "🚀", "👍🏽", FAMILY, "กำ"];

const graphemes = fc.array(fc.constantFrom(...GRAPHEMES), { maxLength: 12 });

/** Characters that form graphemes with their neighbours, or do not. */
const characters = fc
  .array(
    fc.constantFrom(...Array.from(`${GRAPHEMES.join("")}\ufe0f🇩🇪❤1\u20e3\u3099ﾟ\n\u001b`), "\ud83d"),
    { maxLength: 16 },
  )
  .map((all) => all.join(""));

const columns = fc.integer({ min: 1, max: 16 });

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function split(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

test.each([
  ["", 0],
  ["plain text", 10],
  ["✓ café — “x” …", 14],
  ["cafe\u0301", 4],
  ["日本語", 6],
  ["か\u3099", 2],
  ["한국어", 6],
  ["ﾊﾟ", 2],
  ["Ｗ、", 4],
  ["𠮷", 2],
  ["ｱ", 1],
  ["🚀⌚", 4],
  [FAMILY, 2],
  ["👍🏽🇩🇪1️⃣", 6],
  ["❤\ufe0f❤", 3],
  ["กำ", 2],
  ["a\u200bb\ufeff", 2],
  ["ж▸λ", 3],
])("%j takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

describe("a text that is cut", () => {
  test("is whole where it fits, else its first graphemes and …, as many as there is room for", () => {
    fc.assert(
      fc.property(graphemes, columns, (all, room) => {
        const text = all.join("");
        const cut = cutText(text, room);
        if (textWidth(text) <= room) {
          expect(cut).toBe(text);
          return;
        }
        const kept = split(cut).slice(0, -1);
        expect(cut.endsWith("…")).toBe(true);
        expect(kept).toEqual(all.slice(0, kept.length));
        expect(textWidth(cut)).toBeLessThanOrEqual(room);
        expect(textWidth(cut) + textWidth(all[kept.length] ?? "")).toBeGreaterThan(room);
      }),
    );
  });

  test("is never wider than asked, and never ends inside of a grapheme, whatever it consists of", () => {
    fc.assert(
      fc.property(characters, columns, (text, room) => {
        const [start, end] = [startOf(text, room), endOf(text, room)];
        expect(textWidth(start)).toBeLessThanOrEqual(room);
        expect(textWidth(end)).toBeLessThanOrEqual(room);
        expect(split(text).slice(0, split(start).length)).toEqual(split(start));
        expect(split(text).slice(split(text).length - split(end).length)).toEqual(split(end));
      }),
    );
  });

  test("at its beginning keeps the last graphemes that there is room for", () => {
    expect([3, 4, 5].map((room) => endOf("ab語言", room))).toEqual(["言", "語言", "b語言"]);
    expect(endOf("abc", 2)).toBe("bc");
    expect(endOf("abc", 9)).toBe("abc");
  });
});

test("padded texts line up, whatever they consist of", () => {
  fc.assert(
    fc.property(graphemes, columns, (all, width) => {
      const text = all.join("");
      const padded = padText(text, width);
      expect(padded.trimEnd()).toBe(text.trimEnd());
      expect(textWidth(padded)).toBe(Math.max(width, textWidth(text)));
    }),
  );
});
