// Patterns that are taken are compared in a moment with names that are as bad as can be, by the matcher that the crawler has.
import { createRequire } from "node:module";
import { createContext, Script } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mustBeQuick } from "../../src/system/quick-glob.ts";

const compile = createRequire(import.meta.resolve("tinyglobby"))("picomatch") as (
  pattern: string,
  options: object,
) => (name: string) => boolean;

const script = new Script("work()");

/** Whether the matcher comes to an end; a watch ends it otherwise. */
function ends(pattern: string, name: string): boolean {
  const matches = compile(pattern, { dot: true });
  try {
    script.runInContext(createContext({ work: () => matches(name) }), { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

const isTaken = (pattern: string): boolean => {
  try {
    mustBeQuick(pattern);
    return true;
  } catch {
    return false;
  }
};

describe("a pattern", () => {
  test.each([
    "*.ts",
    "**/src/**/test/**/*.test.{ts,tsx}",
    "{*.ts,*.js,*.mjs,*.cjs}",
    "!*.min.js",
    "+(a).ts",
    "@(a|b*)*",
    "\\*\\*\\*\\*a*",
    "{src/**/*.ts,test/**/*.ts}",
    "a*/b*/c*/d*/e*",
  ])("such as %s is taken", (pattern) => {
    expect(isTaken(pattern)).toBe(true);
  });

  test.each([
    "*a*a*a*c",
    "**/a/**/a/**/a/**/c",
    "+(a|aa)c",
    "*(a*)c",
    "{*a,*a}{*a,*a}*a*c",
    "+((a|aa))c",
    "+(a{,a})c",
    "+(a?(a))c",
    "!(a)!(a)!(a)!(a)",
    "+(a",
    "*a?(*a|[a]*a*a**c",
    "**@(*a*a|/)*a*ac",
  ])("such as %s is refused", (pattern) => {
    expect(isTaken(pattern)).toBe(false);
  });

  test("that is taken comes to an end", () => {
    const part = fc.constantFrom(
      "a",
      "*",
      "*a",
      "*a",
      "*a",
      "**",
      "?",
      "?(",
      "+(",
      "*(",
      "!(",
      "@(",
      ")",
      "{",
      "}",
      ",",
      "|",
      "/",
      "[a]",
      "b",
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 20 }), (parts) => {
        const pattern = `${parts.join("")}c`; // No name ends so: every way is tried.
        fc.pre(isTaken(pattern));
        expect(ends(pattern, `${"a".repeat(254)}b`)).toBe(true);
        expect(ends(pattern, `${"a/".repeat(100)}b`)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
