import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import {
  all,
  map,
  scope,
  settle,
  type RunEvent,
  type Scope,
  type TaskContext,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

describe("a run", () => {
  test("runs each task in the asynchronous context of whoever added it", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = await scope(
      async (s) => {
        const names = ["a", "b", "c"];
        const handles = names.map((name) =>
          storage.run(name, () =>
            s.start(name, async () => {
              await Promise.resolve();
              return storage.getStore();
            }),
          ),
        );
        return await Promise.all(handles);
      },
      { limit: 1 },
    );
    expect(seen).toEqual(["a", "b", "c"]);
  });

  test("tells its events in order, to a reader who comes late as well", async () => {
    const run = settle({ a: () => 1 }, { report: "full", name: "small", clock: virtualClock() });
    await run;
    const types: string[] = [];
    for await (const event of run.events) {
      types.push(event.type);
    }
    expect(types).toEqual([
      "run-started",
      "task-added",
      "attempt-started",
      "attempt-completed",
      "task-settled",
      "run-settled",
    ]);
  });

  test("gives results under any key, also one with a meaning of its own", async () => {
    const tasks = Object.fromEntries(
      ["b", "__proto__", "constructor", "1"].map((key) => [key, () => key]),
    );
    const outcomes = await settle(tasks);
    expect(Object.keys(outcomes)).toEqual(["1", "b", "__proto__", "constructor"]);
    expect(Object.getPrototypeOf(outcomes)).toBe(Object.prototype);
    expect(Object.values(outcomes)).toMatchObject(Object.keys(tasks).map((value) => ({ value })));
  });

  test("is not changed by an observer that throws, which is not called again", async () => {
    let calls = 0;
    const outcomes = await settle([() => 1], {
      observe: () => {
        calls += 1;
        throw new Error("observer");
      },
    });
    expect(outcomes[0]).toMatchObject({ status: "completed", value: 1 });
    expect(calls).toBe(1);
  });

  test("within a task belongs to it: cancelled with it, its failures left to whoever awaits it", async () => {
    const events: RunEvent[] = [];
    const outcomes = await settle(
      {
        parent: async (ctx: TaskContext) => {
          const failed = await all(
            { x: () => Promise.reject(new Error("inner")) },
            { within: ctx },
          ).catch((error: unknown) => error);
          const values = await all({ y: () => 1, z: async () => 2 }, { within: ctx });
          return { failed, values };
        },
      },
      { limit: 1, observe: (event) => events.push(event) },
    );
    expect(outcomes.parent).toMatchObject({
      status: "completed",
      value: { failed: { code: "TASKS_FAILED" }, values: { y: 1, z: 2 } },
    });
    expect(events.filter(({ type }) => type === "run-started")).toHaveLength(1);
  });

  test("within a task rejects with the failures inside it, and with no others of the run around it", async () => {
    const fails = (message: string) => async () => await Promise.reject(new Error(message));
    const outcomes = await settle({
      earlier: fails("earlier"),
      around: {
        after: [{ task: "earlier", until: "settled" }],
        run: async (ctx: TaskContext) =>
          await scope(async (s) => await s.start("inner", fails("inner")), { within: ctx }),
      },
    });
    expect(outcomes.around).toMatchObject({
      status: "failed",
      error: { code: "TASKS_FAILED", errors: [{ key: "inner", error: { message: "inner" } }] },
    });
  });

  test("waits for children that their parent did not await", async () => {
    const order: string[] = [];
    await scope((s) => {
      s.start("parent", (ctx) => {
        ctx.start("child", async () => {
          await Promise.resolve();
          order.push("child");
        });
        order.push("parent");
      });
    });
    expect(order).toEqual(["parent", "child"]);
  });

  test("refuses a task in a scope that has ended", async () => {
    let late: (() => unknown) | undefined;
    await scope((s) => {
      late = () => s.start("late", () => 1);
    });
    expect(late).toThrow('Cannot start task "late" as its scope has ended');
  });

  test("within a task keeps its own options for all that is inside it, and the limits around it", async () => {
    const clock = virtualClock();
    const most = { inner: 0, outer: 0 };
    const running = { inner: 0, outer: 0 };
    const count = (by: number, ...names: readonly (keyof typeof most)[]): void => {
      for (const name of names) {
        running[name] += by;
        most[name] = Math.max(most[name], running[name]);
      }
    };
    const work =
      (...names: readonly (keyof typeof most)[]) =>
      async (): Promise<void> => {
        count(1, ...names);
        await new Promise<void>((resolve) => void clock.schedule(10, resolve));
        count(-1, ...names);
      };
    const group = async (within: TaskContext): Promise<readonly string[]> => {
      const inner = work("inner", "outer");
      const parent = (ctx: TaskContext): PromiseLike<void> => ctx.start("child", inner);
      const hung = async (): Promise<never> => await new Promise(() => undefined);
      const tasks = { a: inner, b: inner, c: parent, d: parent, hung };
      const outcomes = await settle(tasks, { within, limit: 2, timeoutMs: 100, graceMs: 1 });
      return Object.values(outcomes).map(({ status }) => status);
    };
    const other = work("outer");
    const { first, second } = await all(
      { first: group, second: group, w: other, x: other, y: other, z: other },
      { clock, limit: 3 },
    );
    const expected = ["completed", "completed", "completed", "completed", "failed"];
    expect([first, second]).toEqual([expected, expected]);
    expect(most).toEqual({ inner: 3, outer: 3 });
    most.inner = 0;
    await all([group], { clock, limit: 3 });
    expect(most.inner).toBe(2);
  });

  test("refuses what is nearly an option of a task, and lets a task have fields of its own", async () => {
    const misspelt = settle({ a: { timeout: 5, run: () => 1 } as object as () => number });
    await expect(misspelt).rejects.toThrow(
      new TypeError(
        'Cannot start task "a" as a task has no option "timeout": "timeoutMs" is probably meant',
      ),
    );
    const own = { label: "mine", run: () => 1 };
    expect(await all({ own })).toEqual({ own: 1 });
  });

  test.each([
    [{ reads: "file:a" }, '"reads" must be a list of names: "file:a"'],
    [{ writes: 1 }, '"writes" must be a list of names: 1'],
    [{ after: "other" }, '"after" must be a list of keys: "other"'],
    [{ after: ["othr"] }, 'each of "after" must be the key of a task given with it: "othr"'],
    [
      { after: [0] },
      'each of "after" must be the key of a task given with it: 0; keys are texts, in a list "0", "1", and so on',
    ],
  ])("says what must be a list, and of what: %j", async (options, complaint) => {
    const one = { ...options, run: () => 1 } as unknown as () => number;
    await expect(settle({ one, other: () => 2 })).rejects.toThrow(
      `Cannot start task "one" as ${complaint}`,
    );
  });

  test.each([
    [
      { concurrency: 3 },
      'Cannot run as there is no option "concurrency": "limit" is probably meant',
    ],
    [{ timeout: 5 }, 'Cannot run as there is no option "timeout": "timeoutMs" is probably meant'],
    [{ failure: "continu" }, 'Cannot run as "failure" must be "stop" or "continue": continu'],
    [{ onAbandon: "keep" }, 'Cannot run as "onAbandon" must be "release" or "hold": keep'],
    [{ report: "all" }, 'Cannot run as "report" must be "totals" or "full": all'],
    [4, "Cannot run as options must be an object: 4"],
    [null, "Cannot run as options must be an object: null"],
  ])("refuses options that are none: %j", (options, message) => {
    const given = options as object;
    const runs = [
      () => settle([], given),
      () => all([], given),
      () => scope(() => 1, given),
      () => map([], () => 1, given),
    ];
    for (const run of runs) {
      expect(run).toThrow(message);
    }
  });

  test("lets options have fields of their own", async () => {
    const options = { verbose: true, concurrency: undefined, limit: 2 };
    expect(await all([() => 1], options)).toEqual([1]);
  });

  test("says that a task of a scope has a key, and comes after a list of handles", async () => {
    const loose = (s: Scope): { start(...args: readonly unknown[]): unknown } => s;
    await expect(scope((s) => loose(s).start(() => 1))).rejects.toThrow(
      'Cannot start a task without a key: it comes first, as in start("name", task)',
    );
    await expect(
      scope((s) => loose(s).start("b", { after: s.start("a", () => 1), run: () => 2 })),
    ).rejects.toThrow('Cannot start task "b" as "after" must be a list of handles');
  });

  test("rejects with the error of its body, unchanged", async () => {
    const error = new Error("body");
    await expect(
      scope(() => {
        throw error;
      }),
    ).rejects.toBe(error);
  });

  test("makes the signal of a task only when it is read", async () => {
    const made: boolean[] = [];
    const { AbortController: Original } = globalThis;
    let count = 0;
    class Counting extends Original {
      constructor() {
        super();
        count += 1;
      }
    }
    globalThis.AbortController = Counting;
    try {
      await settle([() => 1, ({ signal }: TaskContext) => void made.push(signal.aborted)]);
    } finally {
      globalThis.AbortController = Original;
    }
    expect(made).toEqual([false]);
    expect(count).toBe(1);
  });
});
