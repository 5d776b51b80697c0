import { describe, expect, test } from "vitest";
import { searchPattern } from "../../../src/system/search/pattern.ts";

const REGULAR = { literal: false, ignoreCase: false };

function matches(pattern: string, line: string, options: Partial<typeof REGULAR> = {}): boolean {
  return searchPattern(pattern, { ...REGULAR, ...options }).script.test(line);
}

function refusal(pattern: string, options: Partial<typeof REGULAR> = {}): string {
  try {
    searchPattern(pattern, { ...REGULAR, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  return "accepted";
}

describe("searchPattern", () => {
  test.each([
    ["", "Cannot search for nothing: give a pattern"],
    ["a\nb", "Cannot search for a line end as a match lies within one line"],
    ["a\r", "Cannot search for a line end as a match lies within one line"],
    ["a\0", "Cannot search for a NUL as files that have one are passed over"],
    ["\ud83d", "Cannot search for half a character: the pattern has a lone surrogate"],
  ])("refuses %j, as a text too", (pattern, message) => {
    expect(refusal(pattern)).toBe(message);
    expect(refusal(pattern, { literal: true })).toBe(message);
  });

  test.each([
    ["a(?=b)", "(?=: search for what is there, and drop the rest in a second task"],
    ["a(?!b)", "(?!: search for what is there, and drop the rest in a second task"],
    ["(?<=a)b", "(?<=: search for what is there, and drop the rest in a second task"],
    ["(?<!a)b", "(?<!: search for what is there, and drop the rest in a second task"],
    ["(?i)a", "(?i"],
    ["(?i-s:a)", "(?i-s"],
    ["(?>a)", "(?>"],
    ["(a)\\1", "\\1"],
    ["(?<a>b)\\k<a>", "\\k"],
    ["\\p{L}", "\\p"],
    ["\\A", "\\A"],
    ["\\Bx", "\\B"],
    ["a\\n", "\\n: a match lies within one line"],
    ["a\\r$", "\\r: a match lies within one line"],
    ["[\\x0a-z]", "\\x0a: a match lies within one line"],
    ["\\u{d}", "\\u{d}: a match lies within one line"],
    ["\\x00", "\\x00: files that have one are passed over"],
    ["[a\\x00]", "\\x00: files that have one are passed over"],
    ["\\x4", "\\x: write \\x41"],
    ["\\u004", "\\u: write \\u0041 or \\u{41}"],
    ["\\ud83d", "\\u: write \\u0041 or \\u{41}"],
    ["\\u{110000}", "\\u: write \\u0041 or \\u{41}"],
    ["[[:alpha:]]", "[: write \\[ for a bracket inside of brackets"],
    ["[a&&[b]]", "[: write \\[ for a bracket inside of brackets"],
    ["[^\\W_]", "\\W: inside of brackets; write . for any character"],
    ["[a-\\d]", "\\d"],
    ["[\\b]", "\\b"],
  ])("refuses %j, which not every engine knows", (pattern, what) => {
    expect(refusal(pattern)).toBe(
      `Cannot search for "${pattern}" as not every engine of the search knows ${what}`,
    );
  });

  test.each(["a\\", "[", "[]", "[^]", "[a", "[a-", "[a\\"])(
    "refuses %j, which ends early",
    (cut) => {
      expect(refusal(cut)).toBe(`Cannot search for "${cut}": it ends too early`);
    },
  );

  test.each([
    ["(a", "unterminated group"],
    ["a)", "unmatched ')'"],
    ["*", "nothing to repeat"],
    ["a**", "nothing to repeat"],
    ["^*", "nothing to repeat"],
    ["[z-a]", "range out of order in character class"],
    ["[\\x00-\\x00]", "range out of order in character class"],
    ["a{2,1}", "numbers out of order in {} quantifier"],
    ["{a}", "lone quantifier brackets"],
    ["f() {", "incomplete quantifier"],
    ["}", "lone quantifier brackets"],
  ])("refuses %j, which is wrong", (pattern, rule) => {
    const message = `Cannot search for "${pattern}": ${rule}; write \\ before a character that means itself`;
    expect(refusal(pattern)).toBe(message);
    expect(refusal(pattern, { ignoreCase: true })).toBe(message);
  });

  test("takes every character of a text as it is, when it is literal", () => {
    const text = "(?i)^[a-z]+\\d{2}$|.*/&&--~~ é😀 # x";
    expect(matches(text, `> ${text} <`, { literal: true })).toBe(true);
    expect(matches(text, text.replace(".", "x"), { literal: true })).toBe(false);
  });

  test("takes a bracket that closes first, or that nothing opened, as a character", () => {
    expect(matches("^[]x]]$", "x]")).toBe(true);
    expect(matches("^[^]x]]$", "x]")).toBe(false);
  });

  test("matches no end of a line, not even with a class or a range around it", () => {
    for (const pattern of [".", "\\W", "\\D", "\\S", "[^a]", "[\\t- ]", "[\\x00-\\u{10ffff}]"]) {
      expect([pattern, matches(pattern, "\r")]).toEqual([pattern, false]);
    }
    expect(matches("a$", "a\r")).toBe(true);
    expect(matches("a.$", "a\r")).toBe(false);
  });

  test("keeps the classes to ASCII, and has what is not in them", () => {
    expect(matches("^\\w\\d\\s+$", "a1 \t\v\f")).toBe(true);
    expect(["é", "٣", "\u00a0"].map((one) => matches("[\\w\\d\\s]", one))).not.toContain(true);
    expect(matches("^\\W\\D\\S$", "éé\u00a0")).toBe(true);
  });

  test("counts a character beyond the first plane as one", () => {
    expect(matches("^.$", "😀")).toBe(true);
    expect(matches("^[😀-😎]{2}$", "😁\u{1f602}")).toBe(true);
    expect(matches("\\u{1f600}\\x41\\u00e9", "😀Aé")).toBe(true);
  });

  test("takes capital letters for small ones only when it is told so", () => {
    expect(matches("É", "é")).toBe(false);
    expect(matches("É", "é", { ignoreCase: true })).toBe(true);
    expect(matches("É", "é", { ignoreCase: true, literal: true })).toBe(true);
  });

  test("drops the names of groups, so that one may be given twice", () => {
    expect(matches("^(?<a>x)(?P<a>y)$", "xy")).toBe(true);
  });
});
