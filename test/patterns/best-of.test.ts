import { describe, expect, test } from "vitest";
import { bestOf, type TaskContext } from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const numbers =
  (...answers: readonly number[]) =>
  ({ key }: { readonly key: string }): number =>
    answers[Number(key)] ?? 0;

describe("bestOf", () => {
  test("asks all at once, and returns the answer with the highest score", async () => {
    const result = await bestOf(numbers(3, 9, 5), { of: 3, score: (answer) => answer * 2 });
    expect(result).toEqual({
      verdict: "won",
      winner: 9,
      score: 18,
      ranking: [
        { answer: 9, score: 18, sample: 1 },
        { answer: 5, score: 10, sample: 2 },
        { answer: 3, score: 6, sample: 0 },
      ],
      reason: "exhausted",
      asked: 3,
      saved: 0,
      cancelled: 0,
      abstained: 0,
      failures: [],
      rounds: 1,
    });
  });

  test("stops with the first that is good enough, one at a time", async () => {
    const result = await bestOf(numbers(3, 9, 5, 9), {
      of: 4,
      score: (answer) => answer,
      enough: 8,
    });
    expect(result).toMatchObject({ winner: 9, reason: "decided", asked: 2, saved: 2, rounds: 2 });
  });

  test("returns the best there is where none is good enough", async () => {
    const result = await bestOf(numbers(3, 7, 5), { of: 3, score: (answer) => answer, enough: 8 });
    expect(result).toMatchObject({ winner: 7, reason: "exhausted", asked: 3 });
  });

  test("cancels what runs ahead once one is good enough", async () => {
    const r = rig();
    const tasks = ["0", "1", "2"].map((name) => r.task<number>(name));
    const run = bestOf(({ key, signal }) => tasks[Number(key)]!.run({ signal }), {
      of: 9,
      ahead: 2,
      enough: 1,
      score: (answer) => answer,
    });
    await tasks[2]!.started;
    tasks[1]!.complete(1);
    expect(await run).toMatchObject({ winner: 1, asked: 3, cancelled: 2, saved: 6, rounds: 1 });
  });

  test("reports different answers with the highest score as tied, and equal ones not", async () => {
    const result = await bestOf(numbers(4, -4, 1), { of: 3, score: Math.abs });
    expect(result).toMatchObject({ verdict: "tied", winner: undefined, tied: [4, -4], score: 4 });
    expect(await bestOf(numbers(4, 4, 1), { of: 3, score: Math.abs })).toMatchObject({
      verdict: "won",
      winner: 4,
    });
  });

  test("scores within the task: at once, under its timeout, with its retries", async () => {
    const clock = virtualClock();
    let tries = 0;
    const result = await bestOf(
      { run: numbers(1, 2), retry: { attempts: 2, delayMs: 10 } },
      {
        of: 2,
        clock,
        timeoutMs: 100,
        graceMs: 0,
        score: async (answer, ctx) => {
          tries += 1;
          if (ctx.key === "0") {
            await new Promise(() => {});
          }
          if (ctx.attempt === 1) throw new Error("busy");
          return answer;
        },
      },
    );
    expect(result).toMatchObject({
      winner: 2,
      failures: [{ key: "0", error: { code: "TIMED_OUT" } }],
    });
    expect(tries).toBe(3);
  });

  test("takes no answer whose score comes after its time", async () => {
    const clock = virtualClock();
    const score = (answer: number, { signal }: TaskContext): number | Promise<number> =>
      answer === 1
        ? new Promise((resolve) => signal.addEventListener("abort", () => resolve(100)))
        : answer;
    const result = await bestOf(numbers(1, 2), { of: 2, score, clock, timeoutMs: 10 });
    expect(result).toMatchObject({ winner: 2, ranking: [{ score: 2 }] });
  });

  test("fails the sample whose score is no number", async () => {
    const result = await bestOf(numbers(1, 2), {
      of: 2,
      score: (answer) => (answer === 2 ? Number.NaN : answer),
    });
    expect(result).toMatchObject({
      winner: 1,
      failures: [{ key: "1", error: expect.any(RangeError) }],
    });
  });

  test("is undecided where nobody answers", async () => {
    const result = await bestOf((ctx) => ctx.skip("no idea"), { of: 2, score: () => 1 });
    expect(result).toMatchObject({
      verdict: "undecided",
      winner: undefined,
      abstained: 2,
      ranking: [],
    });
  });

  test("refuses a score that is never enough", () => {
    expect(() => bestOf(() => 1, { of: 1, score: () => 1, enough: Number.NaN })).toThrow(
      RangeError,
    );
  });
});
