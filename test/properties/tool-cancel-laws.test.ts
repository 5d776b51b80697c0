// Random tool programs that are cancelled, aborted and run out of time at random moments.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import type { Turn } from "../../src/tools/index.ts";
import { runProgram, type Interference, type Seen } from "./run-tool-program.ts";
import { placeCalls, program, type Program } from "./tool-program.ts";
import { toolFolder } from "./tool-folder.ts";

const folder = toolFolder();

interface Trouble {
  readonly cancels: readonly { readonly atMs: number; readonly index: number }[];
  readonly aborts: readonly { readonly atMs: number; readonly turn: number }[];
  readonly timeoutMs: number | undefined;
  readonly obedient: boolean;
  readonly graceMs: number;
}

const atMs = fc.nat(40);
const cancels = fc.array(fc.record({ atMs, index: fc.nat(15) }), { maxLength: 4 });

const trouble: fc.Arbitrary<Trouble> = fc.record({
  cancels,
  aborts: fc.array(fc.record({ atMs, turn: fc.nat(2) }), { maxLength: 1 }),
  timeoutMs: fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined }),
  obedient: fc.boolean(),
  graceMs: fc.constantFrom(0, 5, 1000),
});

/** What has been done to a program, and how many attempts had begun then. */
interface Done {
  readonly cancelled: ReadonlySet<string>;
  readonly aborted: ReadonlyMap<number, number>;
}

async function disturbed(
  each: Program,
  what: Trouble,
): Promise<{ readonly seen: Seen; readonly done: Done }> {
  const placed = placeCalls(each);
  const cancelled = new Set<string>();
  const aborted = new Map<number, number>();
  const interference: Interference = {
    ...what,
    begin(turns: readonly Turn[], clock, spans) {
      for (const { atMs: at, index } of what.cancels) {
        const target = placed[index % placed.length];
        clock.schedule(at, () => {
          if (target !== undefined) {
            cancelled.add(target.id);
            turns[target.call.turn]?.cancel(target.id, "cancel");
          }
        });
      }
      for (const { atMs: at, turn } of what.aborts) {
        clock.schedule(at, () => {
          if (turn < turns.length && !aborted.has(turn)) {
            aborted.set(turn, spans.length);
            turns[turn]?.abort("abort");
          }
        });
      }
    },
  };
  const seen = await runProgram(each, { root: folder.path, clock: virtualClock(), interference });
  return { seen, done: { cancelled, aborted } };
}

const turnOf = (id: string): number => Number(id.split(".")[0]);

const law =
  (
    what: fc.Arbitrary<Trouble>,
    check: (all: Program, seen: Seen, done: Done, what: Trouble) => void,
  ) =>
  () =>
    fc.assert(
      fc.asyncProperty(program, what, async (each, given) => {
        const { seen, done } = await disturbed(each, given);
        check(each, seen, done, given);
      }),
      { numRuns: 80 },
    );

describe("a turn that is disturbed", () => {
  test(
    "gives exactly one result for each call, in the order of the calls",
    law(trouble, (each, { results }) => {
      const placed = placeCalls(each);
      for (const [turn, given] of results.entries()) {
        expect(given.map(({ id }) => id)).toEqual(
          placed.filter(({ call }) => call.turn === turn).map(({ id }) => id),
        );
        expect(given.every(({ text }) => text !== "")).toBe(true);
      }
    }),
  );

  test(
    "keeps the claims of work until it has really stopped, and its limits while none is abandoned",
    law(trouble, (_, { violations }, __, { obedient, graceMs }) => {
      const counted =
        obedient || graceMs === 1000
          ? violations
          : violations.filter((each) => !each.includes("limit"));
      expect(counted).toEqual([]);
    }),
  );

  test(
    "starts nothing after it was aborted",
    law(trouble, (_, { spans }, { aborted }) => {
      for (const [turn, before] of aborted) {
        expect(spans.slice(before).filter(({ id }) => turnOf(id) === turn)).toEqual([]);
      }
    }),
  );

  test(
    "cancels nobody but those who were meant",
    law(trouble, (_, { results }, { cancelled, aborted }) => {
      for (const { id, status, error } of results.flat()) {
        if (status === "cancelled") {
          expect(error).toBe(aborted.has(turnOf(id)) && error === "abort" ? "abort" : "cancel");
          expect(cancelled.has(id) || aborted.has(turnOf(id))).toBe(true);
        }
      }
    }),
  );

  test(
    "runs out of time only where a time was given, and says so of those alone whose own it was",
    law(trouble, (_, { results }, __, { timeoutMs }) => {
      for (const { status, runMs, attempts, sharedWith } of results.flat()) {
        if (status === "timed-out" && sharedWith === undefined) {
          expect(runMs).toBeGreaterThanOrEqual(Number(timeoutMs));
          expect(attempts).toBeGreaterThan(0);
        }
      }
    }),
  );
});
