// Random tool programs: a turn gives what running its calls one after another gives.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { runProgram, type Seen } from "./run-tool-program.ts";
import { FOLDER, placeCalls, program, runSerially, type Program } from "./tool-program.ts";

let root = "";

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fanfold-test-")));
  mkdirSync(join(root, "dir"));
  FOLDER.files.forEach((file) => writeFileSync(join(root, file), ""));
  Object.entries(FOLDER.links).forEach(([link, target]) => symlinkSync(target, join(root, link)));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const law = (
  check: (program: Program, seen: Seen) => void,
  numRuns = 150,
): (() => Promise<void>) => {
  return () =>
    fc.assert(
      fc.asyncProperty(program, async (each) =>
        check(each, await runProgram(each, { root, clock: virtualClock() })),
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
    }, 400),
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
