import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  all,
  limit,
  map,
  mutex,
  scope,
  settle,
  type Report,
  type TaskContext,
  type TaskDefinition,
} from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";

interface Work {
  readonly ms: number;
  readonly after?: readonly string[] | undefined;
  readonly writes?: readonly string[] | undefined;
}

/** The report of a run of tasks that take a known time. */
async function reportOf(work: Readonly<Record<string, Work>>, limit = Infinity): Promise<Report> {
  const clock = virtualClock();
  const tasks = Object.fromEntries(
    Object.entries(work).map(([key, { ms, after, writes }]): [string, TaskDefinition<void>] => [
      key,
      { after, writes, run: () => new Promise((resolve) => void clock.schedule(ms, resolve)) },
    ]),
  );
  const run = settle(tasks, { clock, limit, report: "full" });
  await run;
  return run.report;
}

const keys = (report: Report): readonly string[] | undefined =>
  report.full?.criticalPath.map(({ key }) => key);

describe("the report", () => {
  test("follows dependencies: the sum of the running times by the wall time", async () => {
    const report = await reportOf({
      build: { ms: 20 },
      test: { ms: 30, after: ["build"] },
      lint: { ms: 10 },
    });
    expect(report.wallMs).toBe(50);
    expect(report.full).toMatchObject({ sequentialMs: 60, speedup: 1.2, idealSpeedup: 1.2 });
    expect(keys(report)).toEqual(["build", "test"]);
    expect(report.full?.timings.map(({ key, slackMs }) => [key, slackMs])).toEqual([
      ["build", 0],
      ["test", 0],
      ["lint", 40],
    ]);
  });

  test("follows claims", async () => {
    const report = await reportOf({
      one: { ms: 10, writes: ["file:/a"] },
      two: { ms: 10, writes: ["file:/a/b"] },
      three: { ms: 5 },
    });
    expect(keys(report)).toEqual(["one", "two"]);
    expect(report.full?.waits).toEqual({ claim: 10 });
    expect(report.full?.idealSpeedup).toBe(25 / 20);
  });

  test("follows slots, and says which limit was waited for", async () => {
    const report = await reportOf({ one: { ms: 10 }, two: { ms: 10 } }, 1);
    expect(keys(report)).toEqual(["one", "two"]);
    expect(report.full).toMatchObject({ speedup: 1, idealSpeedup: 2, waits: { limit: 10 } });
    expect(report.full?.timings[1]).toMatchObject({ limitWaits: { run: 10 }, startedAtMs: 10 });
  });

  test("does not count the time that a parent waits for its children as its own", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const run = settle(
      {
        parent: async (ctx: TaskContext) => {
          await sleep(5);
          await ctx.start("child", () => sleep(20));
        },
      },
      { clock, report: "full" },
    );
    await run;
    expect(run.report.full?.sequentialMs).toBe(25);
    expect(run.report.full?.timings.map(({ key, runMs }) => [key, runMs])).toEqual([
      ["parent", 5],
      ["child", 20],
    ]);
  });

  test("goes through tasks that are started by others: what is one after another gains nothing", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const parent = (child: string) => async (ctx: TaskContext) => {
      await sleep(1);
      await ctx.start(child, () => sleep(100));
    };
    const run = scope(
      async (s) => {
        const a = s.start("a", parent("a1"));
        s.start("b", { after: [a], run: parent("b1") });
      },
      { clock, report: "full" },
    );
    await run;
    expect(run.report).toMatchObject({ wallMs: 202, full: { speedup: 1, idealSpeedup: 1 } });
    expect(run.report.full?.criticalPath.map(({ key, runMs }) => [key, runMs])).toEqual([
      ["a", 1],
      ["a1", 100],
      ["b", 1],
      ["b1", 100],
    ]);
    expect(run.report.full?.timings.map(({ slackMs }) => slackMs)).toEqual([0, 0, 0, 0]);
  });

  test("counts no work of a parent whose function has ended before its children", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const start = (ctx: TaskContext): void => void ctx.start("child", () => sleep(20));
    const run = settle({ parent: start, other: () => sleep(5) }, { clock, report: "full" });
    await run;
    expect(run.report.full).toMatchObject({ sequentialMs: 25, speedup: 1.25, idealSpeedup: 1.25 });
    expect(keys(run.report)).toEqual(["parent", "child"]);
  });

  test("follows the code around all tasks: to what it awaited, and to what made room for more", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const awaiting = scope(
      async (s) => {
        s.start("beside", () => sleep(12));
        await s.start("first", () => sleep(10));
        await sleep(5);
        s.start("second", () => sleep(10));
      },
      { clock, report: "full" },
    );
    await awaiting;
    expect(awaiting.report.full?.criticalPath).toMatchObject([
      { key: "first", runMs: 10, waitMs: 0 },
      { key: "second", runMs: 10, waitMs: 5 },
    ]);
    expect(awaiting.report.full?.idealSpeedup).toBe(32 / 20);
    const pulling = map([10, 10, 10, 10], (ms) => sleep(ms), { clock, limit: 2, report: "full" });
    await pulling.toArray();
    expect(pulling.report.full?.criticalPath.map(({ runMs }) => runMs)).toEqual([10, 10]);
    expect(pulling.report.full).toMatchObject({ speedup: 2, idealSpeedup: 4 });
  });

  test("follows slots that are lent", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const run = scope(
      (s) => {
        const first = s.start("first", () => sleep(30));
        s.start("lender", async () => {
          await sleep(5);
          await first;
        });
        s.start("other", () => sleep(100));
      },
      { clock, limit: 2, report: "full" },
    );
    await run;
    expect(run.report.full?.criticalPath).toMatchObject([
      { key: "lender", runMs: 5, waitMs: 0 },
      { key: "other", runMs: 100, waitMs: 0, waitedFor: "limit" },
    ]);
    expect(run.report.full?.bottlenecks).toEqual([{ limit: "run", costMs: 5 }]);
  });

  test("counts the wait for a mutex as none for a limit", async () => {
    const clock = virtualClock();
    const alone = mutex();
    const work = (): Promise<void> =>
      alone.run(() => new Promise<void>((resolve) => void clock.schedule(10, resolve)));
    const run = settle([work, work], { clock, limit: 2, report: "full" });
    await run;
    expect(run.report.full?.criticalPath).toMatchObject([
      { key: "0", runMs: 10 },
      { key: "1", runMs: 10, waitMs: 0, waitedFor: "mutex" },
    ]);
    expect(run.report.full?.timings[1]).toMatchObject({
      waits: { mutex: 10 },
      limitWaits: { run: 0 },
    });
  });

  test("knows as a bottleneck only a limit that was waited for on the critical path", async () => {
    const work = { long: { ms: 100 }, short: { ms: 10 }, other: { ms: 10 } };
    expect((await reportOf(work, 2)).full?.bottlenecks).toEqual([]);
    expect((await reportOf(work, 1)).full?.bottlenecks).toEqual([{ limit: "run", costMs: 20 }]);
  });

  test("follows a task that is given up before its next attempt to its end, not to that of the attempt", async () => {
    const clock = virtualClock();
    const run = settle(
      {
        flaky: {
          retry: { attempts: 2, delayMs: 1000, jitter: "none" },
          run: () => Promise.reject(new Error("busy")),
        },
        steady: () => new Promise<void>((resolve) => void clock.schedule(10, resolve)),
      },
      { clock, deadlineMs: 50, report: "full" },
    );
    await run.catch(() => undefined);
    expect(run.report).toMatchObject({
      wallMs: 50,
      full: {
        criticalPath: [{ key: "flaky", runMs: 0, waitMs: 50, waitedFor: "retry" }],
        timings: [{ slackMs: 0 }, { slackMs: 40 }],
      },
    });
  });

  test("follows a task that never ran where the run went on until it was given up", async () => {
    const clock = virtualClock();
    const api = limit({ name: "api", requestsPerMinute: 1 });
    const work = (): Promise<void> => new Promise((resolve) => void clock.schedule(10, resolve));
    const run = settle(
      { ran: work, never: work },
      { limit: api, clock, deadlineMs: 50, report: "full" },
    );
    await run.catch(() => undefined);
    expect(run.report).toMatchObject({
      wallMs: 50,
      full: {
        criticalPath: [{ key: "never", runMs: 0, waitMs: 50, waitedFor: "rate" }],
        timings: [{ slackMs: 40 }, { slackMs: 0 }],
      },
    });
  });

  test("ends with the task that failed, not with those that never ran because of it", async () => {
    let tellingMs = 0;
    const { schedule, now } = virtualClock();
    const clock = { schedule, now: () => now() + (tellingMs += 0.001) };
    const work = (): Promise<void> => new Promise((resolve) => void schedule(10, resolve));
    const fails = async (): Promise<void> => {
      await work();
      throw new Error("broken");
    };
    const run = all(
      { first: work, fails, third: work, fourth: work },
      { clock, limit: 1, report: "full" },
    );
    await run.catch(() => undefined);
    expect(run.report.full?.criticalPath.map(({ key }) => key)).toEqual(["first", "fails"]);
  });

  test("puts nothing down to slots that were free, however long the others took to start", async () => {
    let stalledMs = 0;
    const { schedule, now } = virtualClock();
    const clock = { schedule, now: () => now() + stalledMs };
    const work = (ms: number): Promise<void> =>
      new Promise((resolve) => void schedule(ms, resolve));
    const stalling = (): Promise<void> => {
      stalledMs += 30;
      return work(10);
    };
    const run = settle({ stalling, other: () => work(20) }, { clock, limit: 2, report: "full" });
    await run;
    expect(run.report).toMatchObject({
      wallMs: 50,
      full: { criticalPath: [{ key: "other", waitMs: 30, waitedFor: undefined }], bottlenecks: [] },
    });
  });

  test("counts what a task does after its wait was interrupted as its running", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const parent: TaskDefinition<void> = {
      timeoutMs: 10,
      run: async (ctx) => {
        try {
          await ctx.start("child", () => sleep(30));
        } finally {
          await sleep(100); // It cleans up.
        }
      },
    };
    const run = settle({ parent }, { clock, report: "full" });
    await run;
    expect(run.report).toMatchObject({
      wallMs: 110,
      full: {
        criticalPath: [{ key: "parent", runMs: 100 }],
        timings: [{ key: "parent", runMs: 100, waits: {} }, { key: "child" }],
      },
    });
  });

  test("of a run without a full log has totals alone", async () => {
    const run = settle([() => 1, () => Promise.reject(new Error("no"))]);
    await run;
    expect(run.report.full).toBeUndefined();
    expect(run.report.tasks).toEqual({ completed: 1, failed: 1, cancelled: 0, skipped: 0 });
  });

  test("has a critical path whose running and waiting make up the whole run, and no speedup beyond the ideal", async () => {
    const work = fc.array(
      fc.record({
        ms: fc.integer({ min: 1, max: 20 }),
        before: fc.array(fc.nat(9), { maxLength: 2 }),
        writes: fc.array(fc.constantFrom("a", "a/b", "c"), { maxLength: 1 }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(work, fc.integer({ min: 1, max: 4 }), async (tasks, limit) => {
        const report = await reportOf(
          Object.fromEntries(
            tasks.map(({ ms, before, writes }, index) => [
              `t${index}`,
              {
                ms,
                writes,
                after: before.filter((each) => each < index).map((each) => `t${each}`),
              },
            ]),
          ),
          limit,
        );
        const {
          criticalPath = [],
          speedup = 0,
          idealSpeedup = 0,
          timings = [],
        } = report.full ?? {};
        const length = criticalPath.reduce((sum, { runMs, waitMs }) => sum + runMs + waitMs, 0);
        expect(length).toBe(report.wallMs);
        expect(speedup).toBeLessThanOrEqual(idealSpeedup + 1e-9);
        for (const { taskId } of criticalPath) {
          expect(timings.find((each) => each.taskId === taskId)?.slackMs).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
