import { describe, expect, test } from "vitest";
import {
  limit,
  map,
  mapSettled,
  scope,
  settle,
  type LimitOptions,
  type RunEvent,
  type TaskContext,
} from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";
import { sleep, timed } from "./work.ts";

const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** When tasks start that are all there from the beginning. */
async function startsOf(options: LimitOptions, count: number): Promise<number[]> {
  const clock = virtualClock();
  const { starts, task } = timed(clock);
  await settle(many(count, task), { limit: limit(options), clock });
  return starts;
}

describe("a rate", () => {
  test("lets a second's worth start at once, and spaces the others evenly", async () => {
    expect(await startsOf({ requestsPerMinute: 240 }, 7)).toEqual([0, 0, 0, 0, 250, 500, 750]);
  });

  test("below one a second spaces all evenly", async () => {
    expect(await startsOf({ requestsPerMinute: 30 }, 3)).toEqual([0, 2000, 4000]);
  });

  test("with a burst of its own lets so many start at once", async () => {
    expect(await startsOf({ requestsPerMinute: 60, burst: 4 }, 6)).toEqual([
      0, 0, 0, 0, 1000, 2000,
    ]);
  });

  test("without spacing lets a whole window start at once, and never more in any window", async () => {
    const options = { requestsPerSecond: 2, requestsPerMinute: 5, burst: Infinity };
    expect(await startsOf(options, 8)).toEqual([0, 0, 1000, 1000, 2000, 60_000, 60_000, 61_000]);
  });

  test("holds back what comes just after the border of a minute, where counters begin anew", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerMinute: 10, burst: Infinity });
    const { starts, task } = timed(clock);
    const late = sleep(clock, 59_000).then(() => settle(many(10, task), { limit: shared, clock }));
    const next = sleep(clock, 60_000).then(() => settle(many(10, task), { limit: shared, clock }));
    await Promise.all([late, next]);
    expect(starts).toEqual([...many(10, 59_000), ...many(10, 119_000)]);
  });

  test("is shared by all runs that use the limit, in the order of the runs", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerSecond: 1 });
    const { starts, task } = timed(clock);
    const order: string[] = [];
    const named = (name: string) => (ctx: TaskContext) => {
      order.push(name);
      return task(ctx);
    };
    await Promise.all([
      settle(many(2, named("first")), { limit: shared, clock }),
      settle(many(2, named("second")), { limit: shared, clock }),
    ]);
    expect(order).toEqual(["first", "first", "second", "second"]);
    expect(starts).toEqual([0, 1000, 2000, 3000]);
  });

  test("counts each attempt as one request, whatever its weight, and nothing for a slot taken back", async () => {
    const clock = virtualClock();
    const shared = limit({ concurrency: 2, requestsPerSecond: 1 });
    const starts: number[] = [];
    await settle(
      {
        parent: {
          weight: 2,
          run: async (ctx) => {
            starts.push(clock.now());
            await ctx.start("child", async () => {
              starts.push(clock.now());
              await sleep(clock, 10);
            });
            return clock.now();
          },
        },
      },
      { limit: shared, clock },
    ).then(({ parent }) => expect(parent).toMatchObject({ status: "completed", value: 1010 }));
    expect(starts).toEqual([0, 1000]);
    expect(shared.stats()).toMatchObject({ inUse: 0, requestsLeft: 0 });
  });

  test("counts each attempt of a task that is repeated", async () => {
    const clock = virtualClock();
    const { starts, task } = timed(clock);
    const run = async (ctx: TaskContext): Promise<string> => {
      await task(ctx);
      throw new Error("no");
    };
    const failing = { retry: { attempts: 3, delayMs: 0 }, run };
    await settle([failing], { limit: limit({ requestsPerSecond: 1 }), clock });
    expect(starts).toEqual([0, 1000, 2000]);
  });

  test("is taken together with other limits or not at all", async () => {
    const clock = virtualClock();
    const [slow, fast] = [limit({ requestsPerMinute: 6 }), limit({ requestsPerMinute: 60 })];
    const { starts, task } = timed(clock);
    await settle(
      [
        { limit: [fast, slow], run: task },
        { limit: [fast, slow], run: task },
        { limit: fast, run: task },
        { limit: fast, run: task },
      ],
      { clock },
    );
    // The second waits for `slow` and takes nothing of `fast`, which the others use.
    expect(starts).toEqual([0, 1000, 2000, 10_000]);
  });

  test("set while somebody waits holds from then on", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerMinute: 6 });
    const { starts, task } = timed(clock);
    clock.schedule(11_000, () => shared.set({ requestsPerMinute: 60 }));
    clock.schedule(13_500, () => shared.set({ requestsPerMinute: Infinity }));
    await settle(many(7, task), { limit: shared, clock });
    expect(starts).toEqual([0, 10_000, 11_000, 12_000, 13_000, 13_500, 13_500]);
    expect(clock.pending).toBe(0);
  });

  test("given later to a limit without one counts from then on", async () => {
    const clock = virtualClock();
    const shared = limit(1);
    const { starts, task } = timed(clock, 100);
    clock.schedule(150, () => shared.set({ requestsPerSecond: 1 }));
    await settle(many(4, task), { limit: shared, clock });
    expect(starts).toEqual([0, 100, 200, 1200]);
  });

  test("keeps no timer once nobody waits for it", async () => {
    const clock = virtualClock({ autojump: false });
    const shared = limit({ requestsPerMinute: 1 });
    const { starts, task } = timed(clock);
    const run = settle(many(3, task), { limit: shared, clock });
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    run.cancel();
    await run.catch(() => undefined);
    expect(clock.pending).toBe(0);
    expect(starts).toEqual([0]);
  });

  test("keeps no timer for a single task that was cancelled, and wakes for the others", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerMinute: 6 });
    const { starts, task } = timed(clock);
    await scope(
      async (s) => {
        const handles = many(3, 0).map((_, index) => s.start(`t${index}`, task));
        await sleep(clock, 10);
        handles[1]?.cancel();
      },
      { limit: shared, clock },
    );
    expect(starts).toEqual([0, 10_000]);
    expect(clock.now()).toBe(10_000);
  });

  test("wakes those behind a heavy task that is cancelled while they leave the limit to it", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const { starts, task } = timed(clock);
    await scope(
      async (s) => {
        s.start("before", { limit: shared, cost: { tokens: 10 }, run: () => undefined });
        await sleep(clock, 1);
        const heavy = s.start("heavy", { limit: shared, cost: { tokens: 100 }, run: task });
        for (let number = 0; number < 12; number += 1) {
          s.start(`light ${number}`, { limit: shared, cost: { tokens: 10 }, run: task });
        }
        await sleep(clock, 60_999);
        heavy.cancel();
      },
      { clock },
    );
    // At a minute the tenth of them passes it: from then on the limit is kept for it, though there is room.
    expect(starts).toEqual([...many(9, 1), 60_000, 61_000, 61_000]);
  });

  test("jumps on with a clock that jumps, and lets no more through than the burst", async () => {
    const clock = virtualClock({ autojump: false });
    const shared = limit({ requestsPerMinute: 60, burst: 2 });
    const { starts, task } = timed(clock);
    const run = settle(many(20, task), { limit: shared, clock });
    await clock.advance(0);
    expect(starts).toEqual([0, 0]);
    await clock.advance(5000);
    expect(starts).toHaveLength(7);
    await clock.advance(86_400_000);
    await run;
    const { starts: later, task: another } = timed(clock);
    const next = settle(many(5, another), { limit: shared, clock });
    await clock.advance(0);
    expect(later).toHaveLength(2);
    await clock.advance(10_000);
    await next;
  });
});

describe("tokens", () => {
  test("wait until the window has room for the estimate", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const { starts, task } = timed(clock);
    await settle(
      [60, 30, 60].map((tokens) => ({ cost: { tokens }, run: task })),
      { limit: shared, clock },
    );
    expect(starts).toEqual([0, 0, 60_000]);
  });

  test("that were not used are given back when the attempt ends", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const starts: number[] = [];
    await settle(
      many(3, {
        cost: { tokens: 80 },
        run: async (ctx: TaskContext) => {
          starts.push(clock.now());
          await sleep(clock, 1000);
          ctx.spend({ tokens: 5 });
          ctx.spend({ tokens: 5 });
          expect(shared.stats().tokensLeft).toBeLessThanOrEqual(20);
        },
      }),
      { limit: shared, clock },
    );
    expect(starts).toEqual([0, 1000, 2000]);
    expect(shared.stats().tokensLeft).toBe(70);
  });

  test("beyond the estimate are paid back by those who come later", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const starts: number[] = [];
    await settle(
      many(2, {
        cost: { tokens: 10 },
        run: async (ctx: TaskContext) => {
          starts.push(clock.now());
          ctx.spend({ tokens: 95 });
          await sleep(clock, 1000);
        },
      }),
      { limit: shared, clock },
    );
    expect(starts).toEqual([0, 60_000]);
  });

  test("of a heavy task are kept for it once as many have passed it as a window holds", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const order: string[] = [];
    await scope(
      async (s) => {
        const start = (key: string, tokens: number): unknown =>
          s.start(key, {
            limit: shared,
            cost: { tokens },
            run: () => void order.push(`${key} at ${clock.now()}`),
          });
        start("light 0", 10);
        await sleep(clock, 1);
        start("heavy", 100);
        for (let number = 1; number <= 30; number += 1) {
          start(`light ${number}`, 10);
          await sleep(clock, 5000);
        }
      },
      { clock },
    );
    const passed = order.slice(
      0,
      order.findIndex((line) => line.startsWith("heavy")),
    );
    // Ten of them hold as much as a window; the heavy one starts a minute after the last of those.
    expect(passed).toHaveLength(11);
    expect(order[11]).toBe("heavy at 120000");
  });

  test("of those that the limit does not count pass nobody", async () => {
    const clock = virtualClock();
    const [counted, plain] = [limit({ tokensPerMinute: 100 }), limit(4)];
    const order: string[] = [];
    const work = (key: string, durationMs: number) => async (): Promise<void> => {
      order.push(key);
      await sleep(clock, durationMs);
    };
    await scope(
      async (s) => {
        s.start("long", { limit: plain, run: work("long", 100) });
        await sleep(clock, 1);
        s.start("heavy", { limit: [plain, counted], weight: 4, run: work("heavy", 1) });
        for (let number = 0; number < 12; number += 1) {
          const cost = { tokens: 1000 };
          s.start(`light ${number}`, { limit: plain, cost, run: work("light", 10) });
        }
      },
      { clock },
    );
    // As many as the plain limit holds.
    expect(order.indexOf("heavy")).toBe(5);
  });

  test("of one task beyond what a minute holds are refused before anything starts", async () => {
    const shared = limit({ name: "model", tokensPerMinute: 100 });
    const started: string[] = [];
    const run = settle(
      {
        light: () => void started.push("light"),
        heavy: { cost: { tokens: 101 }, run: () => 1 },
      },
      { limit: shared, clock: virtualClock() },
    );
    await expect(run).rejects.toThrow(
      'Cannot start task "heavy" as its tokens must not exceed the 100 a minute of limit "model": 101',
    );
    expect(started).toEqual([]);
  });

  test.each([-1, Number.NaN])("of %s are refused", async (tokens) => {
    await expect(settle([{ cost: { tokens }, run: () => 1 }])).rejects.toThrow(RangeError);
    const { a } = await settle({ a: (ctx) => ctx.spend({ tokens }) });
    expect(a).toMatchObject({ status: "failed", error: { name: "RangeError" } });
  });

  test("above a limit that was lowered go alone rather than never", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const { starts, task } = timed(clock);
    clock.schedule(1, () => shared.set({ tokensPerMinute: 10 }));
    await settle(many(2, { cost: { tokens: 60 }, run: task }), { limit: shared, clock });
    expect(starts).toEqual([0, 60_000]);
  });

  test("of an item of map are those that its cost says, and an impossible one fails alone", async () => {
    const clock = virtualClock();
    const shared = limit({ tokensPerMinute: 100 });
    const outcomes = mapSettled(
      [60, 101, 60],
      async (_, ctx) => {
        await sleep(clock, 10);
        ctx.spend({ tokens: 10 });
        return clock.now();
      },
      { limit: shared, clock, cost: (tokens) => ({ tokens }) },
    );
    expect((await outcomes.toArray()).map((each) => each.status)).toEqual([
      "completed",
      "failed",
      "completed",
    ]);
    expect(clock.now()).toBe(20);
    const values = map([1, 2], (_, ctx) => ctx.spend({ tokens: 30 }), {
      limit: shared,
      clock,
      cost: { tokens: 40 },
    });
    await values.toArray();
    expect(clock.now()).toBe(20);
    expect(shared.stats().tokensLeft).toBe(20);
  });
});

describe("the clock of a limit", () => {
  test("is that of the runs: another one is refused while it is in use, and begins afresh later", async () => {
    const clock = virtualClock({ autojump: false });
    const shared = limit({ name: "api", requestsPerMinute: 1 });
    const run = settle([() => sleep(clock, 10)], { limit: shared, clock });
    await clock.advance(0);
    expect(() => settle([() => 1], { limit: shared, clock: virtualClock() })).toThrow(
      'Cannot use limit "api" as it counts the time of runs that have another clock',
    );
    await clock.advance(10);
    await run;
    const other = virtualClock();
    await settle([() => 1], { limit: shared, clock: other });
    expect(other.now()).toBe(0);
  });

  test("matters to no limit that knows no time", async () => {
    const shared = limit(1);
    const [one, other] = [virtualClock(), virtualClock()];
    await Promise.all([
      settle([() => sleep(one, 10)], { limit: shared, clock: one }),
      settle([() => sleep(other, 10)], { limit: shared, clock: other }),
    ]);
    expect(shared.inUse).toBe(0);
  });
});

describe("a wait for a rate", () => {
  test("is told apart from a wait for a slot", async () => {
    const clock = virtualClock();
    const events: RunEvent[] = [];
    const run = settle(
      { a: () => sleep(clock, 100), b: () => sleep(clock, 1200), c: () => 1 },
      {
        clock,
        limit: limit({ name: "api", concurrency: 1, requestsPerSecond: 1 }),
        report: "full",
        observe: (event) => events.push(event),
      },
    );
    await run;
    const waits = events.flatMap((event) =>
      event.type === "task-waiting" ? [`${event.taskId} ${event.reason} ${event.limit}`] : [],
    );
    expect(waits).toEqual(["1 limit api", "2 limit api", "3 limit api", "2 rate api"]);
    const { b, c } = Object.fromEntries(
      (run.report.full?.timings ?? []).map((timing) => [timing.key, timing]),
    );
    expect(b).toMatchObject({ limitWaits: { api: 100 }, rateWaits: { api: 900 } });
    expect(c).toMatchObject({ limitWaits: { api: 2200 }, rateWaits: {} });
    expect(run.report.full?.waits).toEqual({ limit: 2300, rate: 900 });
  });

  test("is no standstill: what waits for abandoned work is skipped only after it", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerMinute: 6 });
    const order: string[] = [];
    let skippedAtMs = 0;
    const outcomes = await settle(
      {
        hung: {
          writes: ["f"],
          timeoutMs: 10,
          graceMs: 10,
          run: () => new Promise(() => undefined),
        },
        behind: { writes: ["f"], run: () => 1 },
        first: { limit: shared, run: () => void order.push(`first at ${clock.now()}`) },
        second: { limit: shared, run: () => void order.push(`second at ${clock.now()}`) },
      },
      {
        clock,
        observe: (event) => {
          if (event.type === "task-settled" && event.status === "skipped") {
            skippedAtMs = event.atMs;
          }
        },
      },
    );
    expect(order).toEqual(["first at 0", "second at 10000"]);
    expect(outcomes.behind).toMatchObject({ status: "skipped", because: { kind: "abandoned" } });
    expect(skippedAtMs).toBe(10_000);
  });

  test("that is cancelled may be the last that could move", async () => {
    const clock = virtualClock();
    const shared = limit({ requestsPerMinute: 1 });
    const statuses: string[] = [];
    await scope(
      async (s) => {
        s.start("hung", {
          writes: ["f"],
          timeoutMs: 10,
          graceMs: 10,
          run: () => new Promise(() => undefined),
        });
        const behind = s.start("behind", { writes: ["f"], run: () => 1 });
        s.start("first", { limit: shared, run: () => 1 });
        const second = s.start("second", { limit: shared, run: () => 1 });
        clock.schedule(100, () => second.cancel());
        statuses.push((await behind.settled()).status);
      },
      { clock, failure: "continue" },
    );
    expect(statuses).toEqual(["skipped"]);
    expect(clock.now()).toBe(100);
  });
});

describe("limit", () => {
  test.each([
    { requestsPerSecond: 0 },
    { requestsPerMinute: 1.5 },
    { tokensPerMinute: -1 },
    { requestsPerMinute: 1, burst: 0 },
    {},
    { burst: 2 },
    { adaptive: false },
  ])("refuses %j", (options) => {
    expect(() => limit(options)).toThrow(RangeError);
  });

  test("that refuses a change has not changed", () => {
    const shared = limit({ concurrency: 2, requestsPerMinute: 5 });
    expect(() => shared.set({ concurrency: 9, requestsPerMinute: 0 })).toThrow(RangeError);
    expect(shared.concurrency).toBe(2);
  });

  test("says how it stands", async () => {
    const clock = virtualClock({ autojump: false });
    const shared = limit({ concurrency: 4, requestsPerMinute: 3, burst: 3, tokensPerMinute: 100 });
    const run = settle(many(6, { cost: { tokens: 10 }, run: () => sleep(clock, 50) }), {
      limit: shared,
      clock,
    });
    await clock.advance(0);
    expect(shared.stats()).toEqual({
      inUse: 3,
      waiting: 3,
      concurrency: 4,
      requestsLeft: 0,
      tokensLeft: 70,
      pausedMs: 0,
      rejected: 0,
    });
    run.cancel();
    await clock.advance(10_000);
    await run.catch(() => undefined);
    expect(limit(3).stats()).toMatchObject({ concurrency: 3, requestsLeft: Infinity });
  });
});
