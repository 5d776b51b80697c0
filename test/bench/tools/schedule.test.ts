import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundOf } from "../../../bench/tools/baselines.ts";
import { makespanOf, type Call, type Claims, type Edge } from "../../../bench/tools/call.ts";
import { conflictsOf } from "../../../bench/tools/conflicts.ts";
import { brokenEdges, otherVersions } from "../../../bench/tools/safety.ts";
import { runSchedule } from "../../../bench/tools/schedule.ts";
import { claimsOfCalls, edgesOf } from "./call-arbitraries.ts";

const widths = fc.constantFrom(1, 2, 3, Infinity);

/** A call whose arguments are not known yet might touch anything that it could read or write. */
function widened({ reads, writes, after = [] }: Call): Claims {
  if (after.length === 0 || reads.length + writes.length === 0) {
    return { reads, writes };
  }
  return writes.length > 0 ? { reads, writes: ["*"] } : { reads: ["*"], writes };
}

function withUses(claims: readonly Claims[], uses: readonly Edge[]): readonly Call[] {
  return claims.map((each, index) => ({
    ...each,
    after: uses.filter(([, later]) => later === index).map(([earlier]) => earlier),
  }));
}

describe("runSchedule", () => {
  test("obeys claims and references at every width, and is as short as possible where there is no limit", async () => {
    await fc.assert(
      fc.asyncProperty(claimsOfCalls(8), edgesOf(8), widths, async (claims, edges, width) => {
        const uses = edges.filter(([, later]) => later < claims.length);
        const calls = withUses(claims, uses);
        const truth = [...conflictsOf(calls.map(widened)), ...uses];
        const schedule = await runSchedule(calls, { width });
        expect(schedule.length).toBe(calls.length);
        expect(brokenEdges(schedule, truth)).toEqual([]);
        expect(otherVersions(claims, schedule)).toEqual([]);
        const bound = boundOf(calls.length, truth, width);
        expect(makespanOf(schedule)).toBeGreaterThanOrEqual(bound);
        if (width === Infinity) {
          expect(makespanOf(schedule)).toBe(bound);
        }
      }),
      { numRuns: 60 },
    );
  });
});
