import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonOf, linesOf } from "../../src/plan/text-fields.ts";

describe("linesOf", () => {
  test.each([
    ["", []],
    ["\n", []],
    ["\r\n\n", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["a\n\nb\n\n\n", ["a", "", "b"]],
    ["\na", ["", "a"]],
    [" a \t", [" a \t"]],
    ["a\rb", ["a\rb"]],
    ["a\u2028b", ["a\u2028b"]],
  ])("of %j are %j", (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });

  test("are what was joined, but for empty ones at the end", () => {
    const line = fc.string().filter((text) => !/[\r\n]/.test(text));
    const lines = fc
      .tuple(
        fc.array(line),
        line.filter((text) => text !== ""),
      )
      .map(([all, last]) => [...all, last]);
    fc.assert(
      fc.property(lines, fc.constantFrom("\n", "\r\n"), fc.nat(3), (all, end, more) => {
        expect(linesOf(all.join(end) + end.repeat(more))).toEqual(all);
      }),
    );
  });
});

describe("jsonOf", () => {
  test("reads any JSON, blanks around it", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonOf(` \r\n${text}\n`)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    ["", '""'],
    [" \n <html>", '"<html>"'],
    ["{'a': 1}", "\"{'a': 1}\""],
    ["NaN", '"NaN"'],
    [`[${"1,".repeat(200)}`, `"[${"1,".repeat(39)}1"`],
  ])("shows how the text begins that is none: %j", (text, start) => {
    expect(() => jsonOf(text)).toThrow(SyntaxError);
    expect(() => jsonOf(text)).toThrow(/^Cannot read the output as JSON: /);
    expect(() => jsonOf(text)).toThrow(`; it begins with ${start}`);
  });
});
