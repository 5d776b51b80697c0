import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edge } from "../../../bench/tools/call.ts";
import { conflictsOf, mistakesOf } from "../../../bench/tools/conflicts.ts";
import { edgesOf } from "./call-arbitraries.ts";

const SIZE = 5;

/** Whether one can walk from one call to the other. */
function reaches(edges: readonly Edge[], from: number, to: number): boolean {
  return edges.some(([i, j]) => i === from && (j === to || reaches(edges, j, to)));
}

describe("conflictsOf", () => {
  test("pairs calls that touch the same where one of them writes", () => {
    const calls = [
      { reads: ["a"], writes: [] },
      { reads: ["a"], writes: ["b"] },
      { reads: [], writes: ["a/x"] },
      { reads: ["b"], writes: [] },
    ];
    expect(conflictsOf(calls)).toEqual([
      [0, 2],
      [1, 2],
      [1, 3],
    ]);
  });
});

describe("mistakesOf", () => {
  test("names what is not ordered by any detour, and what is for nothing", () => {
    fc.assert(
      fc.property(edgesOf(SIZE), edgesOf(SIZE), (truth, declared) => {
        expect(mistakesOf(SIZE, truth, declared)).toEqual({
          missed: truth.filter(([i, j]) => !reaches(declared, i, j)),
          needless: declared.filter(([i, j]) => !reaches(truth, i, j)),
        });
      }),
    );
  });
});
