// A timeout releases the caller; what is claimed stays claimed until the work has really stopped.
import { describe, expect, test } from "vitest";
import { toolbox } from "../../src/tools/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { call, heldTools, statuses } from "./support.ts";

const write = {
  name: "write",
  writes: (key: unknown) => `db:${String(key)}`,
  timeoutMs: 100,
} as const;

describe("a call that takes too long", () => {
  test("is answered at its timeout, told to stop, and keeps its claims until it has", async () => {
    const { box, task, clock, rig } = heldTools([write], { stubborn: ["1"], graceMs: 1000 });
    const turn = box.turn();
    turn.call(call("1", "write", "a"));
    turn.call(call("2", "write", "a"));
    turn.call(call("3", "write", "b"));
    turn.commit();
    await rig.idle();
    task("3").complete(3);
    await clock.advance(99);
    expect(task("1").signal.aborted).toBe(false);
    await clock.advance(1);
    expect(await turn.result("1")).toMatchObject({
      status: "timed-out",
      isError: true,
      attempts: 1,
      queuedMs: 0,
      runMs: 100,
      text: "write was told to stop as it took longer than 100 ms. What it did until then may have had its effect. Try less at once.",
    });
    expect(task("1").signal.aborted).toBe(true);
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    task("1").complete("late");
    await task("2").started;
    task("2").complete(2);
    expect(statuses(await turn.results())).toEqual(["1 timed-out", "2 completed", "3 completed"]);
    expect((await turn.result("1")).output).toBeUndefined();
  });

  test("has not timed out while it waits: for claims, slots, consent or the commit", async () => {
    const guarded = { ...write, name: "guarded", needsApproval: () => true };
    let consent: (() => void) | undefined;
    const { box, task, clock, rig } = heldTools([write, guarded], {
      limit: 1,
      approve: () =>
        new Promise((resolve) => {
          consent = () => resolve(true);
        }),
    });
    const turn = box.turn();
    turn.call(call("1", "write", "a"));
    turn.call(call("2", "write", "a"));
    turn.call(call("3", "guarded", "b"));
    turn.call(call("4", "write", "c"));
    await clock.advance(5000);
    turn.commit();
    await rig.idle();
    await clock.advance(90);
    task("1").complete(1);
    await rig.idle();
    for (const id of rig.running) {
      await clock.advance(90);
      task(id).complete(id);
      await rig.idle();
    }
    for (const id of rig.running) {
      await clock.advance(90);
      task(id).complete(id);
      await rig.idle();
    }
    await clock.advance(5000);
    consent?.();
    await task("3").started;
    await clock.advance(90);
    task("3").complete(3);
    expect((await turn.results()).map(({ status, runMs }) => `${status} ${runMs}`)).toEqual(
      Array(4).fill("completed 90"),
    );
  });

  test("with attempts left is tried again only when the attempt before has stopped", async () => {
    const retry = { attempts: 2, delayMs: 10, jitter: "none" } as const;
    const tool = { ...write, idempotent: true, retry };
    const { box, task, clock, rig } = heldTools([tool], { stubborn: ["1"], graceMs: 1000 });
    const turn = box.turn();
    turn.call(call("1", "write", "a"));
    turn.call(call("2", "write", "a"));
    turn.commit();
    await rig.idle();
    await clock.advance(500);
    await rig.idle();
    expect(task("1").attempts).toBe(1);
    task("1").complete("late");
    await rig.idle();
    await clock.advance(10);
    await task("1").attempt(2);
    await clock.advance(100);
    expect(await turn.result("1")).toMatchObject({
      status: "timed-out",
      attempts: 2,
      queuedMs: 10,
      runMs: 600,
    });
    await rig.idle();
    expect(task("2").attempts).toBe(0);
    task("1").complete("later still");
    await task("2").started;
    task("2").complete(2);
    expect(statuses(await turn.results())).toEqual(["1 timed-out", "2 completed"]);
  });

  test("that stops, and throws something else while it does, has timed out", async () => {
    const clock = virtualClock();
    const box = toolbox(
      [
        {
          name: "t",
          timeoutMs: 10,
          run: (_, { signal }) =>
            new Promise((_resolve, reject) =>
              signal.addEventListener("abort", () => reject(new Error("socket hung up"))),
            ),
        },
      ],
      { clock },
    );
    expect(statuses(await box.run([call("1", "t")]))).toEqual(["1 timed-out"]);
  });

  test("outlives its grace as abandoned: a later conflicting call is skipped, and names it", async () => {
    const { box, task, clock, rig } = heldTools([write], { stubborn: ["slow"], graceMs: 1000 });
    const first = box.turn();
    first.call(call("slow", "write", "a"));
    first.commit();
    await rig.idle();
    await clock.advance(100);
    expect(statuses(await first.results())).toEqual(["slow timed-out"]);
    const second = box.turn();
    second.call(call("2", "write", "a"));
    second.call(call("3", "write", "b"));
    second.commit();
    await task("3").started;
    task("3").complete(3);
    expect(await second.result("3")).toMatchObject({ status: "completed" });
    await rig.idle();
    expect(task("2").state).toBe("waiting");
    await clock.advance(1000);
    const result = await second.result("2");
    expect(result).toMatchObject({ status: "skipped", attempts: 0 });
    expect(result.text).toBe(
      'write was not run: it would touch what call "slow" touches, and that one does not stop although it was told to.',
    );
    await box.idle();
    const third = box.run([call("4", "write", "a")]);
    expect(statuses(await third)).toEqual(["4 skipped"]);
    task("slow").complete("very late");
    await rig.idle();
    const fourth = box.run([call("5", "write", "a")]);
    await task("5").started;
    task("5").complete(5);
    expect(statuses(await fourth)).toEqual(["5 completed"]);
  });

  test("in an earlier turn and stops in its grace: a later conflicting call waits, then runs", async () => {
    const { box, task, clock, rig } = heldTools([write], { stubborn: ["1"], graceMs: 1000 });
    const first = box.run([call("1", "write", "a")]);
    await rig.idle();
    await clock.advance(100);
    expect(statuses(await first)).toEqual(["1 timed-out"]);
    let isIdle = false;
    const idle = (async () => {
      await box.idle();
      isIdle = true;
    })();
    const second = box.run([call("2", "write", "a")]);
    await rig.idle();
    expect([task("2").state, isIdle]).toEqual(["waiting", false]);
    await clock.advance(500);
    task("1").complete("late");
    await task("2").started;
    task("2").complete(2);
    expect(await second).toMatchObject([
      { status: "completed", queuedMs: 500, waits: [{ reason: "claim", on: ["1"] }] },
    ]);
    await idle;
  });

  test("is not the one that waits for it: a tool that throws the timeout of something else has failed", async () => {
    const clock = virtualClock();
    const box = toolbox(
      [
        {
          name: "outer",
          run: async (_, ctx) => {
            const [inner] = await box.run([call("1", "inner")], { within: ctx });
            throw inner?.error;
          },
        },
        { name: "inner", timeoutMs: 10, run: () => new Promise(() => undefined) },
      ],
      { clock, graceMs: 10 },
    );
    expect(statuses(await box.run([call("1", "outer")]))).toEqual(["1 failed"]);
  });

  test("takes its inner calls with it, which are cancelled, whatever their ids", async () => {
    const clock = virtualClock();
    const inside: string[][] = [];
    const box = toolbox(
      [
        {
          name: "outer",
          timeoutMs: 10,
          run: async (_, ctx) => {
            const turn = box.turn({ within: ctx });
            turn.call(call("1", "inner"));
            turn.commit();
            const [inner] = await Promise.allSettled([turn.result("1")]);
            const result = await new Promise<string>((resolve) => {
              clock.schedule(1, () =>
                resolve(
                  turn
                    .report()
                    .calls.map(({ id, status }) => `${id} ${status}`)
                    .join(),
                ),
              );
            });
            inside.push([inner?.status ?? "", result]);
          },
        },
        {
          name: "inner",
          parallel: true,
          timeoutMs: 10,
          run: (_, { signal }) =>
            new Promise((_resolve, reject) =>
              signal.addEventListener("abort", () => reject(signal.reason as Error)),
            ),
        },
      ],
      { clock, graceMs: 1000 },
    );
    expect(statuses(await box.run([call("1", "outer")]))).toEqual(["1 timed-out"]);
    await box.idle();
    expect(inside).toEqual([["rejected", "1 cancelled"]]);
  });
});
