import { expect, test } from "vitest";
import { gainsOf } from "../../../bench/models/gains.ts";

test("gains are told turn by turn, the losing ones too", () => {
  const turns = [
    { withoutMs: 100, withMs: 60 },
    { withoutMs: 100, withMs: 100 },
    { withoutMs: 200, withMs: 190 },
    { withoutMs: 50, withMs: 60 },
  ];
  expect(gainsOf(turns)).toEqual({
    medianMs: 0,
    p95Ms: 40,
    medianPart: 0,
    p95Part: 0.4,
    none: 0.25,
    slower: 0.25,
    worstPart: 0.2,
  });
  expect(gainsOf([{ withoutMs: 3, withMs: 2 }]).worstPart).toBe(0);
});
