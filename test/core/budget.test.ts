import { describe, expect, test } from "vitest";
import {
  all,
  budget,
  limit,
  map,
  mapSettled,
  scope,
  settle,
  type RunEvent,
  type TaskContext,
} from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const NOTHING = { usd: 0, tokens: 0, calls: 0 };

describe("budget", () => {
  test("counts the estimate of a task that tells nothing, and what others tell instead", async () => {
    const account = budget({ usd: 10 });
    await settle(
      {
        silent: { cost: { usd: 1 }, run: () => 1 },
        cheaper: { cost: { usd: 1 }, run: (ctx) => ctx.spend({ usd: 0.25 }) },
        dearer: {
          cost: { usd: 1 },
          run: (ctx) => {
            ctx.spend({ usd: 1, tokens: 10 });
            ctx.spend({ usd: 0.5 });
          },
        },
        broken: { cost: { usd: 0.5 }, run: () => Promise.reject(new Error("broken")) },
      },
      { budget: account },
    );
    expect(account.stats()).toMatchObject({
      spent: { usd: 3.25, tokens: 10, calls: 4 },
      reserved: NOTHING,
      left: { usd: 6.75, tokens: Infinity, calls: Infinity },
      exceeded: NOTHING,
    });
  });

  test("adds up money exactly", async () => {
    const account = budget({ usd: 0.3 });
    const task = { cost: { usd: 0.1 }, run: () => 1 };
    const outcomes = await settle([task, task, task, task], { budget: account });
    expect(outcomes.map(({ status }) => status)).toEqual([
      "completed",
      "completed",
      "completed",
      "skipped",
    ]);
    expect(account.stats().left.usd).toBe(0);
  });

  test("says nothing more of a task once it is skipped, and counts its waiting only until then", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const paid = {
      limit: limit(1),
      budget: budget({ usd: 1 }),
      cost: { usd: 0.6 },
      run: () => sleep(10),
    };
    const run = settle(
      { first: paid, skipped: paid, other: () => sleep(50) },
      { clock, report: "full" },
    );
    await run;
    const seen: string[] = [];
    for await (const event of run.events) {
      if ("taskId" in event && event.taskId === 2) {
        seen.push(event.type);
      }
    }
    expect(seen).toEqual(["task-added", "task-waiting", "task-settled"]);
    expect(run.report.full?.timings[1]).toMatchObject({ settledAtMs: 10, waits: { limit: 10 } });
    expect(run.report.full?.waits).toEqual({ limit: 10 });
  });

  test("lets a task wait while others that run may turn out cheaper, and says what it waits for", async () => {
    const clock = virtualClock();
    const account = budget({ usd: 1, name: "research" });
    const events: RunEvent[] = [];
    const work = async (ctx: TaskContext): Promise<number> => {
      await new Promise<void>((resolve) => void clock.schedule(10, resolve));
      ctx.spend({ usd: 0.1 });
      return clock.now();
    };
    const task = { cost: { usd: 0.6 }, run: work };
    const run = settle(
      { a: task, b: task, c: task },
      { clock, budget: account, report: "full", observe: (event) => void events.push(event) },
    );
    expect(await run).toMatchObject({ a: { value: 10 }, b: { value: 20 }, c: { value: 30 } });
    expect(events.filter(({ type }) => type === "task-waiting")).toMatchObject([
      { taskId: 1, reason: "budget", limit: "research" },
      { taskId: 2, reason: "budget", limit: "research" },
      { taskId: 3, reason: "budget", limit: "research" },
    ]);
    expect(events.find(({ type }) => type === "task-added")).toMatchObject({ limits: [] });
    expect(run.report.full?.waits).toEqual({ budget: 30 });
  });

  test("skips a task that cannot fit any more, with the reason, and `all` tells it", async () => {
    const account = budget({ tokens: 100, name: "small" });
    const run = all(
      { a: { cost: { tokens: 90 }, run: () => 1 }, b: { cost: { tokens: 20 }, run: () => 2 } },
      { budget: account },
    );
    await expect(run).rejects.toThrow(
      'Cannot return the value of task "b" as it was skipped: budget "small" has 10 tokens left, and it needs 20',
    );
  });

  test("lets the next one start as soon as the one before is out of the question", async () => {
    const clock = virtualClock();
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const outcomes = await settle(
      {
        long: {
          cost: { usd: 0.5 },
          run: async (ctx) => {
            ctx.spend({ usd: 0.5 });
            await sleep(100);
          },
        },
        never: { cost: { usd: 0.501 }, run: () => "never" },
        next: { cost: { usd: 0.5 }, run: () => clock.now() },
      },
      { clock, budget: budget({ usd: 1 }) },
    );
    expect(outcomes).toMatchObject({ never: { status: "skipped" }, next: { value: 0 } });
  });

  test("starts a task that declares nothing as long as anything is left", async () => {
    const account = budget({ usd: 1 });
    const spend = (ctx: TaskContext): void => ctx.spend({ usd: 0.6 });
    const outcomes = await settle([spend, spend, spend], { budget: account, limit: 1 });
    expect(outcomes.map(({ status }) => status)).toEqual(["completed", "completed", "skipped"]);
    expect(outcomes[2]).toMatchObject({ because: { unit: "usd", needed: 0, left: 0 } });
    expect(account.stats()).toMatchObject({ spent: { usd: 1.2 }, exceeded: { usd: 0.2 } });
  });

  test("counts a call for each attempt, and keeps the error of one that cannot be repeated", async () => {
    const account = budget({ calls: 2 });
    const { a } = await settle(
      { a: { retry: 5, run: ({ attempt }) => Promise.reject(new Error(`try ${attempt}`)) } },
      { budget: account, clock: virtualClock() },
    );
    expect(a).toMatchObject({ status: "failed", attempts: 2, error: { message: "try 2" } });
    expect(account.stats().spent.calls).toBe(2);
  });

  test("lets no task start when its time is over, or would be before the end of the task", async () => {
    const clock = virtualClock();
    const account = budget({ timeMs: 100 });
    const work = (ms: number) => () =>
      new Promise<void>((resolve) => void clock.schedule(ms, resolve));
    const outcomes = await settle(
      {
        a: work(60),
        long: { after: ["a"], expectedMs: 50, run: work(50) },
        short: { after: ["a"], expectedMs: 40, run: work(40) },
        late: { after: ["short"], run: work(1) },
        cleanup: { after: ["late"], always: true, run: work(1) },
      },
      { clock, budget: account },
    );
    expect(outcomes).toMatchObject({
      long: { because: { kind: "budget", unit: "timeMs", needed: 50, left: 40 } },
      short: { status: "completed" },
      late: { because: { kind: "budget", unit: "timeMs", needed: 0, left: 0 } },
    });
    expect(account.stats().elapsedMs).toBe(100);
  });

  test("does not keep a task from cleaning up that runs always", async () => {
    const account = budget({ calls: 1 });
    const task = { always: true, run: () => 1 };
    const outcomes = await settle([() => 1, task, task, () => 1], { budget: account, limit: 1 });
    expect(outcomes.map(({ status }) => status)).toEqual([
      "completed",
      "completed",
      "completed",
      "skipped",
    ]);
    expect(account.stats()).toMatchObject({ spent: { calls: 3 }, exceeded: { calls: 2 } });
  });

  test("holds together with others: those of the run, of the task, and of what is around it", async () => {
    const [team, user, group] = [budget({ calls: 10 }), budget({ calls: 2 }), budget({ calls: 1 })];
    const started: string[] = [];
    const note = (ctx: TaskContext): void => void started.push(ctx.key);
    await settle(
      {
        free: note,
        paid: {
          budget: user,
          run: async (ctx) => {
            note(ctx);
            await ctx.start("child", note);
            await ctx.start("one more child", note).settled();
          },
        },
        outer: async (ctx) => {
          await settle({ x: note, y: note }, { within: ctx, budget: group, limit: 1 });
        },
      },
      { budget: team },
    );
    expect(started.toSorted()).toEqual(["child", "free", "paid", "x"]);
    expect(team.stats().spent.calls).toBe(5);
    expect(user.stats().spent.calls).toBe(2);
    expect(group.stats().spent.calls).toBe(1);
  });

  test("pays the items of a map, each with its own cost", async () => {
    const account = budget({ tokens: 60 });
    const options = { budget: account, cost: (size: number) => ({ tokens: size }), limit: 1 };
    const outcomes = await mapSettled([10, 20, 40, 30], (size) => size, options).toArray();
    expect(outcomes.map(({ status }) => status)).toEqual([
      "completed",
      "completed",
      "skipped",
      "completed",
    ]);
    await expect(map([1], (size) => size, options).toArray()).rejects.toMatchObject({
      errors: [{ error: { code: "SKIPPED" } }],
    });
  });

  test.each([
    [{}, 'one of "usd", "tokens", "calls" and "timeMs" must be given'],
    [{ usd: -1 }, '"usd" must be a finite number from 0: -1'],
    [{ tokens: Number.NaN }, '"tokens" must be a finite number from 0: NaN'],
    [{ timeMs: -1 }, '"timeMs" must be a number from 0: -1'],
  ])("refuses %o", (options, message) => {
    expect(() => budget(options)).toThrow(new RangeError(`Cannot make a budget as ${message}`));
  });

  test("refuses costs that are none, in a declaration and when they are told", async () => {
    const run = settle([{ cost: { usd: -1 }, run: () => 1 }]);
    await expect(run).rejects.toThrow(
      'Cannot start task "0" as "cost.usd" must be a finite number from 0: -1',
    );
    const [outcome] = await settle([(ctx: TaskContext) => ctx.spend({ tokens: Infinity })]);
    expect(outcome).toMatchObject({
      error: new RangeError(
        'Cannot spend in task "0" as "tokens" must be a finite number from 0: Infinity',
      ),
    });
  });
});

describe("what is started inside a task", () => {
  test("draws from its reservation where it declares one, from the budget where it does not", async () => {
    const account = budget({ usd: 1 });
    const child = { cost: { usd: 0.3 }, run: () => 1 };
    const parent = async (ctx: TaskContext): Promise<readonly string[]> => {
      const outcomes = await settle([child, child, child], { within: ctx });
      return outcomes.map(({ status }) => status);
    };
    const reserved = await scope((s) => s.start("a", { cost: { usd: 0.7 }, run: parent }), {
      budget: account,
    });
    expect(reserved).toEqual(["completed", "completed", "skipped"]);
    expect(account.stats()).toMatchObject({ spent: { usd: 0.6 }, left: { usd: 0.4 } });
    const plain = await scope((s) => s.start("a", parent), { budget: account });
    expect(plain).toEqual(["completed", "skipped", "skipped"]);
  });

  test("does not deadlock with what is inside another, where each holds what the other needs", async () => {
    const account = budget({ usd: 1, tokens: 1000 });
    const parent =
      (usd: number, tokens: number) =>
      async (ctx: TaskContext): Promise<string> => {
        const outcome = await ctx.start("child", { cost: { usd, tokens }, run: () => 1 }).settled();
        ctx.spend({ usd: 0, tokens: 0 });
        return outcome.status;
      };
    const outcomes = await settle(
      {
        a: { cost: { usd: 0.9 }, run: parent(0, 200) },
        b: { cost: { tokens: 900 }, run: parent(0.2, 0) },
      },
      { budget: account },
    );
    expect(outcomes).toMatchObject({ a: { value: "completed" }, b: { value: "skipped" } });
  });

  test("starts although it stands behind somebody who waits for the end of the one that awaits it", async () => {
    const account = budget({ usd: 1 });
    const r = rig();
    const before = r.task("before");
    const order: string[] = [];
    await scope(
      async (s) => {
        const first = s.start("first", { budget: [], run: before.run });
        const awaited = s.start("awaited", {
          after: [first],
          cost: { usd: 0.5 },
          run: () => void order.push("awaited"),
        });
        s.start("ahead", {
          after: [first],
          cost: { usd: 0.5001 },
          priority: 1,
          run: () => void order.push("ahead"),
        });
        s.start("awaits", {
          cost: { usd: 0.5 },
          run: async (ctx) => {
            before.complete();
            await awaited;
            ctx.spend({ usd: 0 });
            order.push("awaits");
          },
        });
      },
      { budget: account, failure: "continue" },
    );
    expect(order).toEqual(["awaited", "awaits"]);
  });
});
