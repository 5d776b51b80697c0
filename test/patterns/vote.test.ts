import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import {
  all,
  beta,
  lead,
  limit,
  majority,
  scope,
  threshold,
  unanimous,
  vote,
  window,
  type TaskContext,
  type VoteRule,
} from "../../src/index.ts";
import { rig, virtualClock, type VirtualClock } from "../../src/testing/index.ts";

/** Answers by number; an `Error` is thrown, undefined abstains. */
function answering<A>(answers: readonly (A | Error)[]) {
  return async ({ key }: TaskContext): Promise<A> => {
    const answer = answers[Number(key)];
    if (answer instanceof Error) {
      throw answer;
    }
    return answer as A;
  };
}

/** Samples that take 10 ms, note when they start, and stop when told to. */
function timed(clock: VirtualClock, order: string[]) {
  return <A>(answers: readonly A[]) =>
    ({ key, signal }: TaskContext): Promise<A> => {
      order.push(`${key} at ${clock.now()}`);
      return new Promise((resolve, reject) => {
        const timer = clock.schedule(10, () => resolve(answers[Number(key)] as A));
        signal.addEventListener("abort", () => {
          order.push(`${key} stopped at ${clock.now()}`);
          timer.cancel();
          reject(signal.reason as Error);
        });
      });
    };
}

/** Asks for five at once, whatever it is shown, and is settled by the first vote. */
const greedy: VoteRule = {
  judge: ({ tally }) =>
    tally.length === 0
      ? { status: "open", needs: 5 }
      : { status: "settled", winners: tally.slice(0, 1).map(({ key }) => key), reason: "decided" },
};

describe("vote", () => {
  test("asks two of three at once, and not the third where they agree", async () => {
    const r = rig();
    const [a, b] = [r.task<string>("0"), r.task<string>("1")];
    const run = vote((ctx) => (ctx.key === "0" ? a : b).run(ctx));
    await b.started;
    b.complete("yes");
    await r.idle();
    expect(r.running).toEqual(["0"]);
    a.complete("yes");
    expect(await run).toEqual({
      verdict: "won",
      winner: "yes",
      tally: [{ key: "yes", answer: "yes", votes: 2, weight: 2 }],
      reason: "decided",
      asked: 2,
      saved: 1,
      cancelled: 0,
      abstained: 0,
      failures: [],
      rounds: 1,
    });
    expect(r.order).toEqual(["0 started", "1 started", "1 completed", "0 completed"]);
  });

  test("asks the third where the first two disagree", async () => {
    const result = await vote(answering(["yes", "no", "no"]));
    expect(result).toMatchObject({ winner: "no", asked: 3, saved: 0, rounds: 2 });
  });

  test("reports a tie as one, and breaks none", async () => {
    const result = await vote(answering(["a", "b", "b", "a"]), { of: 4 });
    expect(result).toMatchObject({
      verdict: "tied",
      winner: undefined,
      tied: ["a", "b"],
      reason: "exhausted",
    });
    expect(await vote(answering([1, 2, 3]))).toMatchObject({ verdict: "tied", tied: [1, 2, 3] });
  });

  test("counts answers of one key as one, and returns the first of them by number", async () => {
    const clock = virtualClock();
    const answers = ["No", " yes", "YES"];
    const { winner, tally } = await vote(
      async ({ key }) => {
        await new Promise<void>((resolve) => {
          clock.schedule(10 - Number(key), resolve);
        });
        return answers[Number(key)] ?? "";
      },
      { key: (answer) => answer.trim().toLowerCase(), clock, rule: threshold(2) },
    );
    expect(winner).toBe(" yes");
    expect(tally).toEqual([
      { key: "yes", answer: " yes", votes: 2, weight: 2 },
      { key: "no", answer: "No", votes: 1, weight: 1 },
    ]);
  });

  test("counts abstentions and failures apart, each as one of the samples", async () => {
    const broken = new Error("no route");
    const result = await vote(
      (ctx) => {
        switch (ctx.key) {
          case "0":
            return ctx.skip("cannot tell");
          case "1":
            throw broken;
          case "2":
            return null;
          case "3":
            return "unreadable";
          default:
            return "yes";
        }
      },
      { of: 6, key: (answer) => (answer === "unreadable" ? undefined : (answer ?? undefined)) },
    );
    expect(result).toMatchObject({
      winner: "yes",
      asked: 6,
      abstained: 3,
      failures: [{ key: "1", attempt: 1, error: broken }],
      tally: [{ key: "yes", votes: 2 }],
    });
  });

  test("is undecided where nobody voted", async () => {
    const result = await vote(async () => undefined, { of: 3 });
    expect(result).toMatchObject({
      verdict: "undecided",
      abstained: 3,
      tally: [],
      reason: "exhausted",
    });
    expect(await vote(async () => null)).toMatchObject({ verdict: "undecided", abstained: 3 });
    expect(await vote(async () => undefined, { of: 2, rule: unanimous() })).toMatchObject({
      verdict: "undecided",
      reason: "exhausted",
    });
  });

  test("lets one who is sure outweigh two who are not", async () => {
    const result = await vote(
      answering([
        { label: "cat", confidence: 0.3 },
        { label: "dog", confidence: 0.9 },
        { label: "cat", confidence: 0.4 },
      ]),
      { key: ({ label }) => label, weight: ({ confidence }) => confidence },
    );
    expect(result).toMatchObject({
      winner: { label: "dog" },
      tally: [
        { key: "dog", weight: 0.9, votes: 1 },
        { key: "cat", weight: 0.7, votes: 2 },
      ],
    });
  });

  test("lets nobody win without any weight", async () => {
    const result = await vote(async () => "yes", { weight: () => 0 });
    expect(result).toMatchObject({ verdict: "undecided", asked: 3 });
  });

  test("adds up weights exactly", async () => {
    const options = { of: 10, rule: threshold(1), weight: () => 0.1 };
    expect(await vote(async () => "yes", options)).toMatchObject({ winner: "yes", asked: 10 });
    // In millionths: three thirds are almost one.
    const thirds = { rule: threshold(1), weight: () => 1 / 3 };
    expect(await vote(async () => "yes", thirds)).toMatchObject({
      verdict: "undecided",
      tally: [{ weight: 0.999999 }],
    });
  });

  test("knows how much a vote may count when it asks whether others can catch up", async () => {
    const expert = { weight: (answer: string) => (answer === "expert" ? 3 : 1), maxWeight: 3 };
    // Two that agree can still be caught by one that counts three.
    const result = await vote(answering(["a", "a", "expert"]), expert);
    expect(result).toMatchObject({ winner: "expert", asked: 3 });
  });

  test.each([1.1, -0.1, Number.NaN])("fails the sample whose vote weighs %s", async (weight) => {
    const result = await vote(answering([weight, 0.5, 0.5]), {
      key: () => "yes",
      weight: (answer) => answer,
    });
    expect(result.failures).toMatchObject([{ key: "0", error: expect.any(RangeError) }]);
  });

  test("fails the sample whose key cannot be made", async () => {
    const unreadable = await vote(answering([9, 1, 1]), {
      key: (answer) => {
        if (answer === 9) throw new Error("unreadable");
        return answer;
      },
    });
    expect(unreadable.failures).toMatchObject([{ key: "0", error: { message: "unreadable" } }]);
  });

  test("runs no more than the limit allows, in more rounds", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const sample = timed(clock, order)(["a", "a", "a"]);
    const result = await vote(sample, { of: 5, limit: 2, clock });
    expect(order).toEqual(["0 at 0", "1 at 0", "2 at 10"]);
    expect(result).toMatchObject({ asked: 3, rounds: 2 });
  });

  test("starts more as soon as an answer shows that they are needed", async () => {
    const r = rig();
    const tasks = ["0", "1", "2", "3", "4"].map((name) => r.task<string>(name));
    const run = vote((ctx) => tasks[Number(ctx.key)]!.run(ctx), { of: 5, rule: lead(2) });
    await tasks[1]!.started;
    tasks[1]!.complete("a");
    await r.idle();
    expect(r.running).toEqual(["0"]);
    tasks[0]!.complete("b");
    await r.idle();
    expect(r.running).toEqual(["2", "3"]);
    tasks[3]!.complete("b");
    tasks[2]!.complete("b");
    expect(await run).toMatchObject({ winner: "b", asked: 4, saved: 1, rounds: 2, cancelled: 0 });
  });

  test("keeps more under way with ahead, and cancels what can no longer matter", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const sample = timed(clock, order)(["a", "b", "a", "a", "a"]);
    const options = { of: 5, rule: unanimous(), ahead: 2, clock };
    const result = await vote(sample, options);
    expect(order).toEqual([
      "0 at 0",
      "1 at 0",
      "2 at 0",
      "3 at 0",
      "2 stopped at 10",
      "3 stopped at 10",
    ]);
    expect(result).toMatchObject({
      verdict: "undecided",
      reason: "unreachable",
      asked: 4,
      cancelled: 2,
      saved: 1,
    });
  });

  test("never asks those that wait for a slot when a rule that asked too much is settled", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const sample = timed(clock, order)(["a", "b", "c", "d", "e"]);
    const result = await vote(sample, { of: 9, rule: greedy, limit: 3, clock });
    expect(order).toEqual(["0 at 0", "1 at 0", "2 at 0", "1 stopped at 10", "2 stopped at 10"]);
    expect(result).toMatchObject({ winner: "a", asked: 3, cancelled: 2, saved: 6 });
  });

  test("asks no more than there may be, whatever a rule needs", async () => {
    let asked = 0;
    const silent: VoteRule = { judge: () => ({ status: "open", needs: 5 }) };
    await vote(
      () => {
        asked += 1;
      },
      { of: 3, rule: silent, ahead: Infinity },
    );
    expect(asked).toBe(3);
  });

  test("counts a sample as failed that waits for what an abandoned one still holds", async () => {
    const clock = virtualClock();
    const run = vote(
      { run: () => new Promise<string>(() => {}), writes: ["file:/scratch"], timeoutMs: 10 },
      { clock, graceMs: 5, rule: { judge: () => ({ status: "open", needs: 1 }) } },
    );
    await expect(run).rejects.toMatchObject({
      errors: [
        { key: "0", error: { code: "TIMED_OUT" } },
        { key: "1", error: { code: "SKIPPED" } },
        { key: "2", error: { code: "SKIPPED" } },
      ],
    });
  });

  test("rejects with every failure where all samples failed", async () => {
    const run = vote(answering([new Error("a"), new Error("b"), new Error("c")]));
    await expect(run).rejects.toMatchObject({
      code: "TASKS_FAILED",
      errors: [{ key: "0" }, { key: "1" }, { key: "2" }],
    });
  });

  test("repeats a sample that may be repeated, and counts it once", async () => {
    const clock = virtualClock();
    const run = (ctx: TaskContext): string => {
      if (ctx.attempt === 1) throw new Error("busy");
      return "yes";
    };
    const result = await vote({ run, retry: { attempts: 2, delayMs: 50 } }, { clock });
    expect(result).toMatchObject({ winner: "yes", asked: 2, failures: [], rounds: 1 });
  });

  test("counts a sample that takes too long as failed", async () => {
    const clock = virtualClock();
    const sample = timed(clock, [])(["yes", "yes", "yes"]);
    const result = await vote(
      (ctx) => (ctx.key === "0" ? new Promise<string>(() => {}) : sample(ctx)),
      {
        clock,
        timeoutMs: 30,
        graceMs: 0,
      },
    );
    expect(result).toMatchObject({ winner: "yes", asked: 3 });
    expect(result.failures).toMatchObject([{ key: "0", error: { code: "TIMED_OUT" } }]);
  });

  test("does not count what a sample answers after its time", async () => {
    const clock = virtualClock();
    const late = ({ key, signal }: TaskContext): string | Promise<string> =>
      key === "0"
        ? new Promise((resolve) => signal.addEventListener("abort", () => resolve("late")))
        : "yes";
    const result = await vote(late, { clock, timeoutMs: 10 });
    expect(result).toMatchObject({
      winner: "yes",
      tally: [{ votes: 2 }],
      failures: [{ key: "0" }],
    });
  });

  test("asks no more when cancelled, also where samples run always", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const run = vote({ run: timed(clock, order)(["a", "b", "c"]), always: true }, { clock });
    clock.schedule(5, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ code: "CANCELLED" });
    expect(order).toEqual(["0 at 0", "1 at 0"]);
  });

  test("does not count a sample as asked that ran out of time before it started", async () => {
    const clock = virtualClock();
    const one = limit({ concurrency: 1 });
    const held = all([() => new Promise<void>((resolve) => void clock.schedule(7, resolve))], {
      limit: one,
    });
    const result = await vote(
      { run: async () => "yes", limit: one, deadlineMs: 5 },
      { clock, of: 2, rule: threshold(1), ahead: 0 },
    );
    expect(result).toMatchObject({
      winner: "yes",
      asked: 1,
      saved: 1,
      failures: [{ key: "0", attempt: 0 }],
      rounds: 1,
    });
    await held;
  });

  test.each(["signal", "cancel", "deadline"] as const)("rejects when ended by %s", async (how) => {
    const clock = virtualClock();
    const order: string[] = [];
    const controller = new AbortController();
    const run = vote(timed(clock, order)(["a", "b", "a"]), {
      clock,
      signal: controller.signal,
      ...(how === "deadline" && { deadlineMs: 5 }),
    });
    if (how !== "deadline") {
      clock.schedule(5, () =>
        how === "signal" ? controller.abort("enough") : run.cancel("enough"),
      );
    }
    await expect(run).rejects.toMatchObject(
      how === "deadline" ? { code: "TIMED_OUT" } : { code: "CANCELLED", reason: "enough" },
    );
    expect(order).toEqual(["0 at 0", "1 at 0", "0 stopped at 5", "1 stopped at 5"]);
    expect(clock.now()).toBe(5);
  });

  test("runs within a task, whose slot it is lent, and ends with it", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const sample = timed(clock, order)(["a", "a", "a"]);
    const { asked } = await scope(
      async (s) => await s.start("verdict", async (ctx) => await vote(sample, { within: ctx })),
      { clock, limit: 1 },
    );
    expect(asked).toBe(2);
    expect(order).toEqual(["0 at 0", "1 at 10"]);
    const run = all([async (ctx) => await vote(timed(clock, order)(["a"]), { within: ctx })], {
      clock,
    });
    clock.schedule(5, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ code: "CANCELLED" });
    expect(order.slice(2)).toEqual(["0 at 20", "1 at 20", "0 stopped at 25", "1 stopped at 25"]);
  });

  test("reports its samples as tasks", async () => {
    const run = vote(answering(["a", "b", "b"]), { report: "full", name: "verdict" });
    await run;
    expect(run.report.tasks).toEqual({ completed: 3, failed: 0, cancelled: 0, skipped: 0 });
    const started: number[] = [];
    for await (const event of run.events) {
      if (event.type === "attempt-started") started.push(event.taskId);
    }
    expect(started).toEqual([1, 2, 3]);
  });

  test("lets samples that write the same take turns", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const run = timed(clock, order)(["a", "a", "a"]);
    await vote({ run, writes: ["file:/scratch"] }, { clock });
    expect(order).toEqual(["0 at 0", "1 at 10"]);
  });

  test("runs every sample in the context of whoever asked", async () => {
    const storage = new AsyncLocalStorage<string>();
    const one = limit({ concurrency: 1 });
    const held = rig().task("held");
    const seen: (string | undefined)[] = [];
    // Its end lets the first sample start, and so begins whatever follows from that.
    const other = storage.run("other", () => all([held.run], { limit: one }));
    const run = async ({ key }: TaskContext): Promise<string> => {
      seen.push(storage.getStore());
      return key;
    };
    const asked = storage.run("caller", () => vote({ limit: one, run }));
    await held.started;
    storage.run("other", () => held.complete());
    await Promise.all([other, asked]);
    expect(seen).toEqual(["caller", "caller", "caller"]);
  });

  test("ends with what a rule throws, and cancels what is under way", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const broken = new Error("bad rule");
    const rule: VoteRule = {
      judge({ tally }) {
        if (tally.length > 0) throw broken;
        return { status: "open", needs: 2 };
      },
    };
    const run = vote(timed(clock, order)(["a", "b", "c"]), { rule, clock });
    await expect(run).rejects.toBe(broken);
    expect(order).toEqual(["0 at 0", "1 at 0", "1 stopped at 10"]);
  });

  test.each([
    ["needs nothing and is open", { status: "open", needs: 0 }],
    ["needs no number", { status: "open", needs: Number.NaN }],
    [
      "names a winner that nobody voted for",
      { status: "settled", winners: ["z"], reason: "decided" },
    ],
  ] as const)("refuses a rule that %s", async (_, ruling) => {
    const rule: VoteRule = {
      judge: ({ tally }) => (tally.length === 0 ? { status: "open", needs: 1 } : ruling),
    };
    await expect(vote(async () => "a", { rule })).rejects.toThrow(RangeError);
  });

  test("refuses answers that are objects without a key, before it asks the others", async () => {
    let asked = 0;
    const run = vote(
      async () => {
        asked += 1;
        return { label: "cat" };
      },
      { of: 40, limit: 1 },
    );
    await expect(run).rejects.toThrow(TypeError);
    expect(asked).toBe(1);
  });

  test.each([
    ["no samples", { of: 0 }],
    ["a part of a sample", { of: 2.5 }],
    ["less than none ahead", { ahead: -1 }],
    ["votes that cannot count", { maxWeight: 0 }],
    ["no largest weight", { maxWeight: Infinity }],
    ["a threshold out of reach", { of: 3, rule: threshold(4) }],
  ])("refuses %s", (_, options) => {
    const ask = (): unknown => vote(async () => "a", options);
    expect(ask).toThrow(RangeError);
    expect(ask).toThrow(/"of"|"ahead"|"maxWeight"|settled without any/);
  });

  test.each([
    () => threshold(0),
    () => lead(Number.NaN),
    () => lead(Infinity),
    () => window(1),
    () => window(2.5),
    () => beta({ confidence: 0.5 }),
    () => beta({ confidence: 1 }),
  ])("refuses the rule %s", (make) => {
    expect(make).toThrow(RangeError);
  });

  test("shares a rule between votes", async () => {
    const rule = beta();
    const asked = [
      vote(async () => "a", { of: 40, rule }),
      vote(async () => "b", { of: 40, rule }),
    ];
    expect((await Promise.all(asked)).map(({ winner, asked }) => [winner, asked])).toEqual([
      ["a", 4],
      ["b", 4],
    ]);
  });

  test("waits for samples that ignore the cancel until their grace is over", async () => {
    const clock = virtualClock();
    const r = rig({ clock });
    const stubborn = r.task<string>("stubborn", { ignoresCancel: true });
    const result = await vote((ctx) => (ctx.key === "0" ? "a" : stubborn.run(ctx)), {
      of: 2,
      rule: threshold(1),
      ahead: 1,
      clock,
      graceMs: 100,
    });
    expect(result).toMatchObject({ winner: "a", asked: 2, cancelled: 1 });
    expect(clock.now()).toBe(100);
    stubborn.complete("b");
  });

  test("tells how the votes stand, also where a deadline ends it", async () => {
    const clock = virtualClock();
    const after = (ms: number) =>
      new Promise<string>((resolve) => void clock.schedule(ms, () => resolve(`x${ms}`)));
    const options = { of: 3, rule: threshold(3), clock, deadlineMs: 50, graceMs: 0 };
    const run = vote(async ({ key }) => await after([20, 80, 90][Number(key)] ?? 0), options);
    expect(run.tally).toEqual([]);
    await expect(run).rejects.toThrow("deadline");
    expect(run.tally).toEqual([{ key: "x20", answer: "x20", votes: 1, weight: 1 }]);
  });

  test("takes majority for a rule, and three for a number", async () => {
    const answers = ["a", "b", "b"];
    expect(await vote(answering(answers))).toEqual(
      await vote(answering(answers), { of: 3, rule: majority() }),
    );
  });
});
