import { describe, expect, test } from "vitest";
import { first, hedging, type TaskContext } from "../../src/index.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";

/** A task that succeeds or fails after a time, and notes when it starts and whether it was told to stop. */
function timed(clock: VirtualClock, order: string[]) {
  return (ms: number, error?: Error) =>
    ({ key, signal }: TaskContext): Promise<string> => {
      order.push(`${key} at ${clock.now()}`);
      return new Promise((resolve, reject) => {
        const timer = clock.schedule(ms, () =>
          error === undefined ? resolve(key) : reject(error),
        );
        signal.addEventListener("abort", () => {
          order.push(`${key} stopped at ${clock.now()}`);
          timer.cancel();
          reject(signal.reason as Error);
        });
      });
    };
}

describe("first", () => {
  test("starts all at once with a stagger of 0, and cancels the losers", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const winners = await first(1, { slow: task(30), fast: task(10) }, { clock });
    expect(winners).toEqual([{ key: "fast", value: "fast" }]);
    expect(order).toEqual(["slow at 0", "fast at 0", "slow stopped at 10"]);
  });

  test("starts none of those that wait for a slot once it is decided", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const tasks = { a: task(10), b: task(20), c: task(5), d: task(5), e: task(5), f: task(5) };
    const winners = await first(1, tasks, { clock, limit: 2 });
    expect(winners.map(({ key }) => key)).toEqual(["a"]);
    expect(order).toEqual(["a at 0", "b at 0", "b stopped at 10"]);
  });

  test("starts the next after a delay without a success, and at once after a failure", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const winners = await first(
      1,
      { a: task(100), b: task(5, new Error("b")), c: task(50), d: task(1) },
      { clock, staggerMs: 20 },
    );
    expect(winners).toEqual([{ key: "d", value: "d" }]);
    expect(order.slice(0, 4)).toEqual(["a at 0", "b at 20", "c at 25", "d at 45"]);
  });

  test("tries one after the other with an infinite stagger", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const winners = await first(
      1,
      { cache: task(5, new Error("miss")), database: task(5), api: task(5) },
      { clock, staggerMs: Infinity },
    );
    expect(winners.map(({ key }) => key)).toEqual(["database"]);
    expect(order).toEqual(["cache at 0", "database at 5"]);
  });

  test("fails as soon as too few tasks are left, with every failure", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const run = first(
      2,
      { a: task(5, new Error("a")), b: task(6, new Error("b")), c: task(500) },
      { clock },
    );
    await expect(run).rejects.toMatchObject({
      code: "TASKS_FAILED",
      errors: [
        { key: "a", error: new Error("a") },
        { key: "b", error: new Error("b") },
      ],
    });
    expect(clock.now()).toBe(6);
  });

  test("ends although a task waits for what abandoned work still holds", async () => {
    const writes = ["file:/scratch"];
    const hung = { writes, timeoutMs: 10, run: () => new Promise<string>(() => {}) };
    const behind = { writes, run: () => "never" };
    const run = first(1, { hung, behind }, { clock: virtualClock(), graceMs: 5 });
    await expect(run).rejects.toMatchObject({
      errors: [
        { key: "hung", error: { code: "TIMED_OUT" } },
        { key: "behind", error: { code: "SKIPPED" } },
      ],
    });
  });

  test("fails with what was skipped where nothing else went wrong", async () => {
    const miss = (ctx: TaskContext): never => ctx.skip("miss");
    await expect(first(1, { cache: miss }, { clock: virtualClock() })).rejects.toMatchObject({
      errors: [{ key: "cache", attempt: 1, error: { code: "SKIPPED" } }],
    });
  });

  test("returns the successes in the order in which they came", async () => {
    const clock = virtualClock();
    const task = timed(clock, []);
    const winners = await first(2, [task(30), task(20), task(10)], { clock });
    expect(winners.map(({ key }) => key)).toEqual(["2", "1"]);
  });

  test("ends when it is cancelled before anybody won", async () => {
    const clock = virtualClock();
    const task = timed(clock, []);
    const run = first(1, { a: task(100), b: task(100) }, { clock, staggerMs: 50 });
    clock.schedule(10, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ code: "CANCELLED", reason: "enough" });
    expect(clock.now()).toBe(10);
  });

  test("starts no other once it is cancelled, although the first takes its grace", async () => {
    const clock = virtualClock();
    let isStarted = false;
    const deaf = (): Promise<void> => new Promise((resolve) => void clock.schedule(30, resolve));
    const other = (): void => {
      isStarted = true;
    };
    const run = first(1, { deaf, other }, { clock, staggerMs: 20 });
    clock.schedule(10, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ code: "CANCELLED", reason: "enough" });
    expect(isStarted).toBe(false);
  });

  test("refuses what is declared wrongly before anything starts", async () => {
    let isStarted = false;
    const good = (): void => {
      isStarted = true;
    };
    const bad = { weight: 0, run: () => 1 };
    const run = first(1, { good, bad }, { clock: virtualClock(), staggerMs: 20 });
    await expect(run).rejects.toThrow(/task "bad" as "weight"/);
    expect(isStarted).toBe(false);
  });

  test("fails when a task that starts later claims what the task around it does not", async () => {
    const clock = virtualClock();
    const task = timed(clock, []);
    const run = first(
      1,
      {
        outer: {
          writes: ["file:/a"],
          run: (within) =>
            first(1, [task(50), { writes: ["file:/b"], run: () => "b" }], {
              within,
              staggerMs: 20,
            }),
        },
      },
      { clock },
    );
    await expect(run).rejects.toMatchObject({ errors: [{ error: { name: "RangeError" } }] });
    expect(clock.now()).toBe(20);
  });

  test("brings one more for each that is late by what is known of its own key", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = timed(clock, order);
    const calls = hedging({ hedgeBudget: Infinity });
    for (let call = 0; call < 20; call += 1) {
      calls.learn("quick", 10, "ended");
      calls.learn("slow", 100, "ended");
    }
    const winners = await first(
      2,
      { slow: task(99), quick: task(9), spare: task(1) },
      { clock, staggerMs: "p95", hedging: calls },
    );
    expect(winners.map(({ key }) => key)).toEqual(["quick", "slow"]);
    expect(order).toEqual(["slow at 0", "quick at 0"]);
  });

  test("cannot learn without something to remember it", () => {
    expect(() => first(1, [() => 1], { staggerMs: "p95" })).toThrow(/"hedging" must hold/);
    const staggerMs = "p10";
    expect(() => first(1, [() => 1], { staggerMs, hedging: hedging() })).toThrow(RangeError);
  });

  test.each([0, 3, 1.5])("refuses to wait for %s of two", (count) => {
    expect(() => first(count, [() => 1, () => 2])).toThrow(RangeError);
  });
});
