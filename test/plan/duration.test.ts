import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/plan/duration.ts";

test.each([
  ["0ms", 0],
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["007s", 7000],
])("parseDuration reads %s as %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test("parseDuration keeps to the units: 1000 ms are a second, 60 s a minute, 60 m an hour", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (amount) => {
      expect(parseDuration(`${amount}s`)).toBe(parseDuration(`${amount * 1000}ms`));
      expect(parseDuration(`${amount}m`)).toBe(parseDuration(`${amount * 60}s`));
      expect(parseDuration(`${amount}h`)).toBe(parseDuration(`${amount * 60}m`));
    }),
  );
});

test.each([
  "",
  "5",
  "s",
  "5 s",
  " 5s",
  "5s ",
  "5s\n",
  "-5s",
  "+5s",
  ".5s",
  "5.s",
  "1e3s",
  "5S",
  "5d",
  "1h30m",
  "1,5s",
  "٣s",
])("parseDuration refuses %j", (text) => {
  expect(() => parseDuration(text)).toThrow(
    new RangeError(
      `Cannot read a duration as it must be a number and ms, s, m or h, such as 30s: ${text}`,
    ),
  );
});
