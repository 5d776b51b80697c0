import { getEventListeners } from "node:events";
import { describe, expect, expectTypeOf, test } from "vitest";
import { all, limit, scope, settle } from "../../src/index.ts";
import { rig, virtualClock, type HeldTask } from "../../src/testing/index.ts";

describe("a held task", () => {
  test("runs until the test completes it, and returns what the test says", async () => {
    const r = rig();
    const a = r.task<number>("a");
    const b = r.task("b");
    const run = settle({ a: a.run, b: { after: ["a"], run: b.run } });
    await a.started;
    a.complete(1);
    await b.started;
    b.complete();
    expect(await run).toMatchObject({ a: { value: 1 }, b: { value: undefined } });
    expect(r.order).toEqual(["a started", "a completed", "b started", "b completed"]);
  });

  test("throws what the test says, unchanged", async () => {
    const a = rig().task("a");
    const error = new Error("no route");
    const run = settle({ a });
    await a.started;
    a.fail(error);
    const outcomes = await run;
    expect(outcomes.a.status === "failed" && outcomes.a.error).toBe(error);
  });

  test("is a task by itself, in every shape, and keeps its type", async () => {
    const r = rig();
    const a = r.task<number>("a");
    const b = r.task<string>("b");
    const run = all([a, { ...b, weight: 1 }]);
    await r.idle();
    a.complete(1);
    b.complete("x");
    const values = await run;
    expectTypeOf(values).toEqualTypeOf<[number, string]>();
    expect(values).toEqual([1, "x"]);
  });

  test("is waiting, then running, then what became of it", async () => {
    const r = rig();
    const tasks = ["a", "b", "c"].map((name) => r.task(name)) as [
      HeldTask<void>,
      HeldTask<void>,
      HeldTask<void>,
    ];
    const [a, b, c] = tasks;
    const states = (): readonly string[] => tasks.map(({ state }) => state);
    expect(states()).toEqual(["waiting", "waiting", "waiting"]);
    const run = settle(tasks);
    await r.idle();
    expect(states()).toEqual(["running", "running", "running"]);
    expect(r.running).toEqual(["a", "b", "c"]);
    b.fail(new Error("b"));
    a.complete();
    expect(r.running).toEqual(["c"]);
    run.cancel();
    await run;
    expect(states()).toEqual(["completed", "failed", "cancelled"]);
    expect(c.attempts).toBe(1);
    expect(r.running).toEqual([]);
  });

  test("that is cancelled ends at once by throwing the reason of its signal", async () => {
    const r = rig();
    const a = r.task("a");
    const reason = new Error("enough");
    const run = settle({ a });
    await a.started;
    run.cancel(reason);
    expect(r.order).toEqual(["a started", "a cancelled"]);
    expect(a.signal.reason).toBe(reason);
    expect(await run).toMatchObject({ a: { status: "cancelled", abandoned: false } });
  });

  test("that ignores cancel goes on until the test ends it", async () => {
    const r = rig();
    const a = r.task("a", { ignoresCancel: true });
    const run = settle({ a });
    await a.started;
    run.cancel("enough");
    await r.idle();
    expect(a.signal.aborted).toBe(true);
    expect(a.state).toBe("running");
    a.complete();
    expect(await run).toMatchObject({ a: { status: "cancelled", abandoned: false } });
  });

  test("that ignores cancel is abandoned after the grace, and still ends when the test says so", async () => {
    const clock = virtualClock();
    const r = rig({ clock });
    const a = r.task("a", { ignoresCancel: true });
    const run = settle({ a }, { clock, graceMs: 50, timeoutMs: 100 });
    expect(await run).toMatchObject({ a: { status: "failed", abandoned: true } });
    expect(clock.now()).toBe(150);
    expect(r.running).toEqual(["a"]);
    a.complete();
    expect(r.order).toEqual(["a started", "a completed"]);
  });

  test("handed a signal that is aborted already starts and ends", async () => {
    const r = rig();
    const a = r.task("a");
    const reason = new Error("before");
    await expect(a.run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(r.order).toEqual(["a started", "a cancelled"]);
  });

  test("leaves no listener on its signal", async () => {
    const { signal } = new AbortController();
    const a = rig().task("a");
    const run = a.run({ signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    a.complete();
    await run;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("that is retried can be awaited by attempt, each with a signal of its own", async () => {
    const clock = virtualClock();
    const r = rig({ clock });
    const a = r.task<string>("a");
    const run = settle(
      { a: { retry: { attempts: 3, delayMs: 100, jitter: "none" }, run: a.run } },
      { clock },
    );
    await a.attempt(1);
    const first = a.signal;
    a.fail(new Error("again"));
    expect(a.state).toBe("failed");
    await a.attempt(2);
    expect([a.attempts, a.state, clock.now()]).toEqual([2, "running", 100]);
    expect(a.signal).not.toBe(first);
    a.complete("done");
    expect(await run).toMatchObject({ a: { value: "done", attempts: 2 } });
    expect(r.order).toEqual(["a started", "a failed", "a started", "a completed"]);
  });

  test("tells everybody who waits for its start, also those who come later", async () => {
    const a = rig().task("a");
    const early = Promise.all([a.started, a.attempt(1)]);
    const run = settle({ a });
    await early;
    a.complete();
    await run;
    await a.started;
    expect(a.attempts).toBe(1);
  });

  test("refuses to end while it does not run", async () => {
    const r = rig();
    const a = r.task<number>("a");
    expect(() => a.complete(1)).toThrow(
      new TypeError('Cannot complete held task "a" as it is not running: waiting'),
    );
    const run = settle({ a });
    await a.started;
    a.complete(1);
    await run;
    expect(() => a.fail(new Error("late"))).toThrow(
      new TypeError('Cannot fail held task "a" as it is not running: completed'),
    );
    expect(r.order).toEqual(["a started", "a completed"]);
  });

  test("refuses to run twice at once", async () => {
    const a = rig().task("a");
    const run = settle([a, a]);
    await a.started;
    a.complete();
    expect(await run).toMatchObject([
      { status: "completed" },
      {
        status: "failed",
        error: new TypeError(
          'Cannot start held task "a" as it can run only once at a time: running',
        ),
      },
    ]);
  });

  test("has no signal before it has started", () => {
    const a = rig().task("a");
    expect(() => a.signal).toThrow(
      new TypeError('Cannot read the signal of held task "a" as it has not started: waiting'),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses to wait for its attempt %d", (number) => {
    const a = rig().task("a");
    expect(() => a.attempt(number)).toThrow(RangeError);
  });
});

describe("a rig", () => {
  test("refuses two tasks of one name", () => {
    const r = rig();
    r.task("a");
    expect(() => r.task("a")).toThrow(
      new RangeError('Cannot hold a task as its name must be new to the rig: "a"'),
    );
    expect(rig().task("a").state).toBe("waiting");
  });

  test("lists what runs in the order of starting, a task that starts again last", async () => {
    const r = rig();
    const a = r.task("a");
    const b = r.task("b");
    const { signal } = new AbortController();
    const first = a.run({ signal });
    const other = b.run({ signal });
    expect(r.running).toEqual(["a", "b"]);
    a.complete();
    const second = a.run({ signal });
    expect(r.running).toEqual(["b", "a"]);
    a.complete();
    b.complete();
    await Promise.all([first, other, second]);
  });
});

describe("idle", () => {
  test("resolves when no more task can start, so that not starting can be asserted", async () => {
    const r = rig();
    const names = ["a", "b", "c"];
    const tasks = names.map((name) => r.task(name));
    const run = settle(tasks, { limit: limit(2) });
    await r.idle();
    expect(r.running).toEqual(["a", "b"]);
    tasks[1]?.complete();
    await r.idle();
    expect(r.running).toEqual(["a", "c"]);
    run.cancel();
    await run;
  });

  test("waits for long chains of promises and turns of the event loop from one start to the next", async () => {
    const r = rig();
    const tasks = ["a", "b", "c"].map((name) => r.task(name));
    const run = scope(async (s) => {
      for (const task of tasks) {
        s.start(task.name, task);
        for (let turn = 0; turn < 7; turn += 1) {
          await new Promise(setImmediate);
          for (let step = 0; step < 1000; step += 1) {
            await Promise.resolve();
          }
        }
      }
    });
    await r.idle();
    expect(r.running).toEqual(["a", "b", "c"]);
    tasks.forEach((task) => task.complete());
    await run;
  });

  test("lets no time pass beside a clock that does not jump", async () => {
    const clock = virtualClock({ autojump: false });
    const r = rig({ clock });
    const a = r.task("a");
    const run = settle({ a }, { clock, timeoutMs: 100 });
    await r.idle();
    expect([a.state, clock.now(), clock.pending]).toEqual(["running", 0, 1]);
    await clock.advance(99);
    expect(a.state).toBe("running");
    await clock.advance(1);
    expect(a.state).toBe("cancelled");
    expect(await run).toMatchObject({ a: { status: "failed", error: { code: "TIMED_OUT" } } });
  });

  test("lets all timers fire beside a clock that jumps, also where they change nothing it could see", async () => {
    const clock = virtualClock();
    const r = rig({ clock });
    const fired: number[] = [];
    const again = (left: number): void => {
      fired.push(clock.now());
      if (left > 0) {
        clock.schedule(10, () => again(left - 1));
        clock.schedule(5, () => undefined).cancel();
      }
    };
    clock.schedule(10, () => again(20));
    await r.idle();
    expect(fired).toHaveLength(21);
    expect([clock.now(), clock.pending]).toEqual([210, 0]);
  });

  test("lets all timers of one moment fire beside a clock that jumps", async () => {
    const clock = virtualClock();
    let fired = 0;
    for (let number = 0; number < 20; number += 1) {
      clock.schedule(10, () => (fired += 1));
    }
    await rig({ clock }).idle();
    expect([fired, clock.now(), clock.pending]).toEqual([20, 10, 0]);
  });

  test("waits for retries on a clock that jumps", async () => {
    const clock = virtualClock();
    const r = rig({ clock });
    const a = r.task("a");
    const run = settle({ a: { retry: 2, run: a.run } }, { clock });
    await a.started;
    a.fail(new Error("again"));
    await r.idle();
    expect(a.attempts).toBe(2);
    a.complete();
    await run;
  });
});
