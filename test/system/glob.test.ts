import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeGlob, globBase, isGlob, splitGlob } from "../../src/system/glob.ts";

describe("isGlob", () => {
  test.each(["*", "a?", "[a]", "{a,b}", "+(a)", "a|b", "a]", "\\\\*"])(
    "sees wildcards in %s",
    (glob) => {
      expect(isGlob(glob)).toBe(true);
    },
  );

  test.each(["", "a/b", "!a", "a+b", "@a", "\\*", "a\\{b\\}", "..", "\\"])(
    "sees none in %s",
    (path) => {
      expect(isGlob(path)).toBe(false);
    },
  );
});

describe("splitGlob", () => {
  test.each([
    ["a/b", "a/b", ""],
    ["a/b/", "a/b", ""],
    ["./a//./b", "a/b", ""],
    [".", "", ""],
    ["/", "/", ""],
    ["../a", "../a", ""],
    ["a\\*/b", "a*/b", ""],
    ["*", "", "*"],
    ["./*.ts", "", "*.ts"],
    ["/*", "/", "*"],
    ["a/b*/c", "a", "b*/c"],
    ["a/b/**", "a/b", "**"],
    ["../../x/*", "../../x", "*"],
    ["a/\\[b/c?", "a/[b", "c?"],
    ["a/{b,c}/d", "a", "{b,c}/d"],
    ["a/{1..3}", "a", "{1..3}"],
    ["a/*..", "a", "*.."],
  ])("cuts %s", (pattern, base, rest) => {
    expect(splitGlob(pattern)).toEqual({ base, rest });
    expect(globBase(pattern)).toBe(base);
  });

  test.each(["*/..", "*/../a", "a/{..,b}", "a/+(..)/b", "*/\\.."])("refuses %s", (pattern) => {
    expect(() => splitGlob(pattern)).toThrow(
      new TypeError(`Cannot use a pattern as ".." may not follow a wildcard: "${pattern}"`),
    );
  });

  test("refuses a pattern that names nothing", () => {
    expect(() => splitGlob("")).toThrow(TypeError);
  });
});

test("escapeGlob writes any path as a pattern without wildcards that names the path", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
    .filter((name) => !name.includes("/") && name !== ".");
  const path = fc.tuple(fc.boolean(), fc.array(name, { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(path, ([isAbsolute, names]) => {
      const written = (isAbsolute ? "/" : "") + names.join("/");
      const pattern = escapeGlob(written);
      expect(isGlob(pattern)).toBe(false);
      expect(globBase(pattern)).toBe(written);
    }),
  );
});
