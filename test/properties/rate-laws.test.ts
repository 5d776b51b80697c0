// Limits that know time, against an oracle that looks at every window and every pair of starts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limit, scope, type TaskContext, type TaskHandle, type Timer } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

interface ProgramTask {
  /** How long after the one before it is added. */
  readonly afterMs: number;
  readonly durationMs: number;
  readonly tokens: number;
  /** What it has really taken, told at its end; undefined when it tells nothing. */
  readonly spent: number | undefined;
  /** When it is cancelled, if it still waits then. */
  readonly cancelAtMs: number | undefined;
}

interface Program {
  readonly concurrency: number;
  readonly requestsPerSecond: number | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly burst: number | undefined;
  /** Runs that share the limit. */
  readonly runs: readonly (readonly ProgramTask[])[];
}

const programTask: fc.Arbitrary<ProgramTask> = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(3000), fc.constantFrom(500, 60_000, 70_001)),
  durationMs: fc.oneof(fc.constant(0), fc.nat(5000), fc.nat(100_000)),
  // Each of a class of its own: those of one class wait in one line.
  tokens: fc.constantFrom(0, 1, 2, 4, 8, 16),
  spent: fc.option(fc.nat(30), { nil: undefined }),
  cancelAtMs: fc.option(fc.nat(100_000), { nil: undefined, freq: 4 }),
});

const maybe = (...values: number[]): fc.Arbitrary<number | undefined> =>
  fc.constantFrom(undefined, ...values);

/** Whole milliseconds between evenly spaced starts. */
const program: fc.Arbitrary<Program> = fc.record({
  concurrency: fc.constantFrom(1, 3, Infinity),
  requestsPerSecond: maybe(1, 2, 4, 5),
  requestsPerMinute: maybe(3, 6, 12),
  tokensPerMinute: maybe(16, 24, 64),
  burst: maybe(1, 2, 5, Infinity),
  runs: fc.array(fc.array(programTask, { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** What happened to a task. Times are Infinity while they have not come. */
interface Life {
  readonly run: number;
  readonly index: number;
  readonly tokens: number;
  readonly spent: number | undefined;
  readonly addedMs: number;
  startMs: number;
  endMs: number;
  /** The places of its start and of its end among all starts and ends. */
  started: number;
  ended: number;
}

async function runProgram({ runs, ...options }: Program): Promise<readonly Life[]> {
  const clock = virtualClock();
  const shared = limit(options);
  const lives: Life[] = [];
  const cancels: Timer[] = [];
  let places = 0;
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  const work = async (life: Life, task: ProgramTask, ctx: TaskContext): Promise<void> => {
    life.startMs = clock.now();
    life.started = places += 1;
    await sleep(task.durationMs);
    if (task.spent !== undefined) {
      ctx.spend({ tokens: task.spent });
    }
    life.endMs = clock.now();
    life.ended = places += 1;
  };
  const cancelLater = (handle: TaskHandle<void>, life: Life, atMs: number): void => {
    const delayMs = atMs - clock.now();
    const onTime = (): void => {
      if (handle.state === "waiting") {
        handle.cancel();
        life.endMs = clock.now();
      }
    };
    cancels.push(clock.schedule(delayMs, onTime));
  };
  await Promise.all(
    runs.map((tasks, run) =>
      scope(
        async (s) => {
          for (const [index, task] of tasks.entries()) {
            await sleep(task.afterMs);
            const { tokens, spent } = task;
            const times = { addedMs: clock.now(), startMs: Infinity, endMs: Infinity };
            const places = { started: Infinity, ended: Infinity };
            const life: Life = { run, index, tokens, spent, ...times, ...places };
            lives.push(life);
            const handle = s.start(`t${index}`, {
              limit: shared,
              cost: { tokens },
              run: (ctx) => work(life, task, ctx),
            });
            if (task.cancelAtMs !== undefined) {
              cancelLater(handle, life, task.cancelAtMs);
            }
          }
        },
        { clock, failure: "continue", agingMs: Infinity },
      ),
    ),
  );
  cancels.forEach((timer) => timer.cancel());
  expect(clock.pending).toBe(0);
  expect(shared.stats()).toMatchObject({ inUse: 0, waiting: 0 });
  return lives;
}

const startOrder = (a: Life, b: Life): number => a.run - b.run || a.index - b.index;

/** What a task counts for: its estimate while it runs, and then what it told. */
function tokensOf(life: Life, hasEnded: boolean): number {
  return hasEnded && life.spent !== undefined ? life.spent : life.tokens;
}

/** Why a task cannot start at a moment, after those before it; undefined when it can. */
function obstacle(
  { concurrency, requestsPerSecond, requestsPerMinute, tokensPerMinute, burst }: Program,
  before: readonly Life[],
  task: Life,
  atMs: number,
  endedBy: (life: Life) => boolean,
): string | undefined {
  const running = before.filter((each) => !endedBy(each)).length;
  if (running + 1 > concurrency && running > 0) {
    return "concurrency";
  }
  const within = (ms: number): readonly Life[] =>
    before.filter(({ startMs }) => startMs > atMs - ms);
  if (within(1000).length + 1 > (requestsPerSecond ?? Infinity)) {
    return "requestsPerSecond";
  }
  if (within(60_000).length + 1 > (requestsPerMinute ?? Infinity)) {
    return "requestsPerMinute";
  }
  const perSecond = Math.min(requestsPerSecond ?? Infinity, (requestsPerMinute ?? Infinity) / 60);
  const atOnce = burst ?? Math.max(1, Math.floor(perSecond));
  // From any start on, there may be a burst, and one more for each interval that has passed.
  const tooMany = before.some(
    ({ startMs }) =>
      before.filter((each) => each.startMs >= startMs).length + 1 >
      atOnce + ((atMs - startMs) * perSecond) / 1000,
  );
  if (perSecond < Infinity && tooMany) {
    return "burst";
  }
  const known = within(60_000).reduce((sum, each) => sum + tokensOf(each, endedBy(each)), 0);
  return known > 0 && known + task.tokens > (tokensPerMinute ?? Infinity) ? "tokens" : undefined;
}

/** All moments at which something may change. */
function moments(lives: readonly Life[], { requestsPerSecond, requestsPerMinute }: Program) {
  const perSecond = Math.min(requestsPerSecond ?? Infinity, (requestsPerMinute ?? Infinity) / 60);
  const times = lives.flatMap(({ addedMs, startMs, endMs }) => [
    addedMs,
    startMs,
    endMs,
    startMs + 1000,
    startMs + 60_000,
    ...(perSecond === Infinity ? [] : [1, 2, 3, 4, 5].map((n) => startMs + (n * 1000) / perSecond)),
  ]);
  return [...new Set(times)].filter((ms) => ms < Infinity).toSorted((a, b) => a - b);
}

/** Whether somebody before it has stood in the same line while it waited: it was then not always the first. */
function hasStoodBehind(lives: readonly Life[], task: Life): boolean {
  return lives.some(
    (each) =>
      each.tokens === task.tokens &&
      startOrder(each, task) < 0 &&
      each.addedMs <= task.startMs &&
      Math.min(each.startMs, each.endMs) >= task.addedMs,
  );
}

/** Whether as much has passed a waiting task, by those after it in start order, as the limit holds: of those that started from a time on. */
function hasWaitedTooLong(
  program: Program,
  lives: readonly Life[],
  task: Life,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): boolean {
  const passed = lives.filter(
    (each) =>
      startOrder(task, each) < 0 &&
      each.startMs >= fromMs &&
      each.startMs <= Math.min(toMs, task.startMs),
  );
  const { concurrency, requestsPerSecond = Infinity, requestsPerMinute = Infinity } = program;
  const tokens = passed.reduce((sum, each) => sum + each.tokens, 0);
  return (
    passed.length >= Math.min(concurrency, requestsPerSecond, requestsPerMinute) ||
    tokens >= (program.tokensPerMinute ?? Infinity)
  );
}

const law = (check: (program: Program, lives: readonly Life[]) => void): (() => Promise<void>) => {
  return () =>
    fc.assert(
      fc.asyncProperty(program, async (each) => check(each, await runProgram(each))),
      { numRuns: 200 },
    );
};

describe("a limit that knows time", () => {
  test(
    "never lets more through than any window holds, nor than the burst and the rate allow",
    law((program, lives) => {
      const starts = lives
        .filter(({ startMs }) => startMs < Infinity)
        .toSorted((a, b) => a.started - b.started);
      for (const [place, task] of starts.entries()) {
        const before = starts.slice(0, place);
        const found = obstacle(program, before, task, task.startMs, (each) => {
          return each.ended < task.started;
        });
        expect(found).toBeUndefined();
      }
    }),
  );

  test(
    "lets nobody wait who could start, but behind one whom as much has passed as the limit holds",
    law((program, lives) => {
      for (const atMs of moments(lives, program)) {
        const started = lives.filter(({ startMs }) => startMs <= atMs);
        const waiting = lives
          .filter(
            ({ addedMs, startMs, endMs }) => addedMs <= atMs && startMs > atMs && endMs > atMs,
          )
          .toSorted(startOrder);
        for (const [place, task] of waiting.entries()) {
          const isBehind = waiting
            .slice(0, place)
            .some((each) =>
              hasWaitedTooLong(program, lives, each, { fromMs: each.addedMs, toMs: atMs }),
            );
          if (!isBehind) {
            const found = obstacle(program, started, task, atMs, ({ endMs }) => endMs <= atMs);
            expect(found).toBeDefined();
          }
        }
      }
    }),
  );

  test(
    "lets nobody pass whom as much has passed as the limit holds",
    law((program, lives) => {
      for (const task of lives.filter((each) => !hasStoodBehind(lives, each))) {
        const later = lives
          .filter((each) => startOrder(task, each) < 0 && each.startMs < Infinity)
          .toSorted((a, b) => a.started - b.started);
        for (const each of later) {
          const isPassing =
            each.addedMs >= task.addedMs &&
            each.startMs > task.addedMs &&
            each.startMs < Math.min(task.startMs, task.endMs);
          const others = lives.filter((one) => one.started < each.started);
          // What started in the moment in which it was added may have done so before it.
          const times = { fromMs: task.addedMs + 0.001, toMs: each.startMs - 1 };
          expect(isPassing && hasWaitedTooLong(program, others, task, times)).toBe(false);
        }
      }
    }),
  );

  test(
    "starts everything that is not cancelled",
    law((_, lives) => {
      expect(lives.filter(({ endMs }) => endMs === Infinity)).toEqual([]);
    }),
  );
});
