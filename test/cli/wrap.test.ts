import fc from "fast-check";
import { expect, test } from "vitest";
import { wrap } from "../../src/cli/wrap.ts";

test("wrap breaks at spaces alone, and no sooner than it must", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const words = fc.array(word, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 40 }), (all, columns) => {
      const lines = wrap(all.join(" "), columns);
      const own = lines.map((line, index) => (index === 0 ? line : line.replace(/^ {2}/, "")));
      expect(own.join(" ")).toBe(all.join(" "));
      lines.forEach((line, index) => {
        expect(line.length <= columns || !own[index]?.includes(" ")).toBe(true);
        const [next = ""] = own[index + 1]?.split(" ") ?? [];
        expect(next === "" || `${line} ${next}`.length > columns).toBe(true);
      });
    }),
  );
});

test("wrap leaves a short line as it is, with the spaces at its beginning", () => {
  expect(wrap("  a b", 60)).toEqual(["  a b"]);
  expect(wrap("", 60)).toEqual([""]);
});
