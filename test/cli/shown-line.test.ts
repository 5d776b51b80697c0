import { expect, test } from "vitest";
import { longestNameIn, shownName } from "../../src/cli/shown-line.ts";

test("a name of several lines is shown on one, without what surrounds it", () => {
  expect(shownName("\n  npm run lint\n  npm test\n")).toBe("npm run lint npm test");
  expect(shownName("x".repeat(61))).toBe(`${"x".repeat(59)}…`);
});

test("names leave half of the terminal to what is said behind them, unless it is very narrow", () => {
  expect([200, 80, 20, 1].map(longestNameIn)).toEqual([100, 40, 12, 12]);
});
