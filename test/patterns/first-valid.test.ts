import { describe, expect, test } from "vitest";
import { firstValid, type TaskContext } from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const numbers =
  (...answers: readonly number[]) =>
  ({ key }: TaskContext): number =>
    answers[Number(key)] ?? 0;

const isEven = (answer: number): boolean => answer % 2 === 0;

describe("firstValid", () => {
  test("asks one after the other until an answer is valid", async () => {
    const result = await firstValid(numbers(3, 5, 8, 2), { of: 4, verify: isEven });
    expect(result).toEqual({
      verdict: "won",
      winner: 8,
      reason: "decided",
      rejected: [3, 5],
      asked: 3,
      saved: 1,
      cancelled: 0,
      abstained: 0,
      failures: [],
      rounds: 3,
    });
  });

  test("is undecided where no answer is valid", async () => {
    const result = await firstValid(numbers(3, 5), { of: 2, verify: async (n) => isEven(n) });
    expect(result).toMatchObject({
      verdict: "undecided",
      winner: undefined,
      reason: "exhausted",
      rejected: [3, 5],
      asked: 2,
    });
  });

  test("keeps more under way with ahead, and takes the first valid to come", async () => {
    const r = rig();
    const tasks = ["0", "1", "2", "3"].map((name) => r.task<number>(name));
    const run = firstValid((ctx) => tasks[Number(ctx.key)]!.run(ctx), {
      of: 9,
      ahead: 2,
      verify: isEven,
    });
    await tasks[2]!.started;
    await r.idle();
    expect(r.running).toEqual(["0", "1", "2"]);
    tasks[1]!.complete(3);
    await tasks[3]!.started;
    tasks[2]!.complete(4);
    expect(await run).toMatchObject({
      winner: 4,
      rejected: [3],
      asked: 4,
      cancelled: 2,
      rounds: 2,
    });
    expect(r.order.slice(-2)).toEqual(["0 cancelled", "3 cancelled"]);
  });

  test("keeps the first of two valid answers that come together", async () => {
    const result = await firstValid(numbers(2, 4), { of: 2, ahead: 1, verify: isEven });
    expect(result).toMatchObject({ winner: 2, rejected: [] });
  });

  test("fails a sample whose check throws, and goes on", async () => {
    const broken = new Error("no compiler");
    const result = await firstValid(numbers(3, 4), {
      of: 2,
      verify(answer) {
        if (answer === 3) throw broken;
        return true;
      },
    });
    expect(result).toMatchObject({
      winner: 4,
      rejected: [],
      failures: [{ key: "0", error: broken }],
    });
  });

  test("takes no answer whose check ends after its time", async () => {
    const clock = virtualClock();
    const verify = (answer: number, { signal }: TaskContext): boolean | Promise<boolean> =>
      answer === 1
        ? new Promise((resolve) => signal.addEventListener("abort", () => resolve(true)))
        : true;
    const result = await firstValid(numbers(1, 2), { of: 2, verify, clock, timeoutMs: 10 });
    expect(result).toMatchObject({
      winner: 2,
      failures: [{ key: "0", error: { code: "TIMED_OUT" } }],
    });
  });

  test("rejects with every failure where all samples failed", async () => {
    const run = firstValid(
      () => {
        throw new Error("busy");
      },
      { of: 2, verify: isEven },
    );
    await expect(run).rejects.toMatchObject({ code: "TASKS_FAILED", errors: [{}, {}] });
  });
});
