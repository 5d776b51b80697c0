import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLine } from "../../src/cli/cut-line.ts";

const ESCAPE = "\u001b";
const COLOR = new RegExp(`${ESCAPE}\\[\\d+m`, "gu");

test.each([
  ["", 3, ""],
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["😀😀😀", 2, "😀…"],
  ["\u001b[2mabc\u001b[22m", 3, "\u001b[2mabc\u001b[22m"],
  ["\u001b[2mabcd\u001b[22m", 3, "\u001b[2mab…\u001b[22m"],
  ["ab\u001b[31mcd\u001b[39m", 3, "ab\u001b[31m…\u001b[39m"],
])("the line %j of at most %i characters is %j", (line, columns, cut) => {
  expect(cutLine(line, columns)).toBe(cut);
});

test("a line that was cut is as wide as it may be, has all its colours, and begins as it did", () => {
  const piece = fc.constantFrom("a", "é", "😀", " ", "\u001b[2m", "\u001b[22m", "\u001b[31m");
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 10 }), (pieces, columns) => {
      const line = pieces.join("");
      const cut = cutLine(line, columns);
      const [before, after] = [line, cut].map((text) => Array.from(text.replaceAll(COLOR, "")));
      expect(cut.match(COLOR)).toEqual(line.match(COLOR));
      expect(after?.length).toBe(Math.min(columns, before?.length ?? 0));
      if ((before?.length ?? 0) > columns) {
        expect(after).toEqual([...(before ?? []).slice(0, columns - 1), "…"]);
      }
    }),
  );
});
