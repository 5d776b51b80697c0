import { describe, expect, test } from "vitest";
import { FanfoldError } from "../../src/core/errors.ts";
import { isOurs, StrayError } from "../../src/cli/stray-errors.ts";

/** An error whose stack has these places. */
function errorAt(...places: readonly string[]): Error {
  const error = new Error("x");
  error.stack = ["Error: x", ...places.map((place) => `    at ${place}`)].join("\n");
  return error;
}

const OWN = new URL("../../src/core/kernel.ts", import.meta.url).href;
const NODE = "listOnTimeout (node:internal/timers:581:17)";

describe("an error from outside of any task", () => {
  test.each([
    ["of Node", errorAt(NODE, "file:///a/b%20c.mjs:3:10"), "/a/b c.mjs:3:10"],
    ["of this package", errorAt(`run (${OWN}:1:2)`, "async go (/a/b.cjs:3:10)"), "/a/b.cjs:3:10"],
    ["with no place at all", errorAt(NODE), undefined],
    ["that is no error", "x", undefined],
    ["below the folder of this process", errorAt(`go (${process.cwd()}/m.mjs:1:2)`), "m.mjs:1:2"],
  ])("is found behind lines %s", (_, error, place) => {
    const where = place === undefined ? "" : ` (${place})`;
    expect(new StrayError(error)).toMatchObject({
      place,
      message: `an error came from outside of any task: x${where}`,
      cause: error,
    });
  });

  test("is one of this package where nobody else had a part in it", () => {
    expect(isOurs(errorAt(`run (${OWN}:1:2)`, NODE))).toBe(true);
    expect(isOurs(new FanfoldError("INTERNAL", "x"))).toBe(true);
    expect(isOurs(errorAt(`run (${OWN}:1:2)`, "/a/b.mjs:3:10"))).toBe(false);
    expect(isOurs(new FanfoldError("CANCELLED", "x"))).toBe(false);
    expect(isOurs(errorAt(NODE))).toBe(false);
    expect(isOurs(undefined)).toBe(false);
  });
});
