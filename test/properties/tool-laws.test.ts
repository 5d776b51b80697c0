// Random tool programs: a turn gives what running its calls one after another gives.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { runProgram, type Seen } from "./run-tool-program.ts";
import { toolFolder } from "./tool-folder.ts";
import { placeCalls, program, runSerially, type Program } from "./tool-program.ts";

const folder = toolFolder();

const law = (
  check: (program: Program, seen: Seen) => void,
  numRuns = 80,
): (() => Promise<void>) => {
  return () =>
    fc.assert(
      fc.asyncProperty(program, async (each) =>
        check(each, await runProgram(each, { root: folder.path, clock: virtualClock() })),
      ),
      { numRuns },
    );
};

describe("a turn", () => {
  test(
    "gives the results and leaves the state of its calls one after another",
    law((each, { results, store }) => {
      const serial = runSerially(each);
      expect(
        results.map((turn) => turn.map(({ id, status, output }) => ({ id, status, output }))),
      ).toEqual(serial.results);
      expect([...store]).toEqual([...serial.store]);
    }, 300),
  );

  test(
    "gives exactly one result for each call, in the order of the calls",
    law((each, { results }) => {
      const placed = placeCalls(each);
      for (const [turn, given] of results.entries()) {
        const own = placed.filter(({ call }) => call.turn === turn);
        expect(given.map(({ id, name }) => ({ id, name }))).toEqual(
          own.map(({ id, call }) => ({ id, name: call.tool })),
        );
        expect(given.every(({ status, isError }) => isError === (status !== "completed"))).toBe(
          true,
        );
      }
    }),
  );

  test(
    "never overlaps calls that conflict, exceeds a limit, or runs an effect before the commit; and nothing is left behind",
    law((_, { violations }) => {
      expect(violations).toEqual([]);
    }),
  );
});
