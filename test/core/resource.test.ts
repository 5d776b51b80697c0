// Names of resources that mean the same, and which is above which.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, EVERYTHING, resourceName } from "../../src/core/resource.ts";

const name = fc
  .array(fc.constantFrom("a", "b:", "ab", "/", "/", "#", ":", "é"), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(""))
  .filter((text) => /[^/]/.test(text));

describe("resource", () => {
  test.each([
    ["file:/repo/src/a.ts", "file:/repo/src/a.ts"],
    ["file:/repo//src/", "file:/repo/src"],
    ["/repo/src", "repo/src"],
    ["file:src/a.ts", "file:/src/a.ts"],
    ["file:/repo/a.ts#parse", "file:/repo/a.ts/#parse"],
    ["a.ts#parse", "a.ts/#parse"],
    ["file:", "file:"],
    ["db:users:", "db:/users:"],
    ["database", "database"],
  ])("%s is named %s", (given, expected) => {
    expect(resourceName(given)).toBe(expected);
  });

  test.each(["", "/", "//"])("%j is refused, as nothing is left to name", (given) => {
    expect(() => resourceName(given)).toThrow(TypeError);
  });

  test("has one name, with no empty segments", () => {
    fc.assert(
      fc.property(name, (given) => {
        const found = resourceName(given);
        expect(resourceName(found)).toBe(found);
        expect(found.split("/")).not.toContain("");
      }),
    );
  });

  test("is below its scheme, whatever follows that", () => {
    const scheme = fc.stringMatching(/^[a-z][a-z0-9+.-]{0,5}:$/);
    const rest = fc.stringMatching(/^[a-z:/#.]{0,8}$/);
    fc.assert(
      fc.property(scheme, rest, (start, end) => {
        const isBelow = covers(resourceName(start), resourceName(start + end));
        expect([start + end, isBelow]).toEqual([start + end, true]);
      }),
    );
  });

  test("covers those whose segments begin with its own", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [a, b] = [resourceName(one), resourceName(other)];
        const [outer, inner] = [a.split("/"), b.split("/")];
        expect(covers(a, b)).toBe(outer.every((segment, index) => segment === inner[index]));
        expect(covers(EVERYTHING, b)).toBe(true);
        expect(covers(b, EVERYTHING)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
