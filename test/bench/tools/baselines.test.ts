import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  barrierSchedule,
  blindSchedule,
  boundOf,
  gateSchedule,
  sequentialSchedule,
  type Kind,
} from "../../../bench/tools/baselines.ts";
import { makespanOf, type Edge, type Schedule } from "../../../bench/tools/call.ts";
import { brokenEdges } from "../../../bench/tools/safety.ts";
import { edgesOf, kindsOfCalls } from "./call-arbitraries.ts";
import { optimum } from "./optimum.ts";

const widths = fc.constantFrom(1, 2, 3, Infinity);

/** Whoever writes comes after all before it, and before all after it. */
function barrierEdges(kinds: readonly Kind[]): readonly Edge[] {
  return kinds.flatMap((kind, later) =>
    kinds
      .slice(0, later)
      .flatMap((earlier, index): readonly Edge[] =>
        kind === "w" || earlier === "w" ? [[index, later]] : [],
      ),
  );
}

function mostAtOnce(schedule: Schedule): number {
  const starts = schedule.map(({ startMs }) => startMs);
  return Math.max(0, ...starts.map((start) => starts.filter((each) => each === start).length));
}

describe("barrierSchedule", () => {
  test("lets nobody overlap a write, and is as short as one can be", () => {
    fc.assert(
      fc.property(kindsOfCalls(5), widths, (kinds, width) => {
        const schedule = barrierSchedule(kinds, width);
        const edges = barrierEdges(kinds);
        expect(brokenEdges(schedule, edges)).toEqual([]);
        expect(mostAtOnce(schedule)).toBeLessThanOrEqual(width);
        expect(makespanOf(schedule)).toBe(optimum(kinds.length, edges, width));
      }),
    );
  });

  test("runs reads together and writes alone", () => {
    const starts = barrierSchedule(["r", "r", "w", "r", "w", "w"], Infinity);
    expect(starts.map(({ startMs }) => startMs)).toEqual([0, 0, 1, 2, 3, 4]);
  });
});

describe("gateSchedule", () => {
  test("makes the same schedule as a barrier at each write", () => {
    fc.assert(
      fc.property(kindsOfCalls(12), widths, (kinds, width) => {
        expect(gateSchedule(kinds, width)).toEqual(barrierSchedule(kinds, width));
      }),
    );
  });
});

describe("blindSchedule", () => {
  test("keeps to the width and wastes no step", () => {
    fc.assert(
      fc.property(fc.nat({ max: 6 }), widths, (count, width) => {
        const schedule = blindSchedule(count, width);
        expect(mostAtOnce(schedule)).toBeLessThanOrEqual(width);
        expect(makespanOf(schedule)).toBe(optimum(count, [], width));
      }),
    );
  });
});

describe("sequentialSchedule", () => {
  test("obeys every edge", () => {
    fc.assert(
      fc.property(edgesOf(6), (edges) => {
        expect(brokenEdges(sequentialSchedule(6), edges)).toEqual([]);
      }),
    );
  });
});

describe("boundOf", () => {
  test("is never above the shortest schedule, and is it where there is no limit", () => {
    fc.assert(
      fc.property(edgesOf(5), widths, (edges, width) => {
        const best = optimum(5, edges, width);
        expect(boundOf(5, edges, width)).toBeLessThanOrEqual(best);
        expect(boundOf(5, edges, Infinity)).toBe(optimum(5, edges, Infinity));
      }),
    );
  });
});
