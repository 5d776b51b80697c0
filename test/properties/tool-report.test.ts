// What a turn says of its calls is what an observer from outside has seen, on random programs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import type { ToolResult } from "../../src/tools/index.ts";
import { overlapIsWrong, runProgram, type Seen, type Span } from "./run-tool-program.ts";
import { toolFolder } from "./tool-folder.ts";
import { placeCalls, program, type Program } from "./tool-program.ts";

const folder = toolFolder();

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

const law = (check: (all: Program, seen: Seen) => void) => () =>
  fc.assert(
    fc.asyncProperty(program, async (each) =>
      check(each, await runProgram(each, { root: folder.path, clock: virtualClock() })),
    ),
    { numRuns: 60 },
  );

/** Those whose work was their own, with their attempts. */
function ownWork({
  results,
  spans,
}: Seen): readonly { readonly result: ToolResult; readonly own: readonly Span[] }[] {
  const seen = new Set<string>();
  return results.flat().flatMap((result) => {
    const isFirst = !seen.has(result.id);
    seen.add(result.id);
    return isFirst && result.sharedWith === undefined
      ? [{ result, own: spans.filter(({ id }) => id === result.id) }]
      : [];
  });
}

describe("a result", () => {
  test(
    "tells how often and how long its call ran",
    law((_, seen) => {
      for (const { result, own } of ownWork(seen)) {
        expect([result.id, result.attempts, result.runMs]).toEqual([
          result.id,
          own.length,
          sum(own.map(({ startMs, endMs }) => endMs - startMs)),
        ]);
      }
    }),
  );

  test(
    "tells all the rest of its time as waiting, and no more reasons than that",
    law((all, seen) => {
      const isFree = all.calls.every(({ schemaMs }) => schemaMs === 0);
      for (const { result } of ownWork(seen)) {
        const { addedMs = 0, answeredMs = 0 } = seen.times.get(result.id) ?? {};
        if (isFree) {
          expect([result.id, result.queuedMs + result.runMs]).toEqual([
            result.id,
            answeredMs - addedMs,
          ]);
        }
        expect(sum(result.waits.map(({ ms }) => ms))).toBeLessThanOrEqual(result.queuedMs);
      }
    }),
  );

  test(
    "of a call that another was run for ran nothing itself, and names it",
    law((_, { results, spans }) => {
      for (const turn of results) {
        for (const [index, { id, sharedWith, attempts, runMs, output }] of turn.entries()) {
          if (sharedWith !== undefined) {
            const leader = turn.findIndex((each) => each.id === sharedWith);
            expect(leader).toBeLessThan(index);
            expect([attempts, runMs, spans.some((span) => span.id === id)]).toEqual([0, 0, false]);
            expect(output).toBe(turn[leader]?.output);
          }
        }
      }
    }),
  );

  test(
    "names a call that was in its way where it waited for one: it conflicts, was added before, and ended before it began",
    law((all, { results, spans }) => {
      const order = new Map(
        placeCalls(all)
          .map(({ id }, index) => [id, index] as const)
          .toReversed(),
      );
      const hasLinks = all.calls.some(
        ({ place, text }) => typeof place !== "string" || typeof text !== "string",
      );
      const spanOf = (id: string): Span | undefined => spans.find((each) => each.id === id);
      for (const { id, waits } of results.flat()) {
        for (const { on } of waits.filter(({ reason }) => reason === "claim")) {
          const earlier = on.filter((each) => Number(order.get(each)) < Number(order.get(id)));
          expect(earlier.length).toBeGreaterThan(0);
          const mine = spanOf(id);
          const before = earlier.flatMap((each) => spanOf(each) ?? []);
          // What a call with references claims is seen from outside only once it runs.
          if (mine !== undefined && before.length > 0 && !hasLinks) {
            const inTheWay = before.filter((other) => overlapIsWrong(mine, other));
            expect([id, inTheWay.length > 0 || before.length < earlier.length]).toEqual([id, true]);
            expect(inTheWay.every(({ endMs }) => endMs <= mine.startMs)).toBe(true);
          }
        }
      }
    }),
  );
});

describe("turn.report()", () => {
  test(
    "says of each call what its result says",
    law((_, { results, reports }) => {
      for (const [turn, { calls }] of reports.entries()) {
        expect(calls).toEqual(
          results[turn]?.map(
            ({ id, name, status, sharedWith, attempts, queuedMs, runMs, waits }) => ({
              id,
              name,
              status,
              sharedWith,
              attempts,
              queuedMs,
              runMs,
              waits,
            }),
          ),
        );
      }
    }),
  );

  test(
    "adds up: what ran, what waited and for what, and the critical path",
    law((all, { reports, times, committedMs }) => {
      for (const [turn, { calls, full, wallMs }] of reports.entries()) {
        // One after another from the moment of the commit: the rest of the response comes before.
        const aheadMs = full.sequentialMs - sum(calls.map(({ runMs }) => runMs));
        const [first] = calls;
        const restMs = (committedMs.get(turn) ?? 0) - (times.get(first?.id ?? "")?.addedMs ?? 0);
        expect(aheadMs).toBe(calls.some(({ attempts }) => attempts > 0) ? restMs : 0);
        const own = calls
          .filter(({ sharedWith }) => sharedWith === undefined)
          .flatMap(({ waits }) => waits);
        for (const reason of [
          "commit",
          "approval",
          "limit",
          "retry",
          "claim",
          "dependency",
        ] as const) {
          const told = sum(own.filter((each) => each.reason === reason).map(({ ms }) => ms));
          expect([reason, full.waits[reason] ?? 0]).toEqual([reason, told]);
        }
        const pathMs = sum(full.criticalPath.map(({ runMs, waitMs }) => runMs + waitMs));
        expect(pathMs).toBeLessThanOrEqual(wallMs);
        const added = new Set(calls.map(({ id }) => times.get(id)?.addedMs));
        const allRan = calls.every(
          ({ attempts, sharedWith }) => attempts > 0 || sharedWith !== undefined,
        );
        if (added.size === 1 && allRan && all.calls.every(({ schemaMs }) => schemaMs === 0)) {
          expect(pathMs).toBe(wallMs); // Else time before a call came, or of those that never ran, may be in nobody's path.
        }
        expect(full.idealSpeedup).toBeGreaterThanOrEqual(full.speedup);
      }
    }),
  );
});
