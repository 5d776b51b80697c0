/** `first` and `hedge` under random successes, failures and delays, against what the definition says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FanfoldError,
  first,
  hedge,
  hedging,
  type Hedging,
  type TaskContext,
  type TasksFailedError,
} from "../../src/index.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";
import { race, type RacedTask, type RaceEnd } from "./race-oracle.ts";

interface Given {
  readonly ms: number;
  readonly ok: boolean;
  /** What all calls of its key took before; undefined where nothing is known. */
  readonly knownMs: number | undefined;
}

const given: fc.Arbitrary<Given> = fc.record({
  ms: fc.integer({ min: 1, max: 100_000 }),
  ok: fc.boolean(),
  knownMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
});
const stagger = fc.oneof(
  fc.constantFrom(0, Infinity, "p95" as const, "p50" as const),
  fc.integer({ min: 1, max: 60_000 }),
);
const tokens = fc.constantFrom(0, 1, 2, Infinity);

interface Seen {
  readonly starts: readonly (readonly [index: number, atMs: number])[];
  readonly winners: readonly string[] | undefined;
  readonly errors: readonly string[];
  readonly endMs: number;
}

/** A task as the test gave it, that notes when it starts and stops at once when it is told to. */
function runs(clock: VirtualClock, starts: (readonly [number, number])[]) {
  return (index: number, { ms, ok }: Given) =>
    ({ signal }: TaskContext): Promise<string> => {
      starts.push([index, clock.now()]);
      return new Promise((resolve, reject) => {
        const timer = clock.schedule(ms, () =>
          ok ? resolve(String(index)) : reject(new Error(String(index))),
        );
        signal.addEventListener("abort", () => {
          timer.cancel();
          reject(signal.reason as Error);
        });
      });
    };
}

async function see(
  clock: VirtualClock,
  starts: readonly (readonly [number, number])[],
  run: Promise<readonly string[]>,
): Promise<Seen> {
  let errors: readonly string[] = [];
  const winners = await run.catch((error: unknown) => {
    if (!FanfoldError.isInstance(error) || error.code !== "TASKS_FAILED") throw error;
    const failures = (error as TasksFailedError).errors; // The code says so.
    errors = failures.map((failure) => (failure.error as Error).message);
    return undefined;
  });
  return { starts, winners, errors, endMs: clock.now() };
}

/** Some extra starts saved up, and what is known of each key. */
function experienced(
  extra: number,
  known: readonly (readonly [string, number | undefined])[],
): Hedging {
  const calls =
    extra === Infinity
      ? hedging({ hedgeBudget: Infinity })
      : hedging({ hedgeBudget: extra === 0 ? 0 : 0.001, burst: Math.max(1, extra) });
  for (const [key, ms] of known)
    for (let call = 0; ms !== undefined && call < 20; call += 1) calls.learn(key, ms, "ended");
  if (extra < Infinity) calls.call(extra * 1000);
  return calls;
}

function expectAsForeseen(seen: Seen, foreseen: RaceEnd, count: number): void {
  expect(seen.starts).toEqual(foreseen.starts);
  expect(seen.endMs).toBe(foreseen.endMs);
  if (foreseen.winners.length === count) {
    expect(seen.winners).toEqual(foreseen.winners.map(String));
  } else {
    expect(seen.winners).toBeUndefined();
    expect(seen.errors).toEqual(foreseen.failed.map(String));
  }
}

describe("a race", () => {
  test("of tasks starts and ends them as it is defined, and fails at once", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(given, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        stagger,
        fc.option(tokens, { nil: undefined }),
        async (all, seed, staggerMs, extra) => {
          const count = 1 + (seed % all.length);
          const isLearnt = typeof staggerMs === "string";
          const known = all.map(({ knownMs }, index) => [String(index), knownMs] as const);
          const calls =
            extra === undefined && !isLearnt ? undefined : experienced(extra ?? Infinity, known);
          const raced: RacedTask[] = all.map(({ ms, ok }, index) => ({
            ms,
            ok,
            staggerMs: isLearnt
              ? (calls?.percentileMs(String(index), staggerMs) ?? Infinity)
              : staggerMs,
          }));
          const foreseen = race(raced, { count, extra: extra ?? Infinity, fallback: true });
          fc.pre(!foreseen.isAmbiguous);

          const clock = virtualClock();
          const starts: (readonly [number, number])[] = [];
          const run = runs(clock, starts);
          const tasks = all.map((each, index) => run(index, each));
          const callsBefore = calls?.calls ?? 0;
          const racing = first(count, tasks, { clock, staggerMs, hedging: calls });
          const seen = await see(
            clock,
            starts,
            racing.then((won) => won.map(({ key }) => key)),
          );

          expectAsForeseen(seen, foreseen, count);
          expect(clock.pending).toBe(0);
          if (calls !== undefined) {
            const { hedges, wins, wastedMs } = foreseen;
            expect([calls.calls - callsBefore, calls.hedges, calls.wins]).toEqual([
              count,
              hedges,
              wins,
            ]);
            expect(calls.wastedMs).toBeCloseTo(wastedMs, 3);
          }
        },
      ),
      { numRuns: 300 },
    ));

  test("of copies starts no other after a failure", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(given, { minLength: 1, maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: undefined }),
        stagger,
        tokens,
        async (all, knownMs, staggerMs, extra) => {
          const calls = experienced(extra, [["call", knownMs]]);
          const isLearnt = typeof staggerMs === "string";
          const delayMs = isLearnt
            ? (calls.percentileMs("call", staggerMs) ?? Infinity)
            : staggerMs;
          const raced = all.map(({ ms, ok }) => ({ ms, ok, staggerMs: delayMs }));
          const foreseen = race(raced, { count: 1, extra, fallback: false });
          fc.pre(!foreseen.isAmbiguous);

          const clock = virtualClock();
          const starts: (readonly [number, number])[] = [];
          const run = runs(clock, starts);
          const task = (ctx: TaskContext): Promise<string> => {
            const index = starts.length;
            return run(index, all[index] ?? { ms: 1, ok: false, knownMs: undefined })(ctx);
          };
          const copies = all.length;
          const options = { clock, staggerMs, copies, hedging: calls, idempotent: true };
          const seen = await see(
            clock,
            starts,
            hedge(task, options).then((value) => [value]),
          );

          expectAsForeseen(seen, foreseen, 1);
          expect(clock.pending).toBe(0);
          expect([calls.hedges, calls.wins]).toEqual([foreseen.hedges, foreseen.wins]);
          expect(calls.wastedMs).toBeCloseTo(foreseen.wastedMs, 3);
        },
      ),
      { numRuns: 300 },
    ));
});
