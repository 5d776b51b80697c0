import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claims, Schedule } from "../../../bench/tools/call.ts";
import { conflictsOf } from "../../../bench/tools/conflicts.ts";
import { brokenEdges, otherVersions } from "../../../bench/tools/safety.ts";
import { claimsOfCalls } from "./call-arbitraries.ts";

const at = (startMs: number): Schedule[number] => ({ startMs, endMs: startMs + 1 });

/** One after another in another order. */
function inOrder(order: readonly number[]): Schedule {
  return order.map((_, call) => at(order.indexOf(call)));
}

/** What each call saw where calls ran in this order: who had written each of its paths, in an ordinary store. */
function seenBy(calls: readonly Claims[], order: readonly number[]): readonly string[] {
  const store = new Map<string, readonly number[]>();
  const seen: string[] = [];
  for (const call of order) {
    const { reads = [], writes = [] } = calls[call] ?? {};
    seen[call] = [...reads, ...writes].map((path) => String(store.get(path) ?? [])).join("; ");
    for (const path of new Set(writes)) {
      store.set(path, [...(store.get(path) ?? []), call]);
    }
  }
  return seen;
}

describe("otherVersions", () => {
  test("names those that saw something else in a store, whatever the order", () => {
    const names = fc.subarray(["a", "b", "c"]); // None above another: the store knows exact paths only.
    const calls = fc.array(fc.record({ reads: names, writes: names }), {
      minLength: 6,
      maxLength: 6,
    });
    const orders = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
    fc.assert(
      fc.property(calls, orders, (calls, order) => {
        const serial = seenBy(calls, [0, 1, 2, 3, 4, 5]);
        // Which writers, and not in which order: that shows at one of the writers.
        const sorted = (seen: string): string =>
          seen
            .split("; ")
            .map((writers) => writers.split(",").toSorted().join())
            .join("; ");
        const others = seenBy(calls, order).flatMap((seen, call) =>
          sorted(seen) === sorted(serial[call] ?? "") ? [] : [call],
        );
        expect(otherVersions(calls, inOrder(order))).toEqual(others);
      }),
    );
  });

  test("names nobody exactly where no conflict is broken", () => {
    const starts = fc.array(fc.nat({ max: 4 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(claimsOfCalls(6), starts, (calls, starts) => {
        const schedule = calls.map((_, call) => at(starts[call] ?? 0));
        const broken = brokenEdges(schedule, conflictsOf(calls));
        expect(otherVersions(calls, schedule).length === 0).toBe(broken.length === 0);
      }),
    );
  });

  test("sees a write above and below a path", () => {
    const folder: Claims = { reads: [], writes: ["a"] };
    const inside: Claims = { reads: ["a/x"], writes: [] };
    const beside: Claims = { reads: ["ab"], writes: [] };
    expect(otherVersions([folder, inside, beside], [at(1), at(0), at(0)])).toEqual([1]);
    expect(otherVersions([inside, folder], [at(0), at(0)])).toEqual([0]);
  });
});

describe("brokenEdges", () => {
  test("names the pairs whose later call starts before the earlier has ended", () => {
    expect(brokenEdges([at(0), at(1)], [[0, 1]])).toEqual([]);
    expect(brokenEdges([at(0), at(0)], [[0, 1]])).toEqual([[0, 1]]);
    expect(brokenEdges([at(1), at(0)], [[0, 1]])).toEqual([[0, 1]]);
  });

  test("refuses a schedule in which a call has not run", () => {
    expect(() => brokenEdges([at(0)], [[0, 1]])).toThrow(
      "Cannot check a schedule as every call must have run: call 1",
    );
  });
});
