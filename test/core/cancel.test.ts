import { describe, expect, test } from "vitest";
import {
  all,
  first,
  hedge,
  hedging,
  limit,
  map,
  mapReduce,
  scope,
  settle,
  vote,
  type RunOptions,
  type TaskContext,
  type TaskHandle,
} from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** Runs until its signal is aborted, then rejects with the reason. */
const untilAborted = ({ signal }: TaskContext): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

describe("cancel", () => {
  test("settles a waiting task at once, without running it", async () => {
    let ran = false;
    const outcomes = await scope(
      async (s) => {
        const busy = s.start("busy", untilAborted);
        const waiting = s.start("waiting", () => {
          ran = true;
        });
        await Promise.resolve();
        waiting.cancel("not needed");
        const outcome = waiting.outcome;
        busy.cancel("done");
        return [outcome, await busy.settled()];
      },
      { limit: 1, failure: "continue" },
    );
    expect(outcomes).toMatchObject([
      { status: "cancelled", reason: "not needed", attempts: 0 },
      { status: "cancelled", reason: "done", abandoned: false },
    ]);
    expect(ran).toBe(false);
  });

  test("does nothing the second time", async () => {
    const outcome = await scope(
      async (s) => {
        const task = s.start("task", untilAborted);
        await Promise.resolve();
        task.cancel("first");
        task.cancel("second");
        return await task.settled();
      },
      { failure: "continue" },
    );
    expect(outcome).toMatchObject({ status: "cancelled", reason: "first" });
  });

  test("reaches the children of a task that has returned", async () => {
    let child: TaskHandle<never> | undefined;
    const outcome = await scope(
      async (s) => {
        const parent = s.start("parent", (ctx) => {
          child = ctx.start("child", untilAborted);
        });
        await Promise.resolve();
        await Promise.resolve();
        expect(parent.state).toBe("settling");
        parent.cancel("enough");
        return await parent.settled();
      },
      { failure: "continue" },
    );
    expect(outcome).toMatchObject({ status: "cancelled", reason: "enough" });
    expect(child?.outcome).toMatchObject({ status: "cancelled", reason: "enough" });
  });

  test("ends a scope whose body still starts tasks", async () => {
    const controller = new AbortController();
    const started: string[] = [];
    const run = scope(
      async (s) => {
        for (let index = 0; index < 10; index += 1) {
          s.start(`task ${index}`, untilAborted);
          started.push(`task ${index}`);
          await Promise.resolve();
          if (index === 3) {
            controller.abort(new Error("stop now"));
          }
        }
      },
      { signal: controller.signal },
    );
    await expect(run).rejects.toMatchObject({ code: "CANCELLED", cause: new Error("stop now") });
    expect(started).toEqual(["task 0", "task 1", "task 2", "task 3"]);
  });

  test.each<[string, (options: RunOptions, note: () => void) => PromiseLike<unknown>]>([
    ["all", (options, note) => all([note, note], options)],
    ["first", (options, note) => first(1, [note, note], options)],
    ["scope", (options, note) => scope((s) => void s.start("a", note), options)],
    ["vote", (options, note) => vote(note, options)],
    ["map", (options, note) => map([1, 2], note, { ...options, limit: 1 }).toArray()],
    [
      "map by a kernel",
      (options, note) => map([1], note, { ...options, limit: limit(1) }).toArray(),
    ],
    [
      "mapReduce",
      (options, note) => mapReduce([1], { ...options, limit: 1, map: note, reduce: note }),
    ],
    ["hedge", (options, note) => hedge(note, { ...options, idempotent: true, hedging: hedging() })],
  ])("by a signal that was aborted before lets nothing of %s start", async (_, start) => {
    let started = 0;
    const note = (): void => void (started += 1);
    const options = { signal: AbortSignal.abort("too late") };
    const expected = { code: "CANCELLED", reason: "too late" };
    await expect(start(options, note)).rejects.toMatchObject(expected);
    await scope(async (s) => {
      await s.start("around", async (within) => {
        await expect(start({ ...options, within }, note)).rejects.toMatchObject(expected);
      });
    });
    expect(started).toBe(0);
  });

  test("before it began cancels every task, and tells how each ended", async () => {
    let started = 0;
    const note = (): void => void (started += 1);
    const cancelled = { status: "cancelled", attempts: 0, reason: "too late" };
    const tasks = { a: note, b: { priority: 1, run: note } };
    const signal = AbortSignal.abort("too late");
    expect(await settle(tasks, { signal })).toMatchObject({ a: cancelled, b: cancelled });
    const run = settle(tasks);
    run.cancel("too late");
    expect(await run).toMatchObject({ a: cancelled, b: cancelled });
    expect(started).toBe(0);
  });

  test("of one for whom a limit was kept free lets those behind it start at once", async () => {
    const r = rig();
    const slots = limit(2);
    const [long, short, next] = [r.task("long"), r.task("short"), r.task("next")];
    await scope(
      async (s) => {
        s.start("long", long.run);
        await long.started;
        const heavy = s.start("heavy", { weight: 2, priority: 1, run: () => undefined });
        // As much passes it as the limit holds.
        s.start("first", () => undefined);
        s.start("short", short.run);
        s.start("next", next.run);
        await short.started;
        short.complete();
        await r.idle();
        expect(r.running).toEqual(["long"]);
        heavy.cancel();
        await r.idle();
        expect(r.running).toEqual(["long", "next"]);
        next.complete();
        long.complete();
      },
      { limit: slots, failure: "continue" },
    );
  });

  test("of one that was to be repeated lets those be skipped that wait for abandoned work", async () => {
    const clock = virtualClock();
    const outcomes = await scope(
      async (s) => {
        const hung = s.start("hung", { writes: ["f"], timeoutMs: 1, graceMs: 1, run: never });
        const flaky = s.start("flaky", {
          retry: { attempts: 2, delayMs: 1_000_000, jitter: "none" },
          run: () => Promise.reject(new Error("flaky")),
        });
        const blocked = s.start("blocked", { reads: ["f"], run: () => 1 });
        clock.schedule(10, () => flaky.cancel());
        return await Promise.all([hung.settled(), flaky.settled(), blocked.settled()]);
      },
      { clock, failure: "continue" },
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["failed", "cancelled", "skipped"]);
    expect(clock.now()).toBe(10);
  });

  test("does not keep a task from cleaning up that runs always", async () => {
    let cleaned = false;
    const cleanup = { always: true, run: () => void (cleaned = true) };
    await settle({ cleanup }, { signal: AbortSignal.abort() });
    expect(cleaned).toBe(true);
  });

  test("abandons a task that never ends after its grace, and the outcome says so", async () => {
    const clock = virtualClock();
    const run = settle({ stubborn: never }, { clock, graceMs: 250 });
    clock.schedule(10, () => run.cancel("enough"));
    expect(await run).toMatchObject({
      stubborn: { status: "cancelled", reason: "enough", abandoned: true },
    });
    expect(clock.now()).toBe(260);
  });

  test("leaves tasks that run always alone, and they still come after the others", async () => {
    const order: string[] = [];
    const run = all({
      work: async () => {
        order.push("work");
        await Promise.resolve();
        throw new Error("broken");
      },
      never: { after: ["work"], run: () => order.push("never") },
      teardown: {
        after: [{ task: "work", until: "settled" }],
        always: true,
        run: async () => {
          await Promise.resolve();
          order.push("teardown");
        },
      },
    });
    await expect(run).rejects.toMatchObject({ code: "TASKS_FAILED" });
    expect(order).toEqual(["work", "teardown"]);
  });

  test("removes its listener from the signal it was given", async () => {
    let listeners = 0;
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await settle(
      Array.from({ length: 1000 }, () => () => 1),
      { signal, limit: 4 },
    );
    expect(listeners).toBe(0);
  });
});

describe("failure", () => {
  test("keeps its identity and comes first, whatever fails after it", async () => {
    const first = new Error("first");
    const run = all({
      a: () => {
        throw first;
      },
      b: async ({ signal }: TaskContext) => {
        await untilAborted({ signal } as TaskContext).catch(() => {
          throw new Error("second");
        });
      },
    });
    const error: unknown = await run.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "TASKS_FAILED", errors: [{ key: "a", attempt: 1 }] });
    expect((error as Error).cause).toBe(first);
  });

  test("of undefined is a failure like any other", async () => {
    const outcomes = await settle([() => Promise.reject(undefined)]);
    expect(outcomes).toEqual([
      { status: "failed", key: "0", attempts: 1, error: undefined, abandoned: false },
    ]);
  });

  test("with failure continue lets everything end, then throws all errors together", async () => {
    const ended: number[] = [];
    const run = all(
      [1, 2, 3].map((index) => async () => {
        await Promise.resolve();
        ended.push(index);
        if (index !== 2) {
          throw new Error(String(index));
        }
      }),
      { failure: "continue" },
    );
    await expect(run).rejects.toMatchObject({ errors: [{ key: "0" }, { key: "2" }] });
    expect(ended).toEqual([1, 2, 3]);
  });

  test("skips those that come after, with the cause, and nobody else", async () => {
    const outcomes = await settle({
      a: () => Promise.reject(new Error("a")),
      b: { after: ["a"], run: () => 1 },
      c: { after: ["b"], run: () => 1 },
      d: () => 2,
    });
    expect(outcomes).toMatchObject({
      b: { status: "skipped", because: { kind: "dependency", task: "a", status: "failed" } },
      c: { status: "skipped", because: { kind: "dependency", task: "b", status: "skipped" } },
      d: { status: "completed", value: 2 },
    });
  });

  test("accepts a thenable that reports twice, once", async () => {
    const twice = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (value: number) => void, reject: (error: Error) => void) {
        resolve(1);
        reject(new Error("second"));
        resolve(2);
      },
    } as PromiseLike<number>;
    expect(await settle([() => twice])).toMatchObject([{ status: "completed", value: 1 }]);
  });
});

describe("retry", () => {
  test.each(["by its handle", "by the failure of another", "while what it started still stops"])(
    "ends when the task is cancelled while an attempt that has failed still stops, %s",
    async (how) => {
      const clock = virtualClock({ autojump: false });
      const r = rig({ clock });
      const slow = r.task("slow", { ignoresCancel: true });
      const other = r.task("other");
      const isInside = how.startsWith("while");
      const outcome = scope(
        async (s) => {
          s.start("other", other);
          const task = s.start("task", {
            retry: { attempts: 3, delayMs: 10, jitter: "none" },
            timeoutMs: isInside ? undefined : 5,
            run: async (ctx) => {
              if (!isInside) {
                return await slow.run(ctx);
              }
              ctx.start("inside", slow);
              await slow.started;
              throw new Error("failed");
            },
          });
          await r.idle();
          await clock.advance(5);
          if (how === "by the failure of another") {
            other.fail(new Error("other"));
          } else {
            task.cancel("not wanted");
          }
          await r.idle();
          slow.complete();
          await r.idle();
          await clock.advance(1000);
          if (other.state === "running") {
            other.complete();
          }
          return await task.settled();
        },
        { clock, failure: how === "by the failure of another" ? "stop" : "continue" },
      );
      await outcome.catch(() => undefined);
      expect(slow.attempts).toBe(1);
    },
  );

  test("repeats a failed attempt after its delay, holding no slot", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const outcomes = await settle(
      {
        flaky: {
          retry: { attempts: 3, delayMs: 100, jitter: "none" },
          run: ({ attempt }: TaskContext) => {
            order.push(`flaky ${attempt} at ${clock.now()}`);
            return attempt < 3 ? Promise.reject(new Error("again")) : Promise.resolve(attempt);
          },
        },
        other: () => void order.push(`other at ${clock.now()}`),
      },
      { limit: 1, clock },
    );
    expect(outcomes.flaky).toMatchObject({ status: "completed", value: 3, attempts: 3 });
    expect(order).toEqual(["flaky 1 at 0", "other at 0", "flaky 2 at 100", "flaky 3 at 300"]);
  });

  test("never follows an abandoned attempt", async () => {
    const outcomes = await settle(
      { hung: { retry: 3, timeoutMs: 5, run: never } },
      { clock: virtualClock(), graceMs: 5 },
    );
    expect(outcomes.hung).toMatchObject({ status: "failed", attempts: 1, abandoned: true });
  });
});

describe("clocks", () => {
  test("timeoutMs counts the running of one attempt, never the queue", async () => {
    const clock = virtualClock();
    const work = (): Promise<void> => new Promise((resolve) => void clock.schedule(8, resolve));
    const outcomes = await settle([work, work, work], { limit: 1, timeoutMs: 10, clock });
    expect(outcomes.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
  });

  test("deadlineMs of a run is told by the name of the run", async () => {
    const clock = virtualClock();
    const options = { clock, name: "research", graceMs: 0, deadlineMs: 5 };
    await expect(all([never], options)).rejects.toThrow(
      'Cannot finish "research" as its deadline passed: it may take 5 ms, waiting included',
    );
  });

  test("deadlineMs counts the queue as well", async () => {
    const clock = virtualClock();
    const work = (): Promise<void> => new Promise((resolve) => void clock.schedule(8, resolve));
    const outcomes = await settle([work, { deadlineMs: 5, run: work }], { limit: 1, clock });
    expect(outcomes[1]).toMatchObject({
      status: "failed",
      attempts: 0,
      error: { clock: "deadline" },
    });
  });

  test("leave no timer behind when all is done", async () => {
    const clock = virtualClock({ autojump: false });
    await settle([() => 1], { timeoutMs: 1000, deadlineMs: 1000, clock });
    expect(clock.pending).toBe(0);
  });
});
