import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundOf } from "../../../bench/tools/baselines.ts";
import { makespanOf, type Call, type Claims, type Edge } from "../../../bench/tools/call.ts";
import { conflictsOf } from "../../../bench/tools/conflicts.ts";
import { brokenEdges, otherVersions } from "../../../bench/tools/safety.ts";
import { runSchedule } from "../../../bench/tools/schedule.ts";
import { claimsOfCalls, edgesOf } from "./call-arbitraries.ts";

const widths = fc.constantFrom(1, 2, 3, Infinity);

/**
 * A call whose arguments are not known yet might touch anything that it could read or write: later calls in its way wait until the outputs are
 * there that it refers to.
 */
function edgesOfUnknown(calls: readonly Call[]): readonly Edge[] {
  return calls.flatMap(({ reads, writes, after = [] }, index) => {
    const widest: Claims =
      writes.length > 0
        ? { reads, writes: ["*"] }
        : { reads: reads.length > 0 ? ["*"] : [], writes };
    const later = calls.flatMap((call, each) =>
      each > index && conflictsOf([widest, call]).length > 0 ? [each] : [],
    );
    return later.flatMap((each) => after.map((source): Edge => [source, each]));
  });
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
        const truth = [...conflictsOf(calls), ...uses, ...edgesOfUnknown(calls)];
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
