import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import {
  all,
  first,
  hedge,
  hedging,
  limit,
  type TaskContext,
  type TaskDefinition,
} from "../../src/index.ts";
import { rig, virtualClock, type VirtualClock } from "../../src/testing/index.ts";

/** A task that takes so long at each start, and stops at once when it is told to. */
function lasting(clock: VirtualClock, durations: readonly number[]) {
  let starts = 0;
  return {
    idempotent: true,
    run: ({ signal }: TaskContext): Promise<number> => {
      const start = starts;
      starts += 1;
      return new Promise((resolve, reject) => {
        const timer = clock.schedule(durations[start % durations.length] ?? 0, () =>
          resolve(start),
        );
        signal.addEventListener("abort", () => {
          timer.cancel();
          reject(signal.reason as Error);
        });
      });
    },
  };
}

describe("hedge", () => {
  test("starts a second copy when the first is late, takes the first to succeed and counts the other", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: Infinity });
    const run = hedge(lasting(clock, [100, 10]), {
      clock,
      hedging: calls,
      staggerMs: 20,
      report: "full",
    });
    expect(await run).toBe(1);
    expect(clock.now()).toBe(30);
    expect(calls).toMatchObject({ calls: 1, hedges: 1, wins: 1, wastedMs: 30 });
    expect(run.report).toMatchObject({
      tasks: { completed: 1, cancelled: 1 },
      full: {
        timings: [
          { key: "call", status: "cancelled", runMs: 30 },
          { key: "call", status: "completed", runMs: 10 },
        ],
      },
    });
  });

  test("learns when a call is late, and starts no second copy before", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: 0.05 });
    const task = lasting(clock, [...Array.from({ length: 19 }, () => 100), 5000, 5000, 40]);
    for (let call = 0; call < 20; call += 1) await hedge(task, { clock, hedging: calls });
    expect(calls.hedges).toBe(0); // Not even the twentieth, which takes fifty times as long: 19 are too few.
    const before = clock.now();
    const lateMs = calls.percentileMs("call", "p95") ?? 0;
    expect(lateMs).toBeGreaterThan(100);
    expect(lateMs).toBeLessThan(102);
    expect(await hedge(task, { clock, hedging: calls })).toBe(21);
    expect(clock.now() - before).toBeCloseTo(lateMs + 40, 6);
    expect(calls.hedges).toBe(1);
  });

  test("knows each key by itself", async () => {
    const clock = virtualClock();
    const calls = hedging();
    for (let call = 0; call < 20; call += 1) {
      await hedge(lasting(clock, [10]), { clock, hedging: calls, key: "short" });
      await hedge(lasting(clock, [1000]), { clock, hedging: calls, key: "long" });
    }
    await hedge(lasting(clock, [1000]), { clock, hedging: calls, key: "long" });
    expect(calls.hedges).toBe(0);
    await hedge(lasting(clock, [1000, 10]), { clock, hedging: calls, key: "short" });
    expect(calls.hedges).toBe(1);
  });

  test("does not count the time in which the first copy waits for a limit", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: Infinity });
    const one = limit(1);
    const task = { ...lasting(clock, [50]), limit: one };
    await all(
      Array.from({ length: 4 }, () => () => hedge(task, { clock, hedging: calls, staggerMs: 60 })),
      { clock },
    );
    expect(clock.now()).toBe(200);
    expect(calls.hedges).toBe(0);
  });

  test("starts no second copy where the budget is spent", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: 0.25 });
    for (let call = 0; call < 8; call += 1) {
      await hedge(lasting(clock, [100, 1]), { clock, hedging: calls, staggerMs: 10 });
    }
    expect(calls.hedges).toBe(2);
    expect(clock.now()).toBe(6 * 100 + 2 * 11);
  });

  test("fails with the failure of every copy, and not before the last", async () => {
    const r = rig();
    const clock = virtualClock();
    const held = [r.task("a"), r.task("b")];
    let starts = 0;
    const calls = hedging({ hedgeBudget: Infinity });
    const run = hedge(
      (ctx) => held[starts++]?.run(ctx), // One after the other.
      { clock, hedging: calls, staggerMs: 10, key: "search", idempotent: true },
    );
    await held[1]?.started;
    held[0]?.fail(new Error("a"));
    await r.idle();
    expect(r.order).toEqual(["a started", "b started", "a failed"]);
    held[1]?.fail(new Error("b"));
    await expect(run).rejects.toMatchObject({
      code: "TASKS_FAILED",
      errors: [
        { key: "search", error: new Error("a") },
        { key: "search", error: new Error("b") },
      ],
    });
  });

  test("leaves failures to the retries of the task", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: Infinity });
    let starts = 0;
    const run = async (): Promise<string> => {
      starts += 1;
      if (starts < 3) throw new Error("busy");
      return "done";
    };
    const once = hedge({ idempotent: true, run }, { clock, hedging: calls });
    await expect(once).rejects.toMatchObject({ errors: [{ error: new Error("busy") }] });
    expect(starts).toBe(1);
    expect(await hedge({ idempotent: true, run, retry: 2 }, { clock, hedging: calls })).toBe(
      "done",
    );
    expect(calls).toMatchObject({ calls: 2, hedges: 0 });
  });

  test("starts no copy in a run that was cancelled and takes its grace", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: Infinity });
    let starts = 0;
    const deaf = (): Promise<void> => {
      starts += 1;
      return new Promise((resolve) => void clock.schedule(30, resolve));
    };
    const run = hedge(deaf, { clock, hedging: calls, staggerMs: 20, idempotent: true });
    clock.schedule(10, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ code: "CANCELLED", reason: "enough" });
    expect(starts).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("runs every copy in the context of its caller", async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const task = lasting(clock, [100, 10]);
    clock.schedule(1000, () => {}); // The clock runs in the context of whoever started it.
    await storage.run("caller", () =>
      hedge(
        (ctx) => {
          seen.push(storage.getStore());
          return storage.run("copy", () => task.run(ctx));
        },
        { clock, hedging: hedging({ hedgeBudget: Infinity }), staggerMs: 20, idempotent: true },
      ),
    );
    expect(seen).toEqual(["caller", "caller"]);
  });

  const one = (): number => 1;
  test.each<
    [string, typeof one | TaskDefinition<number>, { readonly idempotent?: boolean | undefined }]
  >([
    ["a function", one, {}],
    ["a task that does not say so", { run: one }, {}],
    ["a task that denies it", { idempotent: false, run: one }, {}],
    ["what the caller denies", { idempotent: true, run: one }, { idempotent: false }],
  ])("refuses %s, as it may not be safe to run twice", (_, task, options) => {
    const calls = hedging();
    expect(() => hedge(task, { hedging: calls, ...options })).toThrow(
      /^Cannot hedge task "call" as it must be safe to run twice, .*"idempotent: true"/,
    );
    expect(() => hedge(task, { hedging: calls, ...options })).toThrow(TypeError);
    expect(calls.calls).toBe(0);
  });

  test.each([{ copies: 0 }, { copies: 1.5 }, { staggerMs: -1 }, { staggerMs: "p101" as const }])(
    "refuses %o",
    (options) => {
      const task = { idempotent: true, run: () => 1 };
      expect(() => hedge(task, { hedging: hedging(), ...options })).toThrow(RangeError);
    },
  );
});

describe("what hedge learns", () => {
  /** The same in every run: a multiplicative congruential generator (Lehmer, as by Park and Miller, 1988). */
  function chance(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
  }

  test.each([0.05, Infinity])(
    "does not drift when the slow calls are cancelled, with a budget of %s",
    async (hedgeBudget) => {
      const clock = virtualClock();
      const random = chance(7);
      const calls = hedging({ hedgeBudget });
      // Exponential: its p95 is 300 ms. To learn from winners alone would bring it below 200, and further.
      const draw = (): number => -100 * Math.log(random());
      const known: number[] = [];
      for (let call = 0; call < 3000; call += 1) {
        await hedge(lasting(clock, [draw(), draw()]), { clock, hedging: calls });
        if (call >= 1000 && call % 100 === 0) known.push(calls.percentileMs("call", "p95") ?? 0);
      }
      const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
      expect(mean).toBeGreaterThan(270);
      expect(mean).toBeLessThan(330);
      expect(calls.hedges).toBeGreaterThan(100);
      expect(calls.hedges).toBeLessThanOrEqual(hedgeBudget === Infinity ? 240 : 150);
    },
  );

  test("does not take for quick what was cancelled early", async () => {
    const clock = virtualClock();
    const calls = hedging({ hedgeBudget: Infinity });
    const both = { slow: lasting(clock, [100]), quick: lasting(clock, [10]) };
    for (let call = 0; call < 60; call += 1) await first(1, both, { clock, hedging: calls });
    expect(calls.percentileMs("slow", "p50")).toBeUndefined();
    for (let call = 0; call < 20; call += 1) {
      await hedge(both.slow, { clock, hedging: calls, key: "slow" });
    }
    expect(calls.percentileMs("slow", "p50")).toBeGreaterThanOrEqual(100);
    expect(calls).toMatchObject({ calls: 80, hedges: 60, wins: 60, wastedMs: 600 });
  });

  test("follows a service that has become slower", async () => {
    const clock = virtualClock();
    const random = chance(11);
    const calls = hedging({ hedgeBudget: Infinity });
    const draw = (meanMs: number): number => -meanMs * Math.log(random());
    for (const meanMs of [100, 400]) {
      for (let call = 0; call < 2500; call += 1) {
        await hedge(lasting(clock, [draw(meanMs), draw(meanMs)]), { clock, hedging: calls });
      }
      const lateMs = calls.percentileMs("call", "p95") ?? 0;
      expect(Math.abs(lateMs / (meanMs * Math.log(20)) - 1)).toBeLessThan(0.2);
    }
  });
});
