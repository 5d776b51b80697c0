// The programs that break naive kernels: each deadlocks, overlaps or loses a result where a law is worded carelessly.
import { describe, expect, test } from "vitest";
import { scope, settle, limit, type TaskContext, type TaskHandle } from "../../src/index.ts";
import { keepSlots } from "../../src/plan/keep-slots.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** Tasks that note when they start and end, and let others run in between. */
function noted(): { readonly order: string[]; run(name: string): () => Promise<string> } {
  const order: string[] = [];
  return {
    order,
    run: (name) => async () => {
      order.push(`${name} started`);
      await Promise.resolve();
      await Promise.resolve();
      order.push(`${name} ended`);
      return name;
    },
  };
}

describe("scope", () => {
  test("runs a child's write before that of a task which comes after its parent", async () => {
    const { order, run } = noted();
    await scope((s) => {
      const a = s.start("a", async (ctx) => {
        await Promise.resolve();
        ctx.start("a1", { writes: ["f"], run: run("a1") });
      });
      s.start("b", { after: [a], writes: ["f"], run: run("b") });
    });
    expect(order).toEqual(["a1 started", "a1 ended", "b started", "b ended"]);
  });

  test("refuses a child that claims what its parent does not", async () => {
    const outcomes = await settle({
      p: {
        writes: ["g"],
        run: (ctx: TaskContext) => void ctx.start("p1", { writes: ["f"], run: () => 1 }),
      },
      q: { writes: ["f", "g"], run: () => 2 },
    });
    expect(outcomes.p).toMatchObject({ status: "failed" });
    expect(String(outcomes.p.status === "failed" && outcomes.p.error)).toBe(
      'RangeError: Cannot start task "p1" as it writes "f", which task "p" around it does not claim',
    );
    expect(outcomes.q).toMatchObject({ status: "completed", value: 2 });
  });

  test("holds a child to what its parent claimed when it was started", async () => {
    const writes = ["f"];
    const run = scope(
      (s) => {
        s.start("p", {
          writes,
          run: (ctx) => void ctx.start("c", { writes: ["g"], run: () => 1 }),
        });
        writes[0] = "g";
      },
      { failure: "continue" },
    );
    await run;
    expect(run.report.tasks).toMatchObject({ completed: 0, failed: 1 });
  });

  test("refuses a child that writes what its parent only reads", async () => {
    const { p } = await settle({
      p: {
        reads: ["f"],
        run: (ctx: TaskContext) => void ctx.start("c", { writes: ["f"], run: () => 1 }),
      },
    });
    expect(p).toMatchObject({ status: "failed", error: expect.any(RangeError) });
  });

  test("lets two claimless parents each run an exclusive child", async () => {
    const { order, run } = noted();
    await scope(
      (s) => {
        for (const name of ["a", "b"]) {
          s.start(name, async (ctx) => {
            await ctx.start(`${name}1`, { exclusive: true, run: run(`${name}1`) });
          });
        }
      },
      { limit: 2 },
    );
    expect(order).toEqual(["a1 started", "a1 ended", "b1 started", "b1 ended"]);
  });

  test("refuses the wait of a task that holds a claim for an earlier sibling", async () => {
    const errors: unknown[] = [];
    await scope(
      (s) => {
        const a = s.start("a", never);
        s.start("b", {
          writes: ["f"],
          run: async () => {
            errors.push(await a.catch((error: unknown) => error));
            a.cancel();
          },
        });
      },
      { graceMs: 0, failure: "continue" },
    );
    expect(String(errors[0])).toBe(
      'WaitRefusedError: Cannot let task "b" wait for task "a" as a task that holds claims may only wait for tasks inside it; declare it with `after` instead',
    );
  });

  test("refuses the wait of a task for a later one, naming both", async () => {
    const errors: unknown[] = [];
    await scope(
      (s) => {
        const later: TaskHandle<number>[] = [];
        s.start("a", async () => {
          errors.push(await later[0]?.catch((error: unknown) => error));
        });
        later.push(s.start("b", () => 1));
      },
      { limit: 1 },
    );
    expect(errors).toMatchObject([{ code: "WAIT_REFUSED", waiter: "a", target: "b" }]);
  });

  test("lends the slot of a parent that waits for two children at a limit of 1", async () => {
    const value = await scope(
      (s) =>
        s.start("p", async (ctx) => {
          const [x, y] = await Promise.all([
            ctx.start("x", () => 1),
            ctx.start("y", async () => 2),
          ]);
          return x + y;
        }),
      { limit: 1 },
    );
    expect(value).toBe(3);
  });

  test("finishes scopes nested three levels deep at a limit of 1", async () => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return 1;
    };
    const value = await scope(
      (s) =>
        s.start(
          "one",
          async (one) =>
            (await one.start(
              "two",
              async (two) =>
                (await two.start(
                  "three",
                  async (three) =>
                    (await three.start("leaf", work)) + (await three.start("leaf2", work)),
                )) + (await work()),
            )) + (await work()),
        ),
      { limit: 1 },
    );
    expect(value).toBe(4);
    expect(most).toBe(1);
  });

  test("takes no slot for a wait that the task left behind, and lets that wait end", async () => {
    const slots = limit(1);
    const r = rig();
    const child = r.task<string>("child");
    const second = r.task<string>("second");
    const other = r.task("other");
    const left: PromiseLike<string>[] = [];
    await scope(async (s) => {
      s.start("leaves while the child runs", {
        limit: slots,
        run: (ctx) => void left.push(ctx.start("child", child.run).then((value) => value)),
      });
      await r.idle();
      child.complete("one");
    });
    expect(slots.inUse).toBe(0);
    await scope(async (s) => {
      const leaver = s.start("leaves while it waits for its slot", {
        limit: slots,
        run: async (ctx) => {
          left.push(ctx.start("second child", second.run).then((value) => value));
          s.start("other", { limit: slots, run: other.run });
          await other.started;
          second.complete("two");
          await r.idle();
        },
      });
      await leaver.settled();
      other.complete();
    });
    expect(await Promise.all(left)).toEqual(["one", "two"]);
    expect(slots.inUse).toBe(0);
  });

  test("wakes a cancelled parent without its slot when its child ignores the cancel", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const run = scope(
      async (s) => {
        const p = s.start("p", async (ctx) => {
          try {
            await ctx.start("c", never);
          } finally {
            order.push("cleaned up");
          }
        });
        await Promise.resolve();
        clock.schedule(10, () => p.cancel("enough"));
        return await p.settled();
      },
      { limit: 1, clock, graceMs: 50, failure: "continue" },
    );
    expect(await run).toMatchObject({ status: "cancelled", reason: "enough" });
    expect(order).toEqual(["cleaned up"]);
  });
});

describe("settle", () => {
  test("orders claims by the graph, whatever the order in which the tasks were given", async () => {
    const { order, run } = noted();
    const outcomes = await settle({
      a: { after: ["b"], writes: ["f"], run: run("a") },
      b: { writes: ["f"], run: run("b") },
    });
    expect(order).toEqual(["b started", "b ended", "a started", "a ended"]);
    expect(Object.keys(outcomes)).toEqual(["a", "b"]);
  });

  test("starts a heavy task after at most as much lighter weight has passed it as the limit holds", async () => {
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(name);
      await Promise.resolve();
    };
    const four = limit({ name: "four", concurrency: 4 });
    await scope((s) => {
      s.start("first", {
        limit: four,
        run: async () => {
          for (let i = 0; i < 9; i += 1) await Promise.resolve();
        },
      });
      s.start("heavy", { limit: four, weight: 4, run: step("heavy") });
      for (let index = 0; index < 600; index += 1) {
        s.start(`light ${index}`, { limit: four, run: step("light") });
      }
    });
    expect(order.indexOf("heavy")).toBeLessThanOrEqual(4);
    expect(order).toHaveLength(601);
  });

  test("takes several limits all or none", async () => {
    const one = limit(2);
    const two = limit(2);
    const outcomes = await settle([
      { limit: [one, two], weight: 2, run: noted().run("a") },
      { limit: [two, one], weight: 2, run: noted().run("b") },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["completed", "completed"]);
  });

  test("skips a task that waits for what an abandoned one holds, and names it", async () => {
    const outcomes = await settle(
      {
        hung: { writes: ["f"], timeoutMs: 10, run: never },
        b: { writes: ["f"], run: () => 1 },
        free: () => 2,
      },
      { clock: virtualClock(), graceMs: 10 },
    );
    expect(outcomes).toMatchObject({
      hung: {
        status: "failed",
        abandoned: true,
        error: { code: "TIMED_OUT", clock: "timeout", limitMs: 10 },
      },
      b: { status: "skipped", because: { kind: "abandoned", task: "hung" } },
      free: { status: "completed", value: 2 },
    });
  });

  test.each([
    ["release", "completed"],
    ["hold", "skipped"],
  ] as const)(
    "with onAbandon %s, a task behind three hung ones at a limit of 3 is %s",
    async (onAbandon, status) => {
      const outcomes = await settle(
        {
          x: { run: never, timeoutMs: 5 },
          y: { run: never, timeoutMs: 5 },
          z: { run: never, timeoutMs: 5 },
          behind: () => 1,
        },
        { limit: 3, onAbandon, clock: virtualClock(), graceMs: 5 },
      );
      expect(outcomes.behind.status).toBe(status);
      expect(
        [outcomes.x, outcomes.y, outcomes.z].every(
          (each) => each.status === "failed" && each.abandoned,
        ),
      ).toBe(true);
    },
  );

  test("with onAbandon hold, refuses the wait of a task whose slots an abandoned one inside it holds", async () => {
    const { outer } = await settle(
      {
        outer: async (ctx) => {
          const hung = ctx.start("hung", { run: never, timeoutMs: 5 });
          ctx.start("behind", () => 1);
          await hung.settled();
        },
      },
      { limit: 1, onAbandon: "hold", clock: virtualClock(), graceMs: 5 },
    );
    expect(String(outer.status === "failed" && outer.error)).toBe(
      'WaitRefusedError: Cannot let task "outer" wait for task "hung" as that one was abandoned and still holds the slots that it needs to go on',
    );
  });

  test("with onAbandon hold, lets a task wait for the slots that another run holds", async () => {
    const clock = virtualClock();
    const shared = limit(2);
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const other = sleep(10).then(() =>
      settle([{ limit: shared, weight: 2, run: () => sleep(50) }], { clock }),
    );
    const { outer } = await settle(
      {
        hung: { timeoutMs: 5, run: never },
        outer: {
          limit: shared,
          run: async (ctx) => {
            await ctx.start("inner", () => sleep(20)); // Meanwhile the other run takes the slot.
            return clock.now();
          },
        },
      },
      { clock, graceMs: 5, onAbandon: "hold" },
    );
    await other;
    expect(outer).toMatchObject({ status: "completed", value: 60 });
  });

  test("with onAbandon hold, lets a task wait for the unit that another run holds beside the abandoned one", async () => {
    const clock = virtualClock();
    const shared = limit(2);
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const other = sleep(15).then(() =>
      settle([{ limit: shared, run: () => sleep(50) }], { clock }),
    );
    const { outer } = await settle(
      {
        outer: {
          limit: shared,
          run: async (ctx) => {
            await ctx.start("inner", () => sleep(20));
            return clock.now();
          },
        },
        hung: { limit: shared, timeoutMs: 5, run: never },
      },
      { clock, graceMs: 5, onAbandon: "hold" },
    );
    await other;
    expect(outer).toMatchObject({ status: "completed", value: 65 });
  });

  test("with onAbandon hold, skips a task that waits for an abandoned one also where the body of its scope ends last", async () => {
    const clock = virtualClock();
    const shared = limit(1);
    let late: TaskHandle<number> | undefined;
    await scope(
      async (s) => {
        s.start("hung", { limit: shared, timeoutMs: 5, run: never });
        await new Promise<void>((resolve) => void clock.schedule(50, resolve));
        late = s.start("late", { limit: shared, run: () => 1 });
      },
      { clock, graceMs: 5, onAbandon: "hold", failure: "continue" },
    ).catch(() => undefined); // The failure of the other.
    expect(late?.outcome).toMatchObject({
      status: "skipped",
      because: { kind: "abandoned", task: "hung" },
    });
  });

  test("skips what waits for abandoned work although a running task waits for slots", async () => {
    const clock = virtualClock();
    const shared = limit(1);
    const outcomes = await settle(
      {
        hung: { writes: ["f"], timeoutMs: 5, run: never },
        taker: {
          limit: shared,
          run: async (ctx) => {
            await ctx.start(
              "inner",
              () => new Promise<void>((resolve) => void clock.schedule(50, resolve)),
            );
          },
        },
        keeper: {
          limit: shared,
          run: (ctx) =>
            keepSlots(ctx, async (inner) => {
              const { status } = await inner
                .start("stuck", { writes: ["f"], run: () => 1 })
                .settled();
              return status;
            }),
        },
      },
      { clock, graceMs: 5 },
    );
    expect(outcomes.keeper).toMatchObject({ status: "completed", value: "skipped" });
    expect(outcomes.taker.status).toBe("completed");
  });

  test("drops the late result of an attempt that timed out", async () => {
    const clock = virtualClock();
    let late: (error: Error) => void = () => undefined;
    const outcomes = await settle(
      {
        slow: {
          timeoutMs: 5,
          run: () =>
            new Promise((_, reject) => {
              late = reject;
            }),
        },
      },
      { clock, graceMs: 5 },
    );
    late(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes.slow).toMatchObject({ status: "failed", error: { code: "TIMED_OUT" } });
  });
});
