import { describe, expect, test } from "vitest";
import { limit, scope, settle, type TaskContext } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

describe("limit", () => {
  test("refuses a weight that exceeds it, before anything starts", async () => {
    const started: string[] = [];
    const run = settle({
      light: () => void started.push("light"),
      heavy: { weight: 3, limit: limit({ name: "database", concurrency: 2 }), run: () => 1 },
    });
    await expect(run).rejects.toThrow(
      'Cannot start task "heavy" as its weight must not exceed the 2 of limit "database": 3',
    );
    expect(started).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses a concurrency of %s", (concurrency) => {
    expect(() => limit(concurrency)).toThrow(RangeError);
  });

  test("hands a freed slot to the waiter before a third caller can take it", async () => {
    const one = limit(1);
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} with ${one.inUse}`);
      await Promise.resolve();
    };
    await settle({
      a: {
        limit: one,
        run: async () => {
          await task("a")();
          queueMicrotask(() => {
            settle([{ limit: one, run: task("third") }]).catch(() => order.push("third failed"));
          });
        },
      },
      b: { limit: one, run: task("b") },
      c: { limit: one, run: task("c") },
    });
    expect(order.slice(0, 3)).toEqual(["a with 1", "b with 1", "c with 1"]);
  });

  test("starts those who name it as their second when one who names it alone gives it back", async () => {
    const [wide, narrow] = [limit(9), limit(1)];
    const both = { limit: [wide, narrow], run: () => Promise.resolve() };
    const outcomes = await settle({
      first: both,
      alone: { limit: narrow, run: () => Promise.resolve() },
      again: { ...both, after: ["first"] },
    });
    expect(Object.values(outcomes).map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => "completed"),
    );
  });

  test.each([
    ["first", 0],
    ["last", 1],
  ])(
    "that is shared lets no more of another run pass a task than it holds, where they name it %s",
    async (_, place) => {
      const clock = virtualClock();
      const [shared, own] = [limit(2), limit(9)];
      const starts: string[] = [];
      const work = (name: string, durationMs: number, weight = 1) => ({
        weight,
        run: () => {
          starts.push(name);
          return new Promise<void>((resolve) => void clock.schedule(durationMs, resolve));
        },
      });
      // Never two units are free at a time.
      await Promise.all([
        settle([work("short", 5), work("heavy", 1, 2)], { limit: shared, clock }),
        settle(
          Array.from({ length: 20 }, () => ({
            ...work("light", 10),
            limit: place === 0 ? [shared, own] : [own, shared],
          })),
          { clock },
        ),
      ]);
      expect(starts.length).toBe(22);
      expect(starts.indexOf("heavy")).toBeLessThanOrEqual(4);
    },
  );

  test("lowered while in use holds back new starts and stops nobody", async () => {
    const clock = virtualClock();
    const shared = limit(3);
    let running = 0;
    const most: number[] = [];
    const work = async (): Promise<void> => {
      running += 1;
      most.push(running);
      await new Promise<void>((resolve) => void clock.schedule(10, resolve));
      running -= 1;
    };
    clock.schedule(5, () => shared.set({ concurrency: 1 }));
    await settle(
      Array.from({ length: 6 }, () => work),
      { limit: shared, clock },
    );
    expect(most).toEqual([1, 2, 3, 1, 1, 1]);
    expect(shared.inUse).toBe(0);
  });

  test("raised while waited for starts more at once", async () => {
    const clock = virtualClock();
    const shared = limit(1);
    const starts: number[] = [];
    const work = async (): Promise<void> => {
      starts.push(clock.now());
      await new Promise<void>((resolve) => void clock.schedule(10, resolve));
    };
    clock.schedule(5, () => shared.set({ concurrency: 3 }));
    await settle([work, work, work], { limit: shared, clock });
    expect(starts).toEqual([0, 5, 5]);
  });

  test("starts higher priorities first, and equal ones in the order given", async () => {
    const order: string[] = [];
    await settle(
      Object.fromEntries(
        [0, 2, 1, 2, 0].map((priority, index) => [
          `t${index}`,
          { priority, run: ({ key }: TaskContext) => void order.push(key) },
        ]),
      ),
      { limit: 1 },
    );
    expect(order).toEqual(["t1", "t3", "t2", "t0", "t4"]);
  });

  test("starts a low priority that was passed over for agingMs", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const work = ({ key }: TaskContext): Promise<void> => {
      order.push(key);
      return new Promise((resolve) => void clock.schedule(10, resolve));
    };
    await settle(
      Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [
          index === 0 ? "low" : `high ${index}`,
          { priority: index === 0 ? 0 : 1, run: work },
        ]),
      ),
      { limit: 1, clock, agingMs: 40 },
    );
    expect(order.indexOf("low")).toBe(4);
  });

  test.each(["weigh less", "name another limit besides"])(
    "starts low priorities that were passed over for agingMs by others that %s",
    async (others) => {
      const clock = virtualClock();
      const [shared, other] = [limit(2), limit(100)];
      const sleep = (ms: number): Promise<void> =>
        new Promise((resolve) => void clock.schedule(ms, resolve));
      const lowAtMs: number[] = [];
      await scope(
        async (s) => {
          const weight = others === "weigh less" ? 2 : 1;
          for (let index = 0; index < 3; index += 1) {
            const run = async (): Promise<void> => {
              lowAtMs.push(clock.now());
              await sleep(10);
            };
            s.start(`low ${index}`, { limit: shared, weight, run });
          }
          for (let index = 0; index < 200; index += 1) {
            const limits = weight === 2 ? shared : [shared, other];
            s.start(`high ${index}`, { limit: limits, priority: 1, run: () => sleep(10) });
            if (index > 3) {
              await sleep(5); // As many come as can run.
            }
          }
        },
        { clock, agingMs: 100 },
      );
      expect(lowAtMs).toHaveLength(3);
      expect(Math.min(...lowAtMs)).toBeGreaterThanOrEqual(100);
      expect(Math.max(...lowAtMs)).toBeLessThan(250);
    },
  );

  test.each(["a scope", "a batch"])(
    "lets what a task of %s starts inherit its priority, not that which it was given for having waited",
    async (within) => {
      const clock = virtualClock();
      const options = { limit: limit(1), clock, agingMs: 40 };
      const order: string[] = [];
      const run = ({ key }: TaskContext): Promise<void> => {
        order.push(key);
        return new Promise((resolve) => void clock.schedule(10, resolve));
      };
      const low = (ctx: TaskContext): void => {
        order.push("low");
        ctx.start("inside", run);
      };
      await Promise.all([
        settle({ first: run }, options),
        within === "a batch"
          ? settle([low], options)
          : scope((s) => void s.start("low", { priority: 0, run: low }), options),
        scope((s) => {
          for (let index = 0; index < 9; index += 1) {
            s.start(`high ${index}`, { priority: 1, run });
          }
        }, options),
      ]);
      expect(order.indexOf("low")).toBe(4);
      expect(order.indexOf("inside")).toBe(9); // It has waited for long enough itself.
    },
  );

  test("does not count what a task waited before an attempt that failed", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.schedule(ms, resolve));
    const run = async ({ key, attempt }: TaskContext): Promise<void> => {
      order.push(`${key} at ${clock.now()}`);
      await sleep(10);
      if (key === "retried" && attempt === 1) {
        throw new Error("not yet");
      }
    };
    await scope(
      async (s) => {
        const retry = { attempts: 2, delayMs: 1, jitter: "none" } as const;
        s.start("lowest", { priority: 0, run }); // Somebody waits all the time.
        s.start("retried", { priority: 1, retry, run });
        s.start("first", { priority: 2, run });
        await sleep(15);
        for (let index = 0; index < 9; index += 1) {
          s.start(`high ${index}`, { priority: 2, run });
        }
      },
      { limit: 1, clock, agingMs: 40 },
    );
    expect(order.slice(0, 3)).toEqual(["first at 0", "retried at 10", "high 0 at 20"]);
    expect(order).toContain("lowest at 40");
    expect(order).toContain("retried at 70"); // In line again since 21, and first when it has waited for 40 more.
  });

  test("starts the longest remaining path first where durations are known", async () => {
    const order: string[] = [];
    const run = ({ key }: TaskContext): void => void order.push(key);
    await settle(
      {
        short: { expectedMs: 5, run },
        long: { expectedMs: 1, run },
        after: { after: ["long"], expectedMs: 50, run },
      },
      { limit: 1 },
    );
    expect(order).toEqual(["long", "after", "short"]);
  });
});
