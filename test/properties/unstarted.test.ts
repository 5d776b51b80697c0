// A batch whose records are made when their turn comes, against the same batch with all records made at once.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  limit,
  settle,
  type Outcome,
  type Run,
  type Task,
  type TaskContext,
  type TaskOptions,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

interface ProgramTask {
  /** Tasks of the same batch that it comes after: how far before it they stand, and which end it waits for. */
  readonly after: readonly { readonly back: number; readonly until: "completed" | "settled" }[];
  /** Whether it is expected to take as long as it does, and is then ordered by it. */
  readonly isKnown: boolean;
  readonly durationMs: number;
  readonly fails: boolean;
  /** What it claims, and what those claim that it starts. */
  readonly claims: Claims;
  /** Whether it has a retry of its own, which is no reason to see it before its turn. */
  readonly retries: boolean;
  /** Tasks that it starts one by one. */
  readonly children: readonly number[];
  /** Tasks that it starts as a batch within itself, and then waits for. */
  readonly batch: readonly number[];
}

interface Claims {
  readonly own: TaskOptions;
  readonly inside: TaskOptions;
}

interface Program {
  /** Batches that share a limit. */
  readonly runs: readonly (readonly ProgramTask[])[];
  readonly concurrency: number;
  /** Whether the tasks of a batch are given in reverse, each before those that it comes after. */
  readonly isReversed: boolean;
  readonly isUnlimited: boolean;
  readonly failure: "stop" | "continue";
  readonly agingMs: number;
  readonly cancelAtMs: number | undefined;
  /** When somebody begins to listen, in the middle of the run. */
  readonly listenAtMs: number | undefined;
  readonly raise: { readonly atMs: number; readonly concurrency: number };
}

const durations = fc.oneof(fc.constant([]), fc.array(fc.nat(8), { maxLength: 3 }));

const edge = fc.record({
  back: fc.integer({ min: 1, max: 6 }),
  until: fc.constantFrom("completed" as const, "settled" as const),
});

const NO_CLAIMS: Claims = { own: {}, inside: {} };

/** What few others do, so that there are batches in which no two tasks conflict. */
const ownClaims: fc.Arbitrary<Claims> = fc
  .record({ reads: fc.nat(9), writes: fc.nat(200) })
  .map(({ reads, writes }) => ({
    own: { reads: [`read/${reads}`], writes: [`written/${writes}`] },
    inside: { reads: [`read/${reads}`] },
  }));

const anyClaims: fc.Arbitrary<Claims> = fc.oneof(
  ownClaims,
  fc.constantFrom(
    NO_CLAIMS,
    { own: {}, inside: { writes: ["written"] } },
    { own: { writes: ["read/1", "read/2"] }, inside: {} },
  ),
);

/** None of its tasks claims anything, or all do, or some; none, or some, come after others or are expected to take long. */
const batch: fc.Arbitrary<readonly ProgramTask[]> = fc
  .record({
    claims: fc.constantFrom(fc.constant(NO_CLAIMS), ownClaims, anyClaims),
    isLine: fc.boolean(),
  })
  .chain(({ claims, isLine }) => fc.array(taskWith(claims, isLine), { maxLength: 12 }));

function taskWith(claims: fc.Arbitrary<Claims>, isLine: boolean): fc.Arbitrary<ProgramTask> {
  const after = fc.oneof(fc.constant([]), fc.array(edge, { maxLength: 3 }));
  return fc.record({
    after: isLine ? fc.constant([]) : after,
    isKnown: isLine ? fc.constant(false) : fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    durationMs: fc.nat(8),
    fails: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
    claims,
    retries: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
    children: durations,
    batch: durations,
  });
}

const program: fc.Arbitrary<Program> = fc.record({
  runs: fc.array(batch, { minLength: 1, maxLength: 3 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  isReversed: fc.boolean(),
  isUnlimited: fc.integer({ min: 0, max: 7 }).map((value) => value === 0),
  failure: fc.constantFrom("stop" as const, "continue" as const),
  agingMs: fc.constantFrom(5, 30_000),
  cancelAtMs: fc.option(fc.nat(20), { nil: undefined }),
  listenAtMs: fc.option(fc.nat(20), { nil: undefined }),
  raise: fc.record({ atMs: fc.nat(20), concurrency: fc.integer({ min: 1, max: 6 }) }),
});

/** One graph with its limit nearly to itself, in which tasks pass each other and are passed over for too long. */
const agingGraph: fc.Arbitrary<Program> = fc
  .array(
    fc.record({
      after: fc.array(edge, { maxLength: 2 }),
      isKnown: fc.constant(false),
      durationMs: fc.nat(4),
      fails: fc.integer({ min: 0, max: 15 }).map((value) => value === 0),
      claims: fc.constant(NO_CLAIMS),
      retries: fc.constant(false),
      children: fc.integer({ min: 0, max: 9 }).map((value) => (value === 0 ? [1] : [])),
      batch: fc.constant([]),
    }),
    { minLength: 6, maxLength: 20 },
  )
  .chain((tasks) =>
    fc.record({
      runs: fc.constant([tasks]),
      concurrency: fc.integer({ min: 1, max: 2 }),
      isReversed: fc.boolean(),
      isUnlimited: fc.constant(false),
      failure: fc.constant("continue" as const),
      agingMs: fc.integer({ min: 1, max: 12 }), // With 0, who counts as the highest depends on who has been looked at.
      cancelAtMs: fc.constant(undefined),
      listenAtMs: fc.constant(undefined),
      raise: fc.constant({ atMs: 1000, concurrency: 1 }),
    }),
  );

/** What happens, in order and with its time. Events are wanted only where `observe` is given, and then all records are made. */
async function runProgram(
  { runs, isReversed, isUnlimited, failure, agingMs, cancelAtMs, listenAtMs, ...program }: Program,
  observe: (() => void) | undefined,
): Promise<{ readonly happened: readonly string[]; readonly outcomes: readonly unknown[] }> {
  const clock = virtualClock();
  const shared = limit(program.concurrency);
  const { raise } = program;
  const happened: string[] = [];
  const work = async (name: string, durationMs: number): Promise<string> => {
    happened.push(`${name} starts at ${clock.now()}`);
    await new Promise<void>((resolve) => void clock.schedule(durationMs, resolve));
    happened.push(`${name} ends at ${clock.now()}`);
    return name;
  };
  const runTask = async (name: string, task: ProgramTask, ctx: TaskContext): Promise<string> => {
    for (const [index, durationMs] of task.children.entries()) {
      const run = (): Promise<string> => work(`${name}.${index}`, durationMs);
      ctx.start(`${name}.${index}`, { ...task.claims.inside, run });
    }
    const own = work(name, task.durationMs);
    if (task.batch.length > 0) {
      // The wait for them lends the slot, so that not every task may have such.
      const inner = settle(
        task.batch.map((durationMs, index) => ({
          ...task.claims.inside,
          run: () => work(`${name}/${index}`, durationMs),
        })),
        { within: ctx },
      );
      await Promise.allSettled([inner]);
    }
    await own;
    if (task.fails) {
      throw new Error(name);
    }
    return name;
  };
  const started: Run<Record<string, Outcome<string>>>[] = runs.map((tasks, number) => {
    const entries = tasks.map((task, index): [string, Task<string>] => {
      const run = (ctx: TaskContext): Promise<string> => runTask(`${number}:${index}`, task, ctx);
      const after = task.after
        .filter(({ back }) => back <= index)
        .map(({ back, until }) => ({ task: `t${index - back}`, until }));
      const declared: TaskOptions = {
        ...(after.length === 0 ? {} : { after }),
        ...(task.isKnown ? { expectedMs: task.durationMs } : {}),
        ...(task.retries ? { retry: { attempts: 2, delayMs: 1, jitter: "none" } } : {}),
        ...task.claims.own,
      };
      return [`t${index}`, Object.keys(declared).length === 0 ? run : { run, ...declared }];
    });
    return settle(Object.fromEntries(isReversed ? entries.toReversed() : entries), {
      clock,
      limit: isUnlimited ? Infinity : shared,
      failure,
      agingMs,
      observe,
    });
  });
  clock.schedule(raise.atMs, () => shared.set({ concurrency: raise.concurrency }));
  if (cancelAtMs !== undefined) {
    clock.schedule(cancelAtMs, () => started[0]?.cancel("enough"));
  }
  if (listenAtMs !== undefined) {
    clock.schedule(listenAtMs, () => started.forEach(listen));
  }
  const outcomes = await Promise.all(started);
  return { happened, outcomes };
}

/** Whoever listens is told of every task: their records are made. Nothing is read, so that it may go on after the run. */
function listen({ events }: Run<unknown>): void {
  events[Symbol.asyncIterator]();
}

test.each([
  ["a batch or graph", program, 600],
  ["a graph whose tasks are passed over", agingGraph, 300],
] as const)(
  "%s runs alike whether its records are made at once or as their turns come",
  async (_, programs, numRuns) => {
    await fc.assert(
      fc.asyncProperty(programs, async (given) => {
        const late = await runProgram(given, undefined);
        const atOnce = await runProgram(given, () => undefined);
        expect(late).toEqual(atOnce);
      }),
      { numRuns },
    );
  },
);
