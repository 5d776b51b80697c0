import { describe, expect, test } from "vitest";
import { first, type TaskContext } from "../../src/index.ts";
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
      errors: [{ key: "hung", error: { code: "TIMED_OUT" } }],
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

  test.each([0, 3, 1.5])("refuses to wait for %s of two", (count) => {
    expect(() => first(count, [() => 1, () => 2])).toThrow(RangeError);
  });
});
