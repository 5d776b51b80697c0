import fc from "fast-check";
import { expect, test } from "vitest";
import { cutLine } from "../../src/cli/cut-line.ts";
import { cutText } from "../../src/cli/text-width.ts";

const ESCAPE = "\u001b";
const COLOR = new RegExp(`${ESCAPE}\\[\\d+m`, "gu");

test.each([
  ["", 3, ""],
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["😀😀😀", 4, "😀…"],
  ["語語", 4, "語語"],
  ["\u001b[2m語\u001b[22m語a", 4, "\u001b[2m語\u001b[22m…"],
  ["\u001b[2mabc\u001b[22m", 3, "\u001b[2mabc\u001b[22m"],
  ["\u001b[2mabcd\u001b[22m", 3, "\u001b[2mab…\u001b[22m"],
  ["ab\u001b[31mcd\u001b[39m", 3, "ab\u001b[31m…\u001b[39m"],
])("the line %j of at most %i columns is %j", (line, columns, cut) => {
  expect(cutLine(line, columns)).toBe(cut);
});

test("a line that was cut has all its colours, and is else cut as a text without", () => {
  const piece = fc.constantFrom("a", "é", "語", "😀", " ", "\u001b[2m", "\u001b[22m", "\u001b[31m");
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 10 }), (pieces, columns) => {
      const line = pieces.join("");
      const cut = cutLine(line, columns);
      expect(cut.match(COLOR)).toEqual(line.match(COLOR));
      expect(cut.replaceAll(COLOR, "")).toBe(cutText(line.replaceAll(COLOR, ""), columns));
    }),
  );
});
