import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covers, parseResource } from "../../src/core/resource.ts";

const isAbove = (above: string, below: string): boolean =>
  covers(parseResource(above), parseResource(below));

describe("the name of a resource", () => {
  test("is below its scheme, whatever follows that", () => {
    const scheme = fc.stringMatching(/^[a-z][a-z0-9+.-]{0,5}:$/);
    const rest = fc.stringMatching(/^[a-z:/#.]{0,8}$/);
    fc.assert(
      fc.property(scheme, rest, (start, end) => {
        expect([start + end, isAbove(start, start + end)]).toEqual([start + end, true]);
      }),
    );
  });

  test("is below what it continues by whole segments and parts, and not below its like", () => {
    const segment = fc.stringMatching(/^[a-z:.]{1,4}$/);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), segment, (path, more) => {
        const name = `file:/${path.join("/")}`;
        expect(isAbove(name, `${name}/${more}`)).toBe(true);
        expect(isAbove(name, `${name}#${more}`)).toBe(true);
        expect(isAbove(name, `${name}x`)).toBe(false);
        expect(isAbove(`${name}/${more}`, name)).toBe(false);
        expect(parseResource(`${name}//`)).toEqual(parseResource(name));
      }),
    );
  });

  test("must name something", () => {
    expect(() => parseResource("//")).toThrow(/must not be empty/);
    expect(() => parseResource(7 as never)).toThrow(/must be a string/);
  });
});
