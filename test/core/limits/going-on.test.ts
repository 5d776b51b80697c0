// Whoever may start does so at that moment, whatever made room: another one that started, left, was cancelled, or turned out cheaper.
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { budget, limit, scope, settle } from "../../../src/index.ts";
import { virtualClock, type VirtualClock } from "../../../src/testing/index.ts";
import { sleep } from "./work.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // What the flag has made.

/** Notes when tasks start. */
function noted(clock: VirtualClock) {
  const starts: Record<string, number> = {};
  const work =
    (key: string, durationMs = 0) =>
    async (): Promise<void> => {
      starts[key] = clock.now();
      await sleep(clock, durationMs);
    };
  return { starts, work };
}

describe("others go on", () => {
  test("when a group is cancelled for which a limit was kept free", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const [kept, full] = [limit(2), limit(1)];
    const holder = settle([{ limit: full, run: work("holder", 1000) }], { clock });
    await sleep(clock, 1);
    const group = scope(
      (s) =>
        s.start("group", (ctx) => settle([work("a"), work("b")], { limit: full, within: ctx })),
      {
        clock,
        limit: kept,
      },
    );
    group.catch(() => undefined);
    await sleep(clock, 1);
    const others = settle(
      ["c", "d", "e"].map((key) => ({ limit: kept, run: work(key, 10) })),
      { clock },
    );
    await sleep(clock, 50);
    expect(starts).toEqual({ holder: 0, c: 2, d: 2 });
    group.cancel();
    await others;
    expect(starts).toMatchObject({ e: 52 });
    await holder;
  });

  test("when one whom others have passed counts as of the highest priority", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const [shared, own, full, other] = [limit(4), limit(4), limit(1), limit(1)];
    await scope(
      async (s) => {
        s.start("fills", { limit: full, run: work("fills", 1000) });
        await sleep(clock, 1);
        s.start("starving", { limit: [shared, full], priority: 1, run: work("starving") });
        for (const key of ["a", "b", "c", "d"]) {
          s.start(key, { limit: shared, run: work(key, 2) });
        }
        await sleep(clock, 4);
        s.start("raised", { limit: [shared, own], run: work("raised") });
        await sleep(clock, 5);
        s.start("holds other", { limit: other, run: work("holds other", 15) });
        s.start("passes first", { limit: own, run: work("passes first", 100) });
        s.start("passes again", { limit: [other, own], run: work("passes again", 100) });
      },
      { clock, agingMs: 10 },
    );
    expect(starts).toMatchObject({ "passes first": 10, "passes again": 25, raised: 25 });
  });

  test("when a task that has lent its slots took fewer tokens than were estimated", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const model = limit({ tokensPerMinute: 100 });
    await scope(
      (s) => {
        s.start("cheap", {
          limit: model,
          cost: { tokens: 90 },
          run: async (ctx) => {
            await sleep(clock, 10);
            ctx
              .start("inside", work("inside", 500))
              .settled()
              .catch(() => undefined);
            ctx.spend({ tokens: 1 });
          },
        });
        s.start("next", { limit: model, cost: { tokens: 50 }, run: work("next") });
      },
      { clock },
    );
    expect(starts).toEqual({ inside: 10, next: 10 });
  });

  test("when the one before them has left a budget that it did not fit into", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const account = budget({ tokens: 20 });
    await scope(
      async (s) => {
        s.start("runs", { cost: { tokens: 10 }, run: work("runs", 1000) });
        const dear = s.start("dear", { cost: { tokens: 11 }, run: work("dear") });
        s.start("fits", { cost: { tokens: 10 }, run: work("fits") });
        await sleep(clock, 5);
        dear.cancel();
      },
      { clock, budget: account, failure: "continue" },
    );
    expect(starts).toEqual({ runs: 0, fits: 5 });
  });
});

describe("a run comes to its end", () => {
  test("that waits for time, and then stands behind one that waits for a budget", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const model = limit({ requestsPerSecond: 1 });
    await scope(
      async (s) => {
        s.start("outer", {
          cost: { tokens: 6 },
          run: async (ctx) => {
            await sleep(clock, 10);
            await ctx.start("inner", { limit: model, run: work("inner") });
          },
        });
        await sleep(clock, 1);
        s.start("held", { limit: model, priority: 1, cost: { tokens: 6 }, run: work("held") });
        s.start("passes", { limit: model, run: work("passes") });
      },
      { clock, budget: budget({ tokens: 10 }), failure: "continue" },
    );
    expect(starts).toEqual({ passes: 1, inner: 1001 });
  });

  test("that waits for another one, which waits for it, to make room in a budget", async () => {
    const clock = virtualClock();
    const { starts, work } = noted(clock);
    const account = budget({ tokens: 12 });
    const run = (name: string) =>
      scope(
        async (s) => {
          s.start("outer", {
            cost: { tokens: 5 },
            run: async (ctx) => {
              await sleep(clock, 10);
              await ctx.start("inner", { writes: ["file:/r"], run: work(`${name} inner`) });
            },
          });
          await sleep(clock, 1);
          s.start("held", {
            writes: ["file:/r"],
            cost: { tokens: 8 },
            run: work(`${name} held`),
          });
        },
        { clock, budget: account, failure: "continue" },
      );
    await Promise.all([run("a"), run("b")]);
    expect(starts).toMatchObject({ "a inner": 10, "b inner": 10 });
  });
});

describe("many", () => {
  test.each([
    ["in their order", (index: number) => -index],
    ["the last first", (index: number) => index],
  ])("of which each shares a limit with the next all go their way, %s", async (_, priority) => {
    const COUNT = 20_000;
    const forks = Array.from({ length: COUNT + 1 }, () => limit(1));
    const outcomes = await settle(
      Array.from({ length: COUNT }, (_task, index) => ({
        limit: forks.slice(index, index + 2),
        priority: priority(index),
        run: () => turn(),
      })),
    );
    expect(outcomes.filter(({ status }) => status === "completed")).toHaveLength(COUNT);
  });
});

test("a limit that nobody uses keeps nothing of a run alive", async () => {
  const shared = limit(1);
  const run = async (): Promise<WeakRef<object>> => {
    const tasks = [{}, {}, {}].map((value, index) => ({
      limit: shared,
      priority: -index,
      run: async () => value,
    }));
    const outcomes = await settle(tasks);
    return new WeakRef(outcomes);
  };
  const result = await run();
  await turn();
  collectGarbage();
  expect(result.deref()).toBeUndefined();
});
