import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import {
  CancelledError,
  map,
  mapSettled,
  SourceFailedError,
  TasksFailedError,
  TimedOutError,
  type MapContext,
  type MapOptions,
  type TaskFailure,
  retryBudget,
} from "../../src/index.ts";
import { rig, virtualClock, type VirtualClock } from "../../src/testing/index.ts";
import { RUN_CLASSES } from "./map-classes.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** Waits on a clock, and ends early when the signal says so. */
function sleep(clock: VirtualClock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(ms, resolve);
    signal?.addEventListener("abort", () => {
      timer.cancel();
      reject(signal.reason as Error);
    });
  });
}

/** Numbers from 0, one after the other, and what happened to their source. */
function counted(log: string[], end = Infinity) {
  return function* (): Generator<number, void> {
    try {
      for (let item = 0; item < end; item += 1) {
        log.push(`pull ${item}`);
        yield item;
      }
    } finally {
      log.push("closed");
    }
  };
}

/** The same, asynchronous. */
function countedLater(log: string[], end = Infinity) {
  return async function* (): AsyncGenerator<number, void> {
    yield* counted(log, end)();
  };
}

async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It did not reject");
}

const errorsOf = (error: unknown): readonly TaskFailure[] =>
  error instanceof TasksFailedError || error instanceof SourceFailedError ? error.errors : [];

describe.each(RUN_CLASSES)("map $name", ({ options }) => {
  test.each([
    ["an array", [1, 2, 3, 4]],
    ["an iterable", new Set([1, 2, 3, 4])],
    ["a function that makes one", () => [1, 2, 3, 4].values()],
    ["an async iterable", countedLater([], 5)],
  ])("gives the values of %s in its order, whatever the order of ending", async (_, source) => {
    const clock = virtualClock();
    const later = async (item: number): Promise<number> => {
      await sleep(clock, 10 - item);
      return item * 10;
    };
    const values = await map<number, number>(source, later, options(4, { clock })).toArray();
    expect(values.filter((value) => value > 0)).toEqual([10, 20, 30, 40]);
  });

  test("gives values in the order of ending when asked for", async () => {
    const clock = virtualClock();
    const later = async (ms: number): Promise<number> => {
      await sleep(clock, ms);
      return ms;
    };
    const run = (): ReturnType<typeof map<number, number>> =>
      map([30, 10, 20], later, options(3, { clock, order: "completion" }));
    const looped: number[] = [];
    for await (const value of run()) {
      looped.push(value);
    }
    expect(looped).toEqual([10, 20, 30]);
    expect(await run().toArray()).toEqual([10, 20, 30]);
  });

  test("takes plain values, thenables that report twice, and functions without async", async () => {
    const twice = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (value: number) => void) {
        resolve(2);
        resolve(3);
      },
    };
    const task = (item: number): number | PromiseLike<number> =>
      item === 1 ? 1 : item === 2 ? (twice as PromiseLike<number>) : Promise.resolve(item);
    expect(await map([1, 2, 3, 2, 1], task, options(2)).toArray()).toEqual([1, 2, 3, 2, 1]);
  });

  test("gives nothing for an empty source", async () => {
    expect(await map([], () => 1, options(2)).toArray()).toEqual([]);
    expect(await map(countedLater([], 0), () => 1, options(2)).toArray()).toEqual([]);
    for await (const value of map([], () => 1, options(2))) {
      expect.unreachable(String(value));
    }
  });

  test("hands out the items, their index, key and attempt", async () => {
    const seen: unknown[] = [];
    const task = (item: string, { index, key, attempt, signal }: MapContext): void => {
      seen.push([item, index, key, attempt, signal.aborted]);
    };
    await map(["a", "b"], task, options(1)).toArray();
    expect(seen).toEqual([
      ["a", 0, "0", 1, false],
      ["b", 1, "1", 1, false],
    ]);
  });

  test("gives each task its own context, also where its function declares no parameter", async () => {
    const kept: MapContext[] = [];
    const task = async (...[, ctx]: [number, MapContext?]): Promise<number> => {
      await Promise.resolve();
      kept.push(ctx as MapContext);
      return (ctx as MapContext).index;
    };
    expect(await map([5, 6, 7, 8], task, options(2)).toArray()).toEqual([0, 1, 2, 3]);
    expect(kept.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  test("starts nothing before its results are asked for", async () => {
    const log: string[] = [];
    const r = rig();
    const run = map(counted(log, 2), (item) => item, options(2));
    const iterator = run[Symbol.asyncIterator]();
    await r.idle();
    expect(log).toEqual([]);
    await iterator.return?.();
    expect(log).toEqual([]);
  });

  test("is read once", async () => {
    const run = map([1], (item) => item, options(1));
    await run.toArray();
    await expect(run.toArray()).rejects.toThrow(TypeError);
    await expect(run.forEach(() => undefined)).rejects.toThrow(
      'Cannot read the results of "map" as they can be read once',
    );
    expect(() => run[Symbol.asyncIterator]()).toThrow(TypeError);
  });

  test("never runs more tasks than its limit, and pulls no item before there is room", async () => {
    const r = rig();
    const log: string[] = [];
    const tasks = Array.from({ length: 6 }, (_, index) => r.task<number>(`t${index}`));
    const result = map(counted(log, 6), (item, ctx) => tasks[item]!.run(ctx), options(2)).toArray();
    await r.idle();
    expect(r.running).toEqual(["t0", "t1"]);
    expect(log).toEqual(["pull 0", "pull 1"]);
    tasks[1]!.complete(1);
    await r.idle();
    expect(r.running).toEqual(["t0", "t2"]);
    expect(log).toEqual(["pull 0", "pull 1", "pull 2"]);
    for (const index of [0, 2, 3, 4, 5]) {
      await tasks[index]!.started;
      tasks[index]!.complete(index);
    }
    expect(await result).toEqual([0, 1, 2, 3, 4, 5]);
    expect(log.at(-1)).toBe("closed");
  });

  test.each(["source", "completion"] as const)(
    "holds no more than its limit and look-ahead while nobody reads, in order of %s",
    async (order) => {
      for (const make of [counted, countedLater]) {
        const r = rig();
        const log: string[] = [];
        const run = map(make(log), async (item) => item, options(2, { lookAhead: 3, order }));
        const iterator = run[Symbol.asyncIterator]();
        expect(await iterator.next()).toEqual({ done: false, value: 0 });
        await r.idle();
        expect(log).toHaveLength(6);
        expect(await iterator.next()).toEqual({ done: false, value: 1 });
        await r.idle();
        expect(log).toHaveLength(7);
        await iterator.return?.();
        expect(log.at(-1)).toBe("closed");
      }
    },
  );

  test("works in groups when asked for", async () => {
    const r = rig();
    const tasks = Array.from({ length: 5 }, (_, index) => r.task<number>(`t${index}`));
    const result = map(tasks, (task, ctx) => task.run(ctx), options(9, { batch: 2 })).toArray();
    await r.idle();
    expect(r.running).toEqual(["t0", "t1"]);
    tasks[1]!.complete(1);
    await r.idle();
    expect(r.running).toEqual(["t0"]);
    tasks[0]!.complete(0);
    await r.idle();
    expect(r.running).toEqual(["t2", "t3"]);
    tasks[2]!.complete(2);
    tasks[3]!.complete(3);
    await tasks[4]!.started;
    tasks[4]!.complete(4);
    expect(await result).toEqual([0, 1, 2, 3, 4]);
  });

  test("goes through groups of synchronous tasks without growing deep", async () => {
    const values = await map(
      Array(50_000).keys(),
      (item) => item,
      options(4, { batch: 1 }),
    ).toArray();
    expect(values).toHaveLength(50_000);
  });

  test("stops at the first failure, tells the others, and throws when they have stopped", async () => {
    const r = rig();
    const log: string[] = [];
    const tasks = [r.task<number>("a"), r.task<number>("b", { ignoresCancel: true })];
    const error = new Error("no route");
    const result = rejectionOf(
      map(counted(log), (item, ctx) => tasks[item]!.run(ctx), options(2)).toArray(),
    );
    await r.idle();
    tasks[0]!.fail(error);
    await r.idle();
    expect(tasks[1]!.signal.reason).toBe(error);
    expect(log).toEqual(["pull 0", "pull 1", "closed"]);
    tasks[1]!.complete(1);
    const thrown = await result;
    expect(thrown).toBeInstanceOf(TasksFailedError);
    expect(errorsOf(thrown)).toEqual([{ key: "0", attempt: 1, error }]);
    expect(errorsOf(thrown)[0]?.error).toBe(error);
  });

  test("drops what was not read when it is stopped by a failure", async () => {
    const seen: number[] = [];
    const task = (item: number): number => {
      if (item === 3) {
        throw new Error("three");
      }
      return item;
    };
    const loop = async (): Promise<void> => {
      for await (const value of map(counted([]), task, options(1, { lookAhead: 9 }))) {
        seen.push(value);
      }
    };
    await expect(loop()).rejects.toThrow(TasksFailedError);
    expect(seen.length).toBeLessThanOrEqual(3);
    expect(seen).toEqual([0, 1, 2].slice(0, seen.length));
  });

  test('goes on with failure: "continue", leaves failed items out, and throws all failures at the end', async () => {
    const task = async (item: number): Promise<number> => {
      await Promise.resolve();
      if (item % 2 === 1) {
        throw new Error(`odd ${item}`);
      }
      return item;
    };
    for (const order of ["source", "completion"] as const) {
      const seen: number[] = [];
      const loop = async (): Promise<void> => {
        const run = map(counted([], 6), task, options(2, { failure: "continue", order }));
        for await (const value of run) {
          seen.push(value);
        }
      };
      const thrown = await rejectionOf(loop());
      expect(seen).toEqual([0, 2, 4]);
      expect(errorsOf(thrown).map(({ key }) => key)).toEqual(["1", "3", "5"]);
    }
  });

  test.each([
    [
      "break",
      async (run: AsyncIterable<number>) => {
        for await (const value of run) {
          if (value === 1) break;
        }
      },
    ],
    [
      "return",
      async (run: AsyncIterable<number>) => {
        for await (const value of run) {
          if (value === 1) return;
        }
      },
    ],
    [
      "throw",
      async (run: AsyncIterable<number>) => {
        for await (const value of run) {
          if (value === 1) throw new Error("enough");
        }
      },
    ],
  ])("cancels what runs, closes the source and waits for both at a %s", async (kind, read) => {
    for (const make of [counted, countedLater]) {
      const clock = virtualClock();
      const log: string[] = [];
      const task = async (item: number, { signal }: MapContext): Promise<number> => {
        if (item > 1) {
          log.push(`started ${item}`);
          await new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => {
              clock.schedule(50, () => {
                log.push(`stopped ${item}`);
                resolve();
              });
            });
          });
        }
        // So that others run when it ends.
        await sleep(clock, item);
        return item;
      };
      const reading = read(map(make(log), task, options(2, { clock })));
      await (kind === "throw" ? expect(reading).rejects.toThrow("enough") : reading);
      log.push("left");
      expect(log.at(-1)).toBe("left");
      expect(log).toContain("closed");
      const which = (state: string): readonly string[] =>
        log.filter((entry) => entry.startsWith(state)).map((entry) => entry.slice(state.length));
      expect(which("started").length).toBeGreaterThan(0);
      expect(which("stopped")).toEqual(which("started"));
    }
  });

  test("is cancelled by its signal, by cancel and by its deadline, also before it begins", async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const waits = (_: number, { signal }: MapContext): Promise<void> => sleep(clock, 1e6, signal);
    const start = (more: MapOptions) => map(counted([]), waits, options(2, { clock, ...more }));
    const bySignal = rejectionOf(start({ signal: controller.signal }).toArray());
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort("enough");
    expect(await bySignal).toMatchObject({ name: "CancelledError", reason: "enough" });
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);

    const run = start({});
    const byCall = rejectionOf(run.toArray());
    run.cancel("call");
    run.cancel("again");
    expect(await byCall).toMatchObject({ name: "CancelledError", reason: "call" });

    const byDeadline = await rejectionOf(start({ deadlineMs: 100 }).toArray());
    expect(byDeadline).toBeInstanceOf(TimedOutError);
    expect(byDeadline).toMatchObject({ clock: "deadline", limitMs: 100 });

    const log: string[] = [];
    const early = map(counted(log), () => 1, options(2));
    early.cancel("early");
    expect(await rejectionOf(early.toArray())).toMatchObject({ reason: "early" });
    const aborted = AbortSignal.abort("before");
    const late = map(counted(log), () => 1, options(2, { signal: aborted })).toArray();
    expect(await rejectionOf(late)).toMatchObject({ reason: "before" });
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("tells an error of its source apart from errors of tasks", async () => {
    const broken = new Error("broken pipe");
    async function* source(): AsyncGenerator<number, void> {
      yield 1;
      await Promise.resolve();
      throw broken;
    }
    function* direct(): Generator<number, void> {
      yield 1;
      throw broken;
    }
    const unmade = (): Iterable<number> => {
      throw broken;
    };
    for (const each of [source, direct, unmade]) {
      for (const failure of ["stop", "continue"] as const) {
        const run = map<number, number>(each, (item) => item, options(2, { failure }));
        const thrown = await rejectionOf(run.toArray());
        expect(thrown).toBeInstanceOf(SourceFailedError);
        expect((thrown as SourceFailedError).cause).toBe(broken);
      }
    }
    const failing = map<number, number>(
      source,
      () => Promise.reject(new Error("task")),
      options(2, { failure: "continue" }),
    );
    expect(errorsOf(await rejectionOf(failing.toArray()))).toHaveLength(1);
    const unusable = map(5 as unknown as number[], (item) => item, options(1)).toArray();
    await expect(unusable).rejects.toThrow(SourceFailedError);
  });

  test("throws what its source throws when it is closed early", async () => {
    function* source(): Generator<number, void> {
      try {
        for (;;) yield 1;
      } finally {
        // oxlint-disable-next-line no-unsafe-finally
        throw new Error("cannot close");
      }
    }
    const loop = async (): Promise<void> => {
      for await (const _ of map(source, (item) => item, options(1))) break;
    };
    await expect(loop()).rejects.toThrow(SourceFailedError);
  });

  test("lets a source stop its own run", async () => {
    const log: string[] = [];
    const run = map(
      function* () {
        try {
          yield 1;
          run.cancel("from the source");
          yield 2;
        } finally {
          log.push("closed");
        }
      },
      (item) => item,
      options(1),
    );
    expect(await rejectionOf(run.toArray())).toMatchObject({ reason: "from the source" });
    expect(log).toEqual(["closed"]);
  });

  test("abandons tasks and a source that ignore the cancel, after the grace", async () => {
    const clock = virtualClock();
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        let item = 0;
        return {
          next: () => (item < 1 ? Promise.resolve({ done: false, value: (item += 1) }) : never()),
          return: never,
        };
      },
    };
    const run = map(source, never, options(2, { clock, graceMs: 30 }));
    const result = rejectionOf(run.toArray());
    clock.schedule(100, () => run.cancel("now"));
    expect(await result).toBeInstanceOf(CancelledError);
    expect(clock.now()).toBe(130);
    expect(clock.pending).toBe(0);
  });

  test("times attempts out, each from its own start, and leaves no timer behind", async () => {
    const clock = virtualClock();
    const ended: number[] = [];
    const task = async (ms: number, { signal }: MapContext): Promise<number> => {
      try {
        await sleep(clock, ms, signal);
        return ms;
      } finally {
        ended.push(clock.now());
      }
    };
    const outcomes = await mapSettled(
      [50, 500, 99, 101],
      task,
      options(2, { clock, timeoutMs: 100 }),
    ).toArray();
    expect(outcomes.map(({ status }) => status)).toEqual([
      "completed",
      "failed",
      "completed",
      "failed",
    ]);
    expect(ended).toEqual([50, 100, 149, 200]);
    const failed = outcomes[1];
    expect(failed?.status === "failed" && failed.error).toBeInstanceOf(TimedOutError);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ["an array", (items: readonly number[]) => items],
    [
      "an async source that pauses",
      async function* (items: readonly number[], clock: VirtualClock) {
        for (const item of items) {
          if (item === 200) {
            await new Promise<void>((resolve) => void clock.schedule(300, resolve));
          }
          yield item;
        }
      },
    ],
  ])("times out what comes after many that were done at once, over %s", async (_, sourceOf) => {
    const clock = virtualClock();
    const items = Array.from({ length: 205 }, (__, index) => index);
    const task = (item: number): unknown => (item < 200 ? item : new Promise(() => undefined));
    const outcomes = await mapSettled(
      sourceOf(items, clock),
      task,
      options(1, { clock, timeoutMs: 50, graceMs: 5 }),
    ).toArray();
    expect(outcomes.map(({ status }) => status)).toEqual(
      items.map((item) => (item < 200 ? "completed" : "failed")),
    );
  });

  test("gives the slot of work on that it has abandoned, and drops its late result", async () => {
    const clock = virtualClock();
    const late: (() => void)[] = [];
    const task = (item: number): Promise<number> =>
      item === 0 ? new Promise((resolve) => late.push(() => resolve(99))) : Promise.resolve(item);
    const run = mapSettled([0, 1, 2], task, options(1, { clock, timeoutMs: 10, graceMs: 5 }));
    const outcomes = await run.toArray();
    expect(outcomes).toMatchObject([
      { status: "failed", abandoned: true },
      { status: "completed", value: 1 },
      { status: "completed", value: 2 },
    ]);
    late.forEach((end) => end());
    await rig().idle();
    expect(outcomes[0]).toMatchObject({ status: "failed" });
    expect(run.report.tasks).toEqual({ completed: 2, failed: 1, cancelled: 0, skipped: 0 });
  });

  test("takes what retries cost from their budget", async () => {
    const clock = virtualClock();
    const budget = retryBudget({ tokens: 10 });
    let attempts = 0;
    const down = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(new Error("down"));
    };
    const retry = { attempts: 9, budget };
    const outcomes = await mapSettled([0, 1, 2], down, options(1, { clock, retry })).toArray();
    expect(outcomes.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect([attempts, budget.tokens]).toEqual([5, 0]);
  });

  test("repeats failed attempts after their delay, without holding a slot, ahead of new items", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const task = async (item: number, { attempt }: MapContext): Promise<number> => {
      order.push(`${item}.${attempt} at ${clock.now()}`);
      await sleep(clock, 10);
      if (item === 0 && attempt < 3) {
        throw new Error("again");
      }
      return item;
    };
    const retry = { attempts: 3, delayMs: 15, factor: 1, jitter: "none" } as const;
    const values = await map([0, 1, 2, 3, 4, 5], task, options(1, { clock, retry })).toArray();
    expect(values).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order).toEqual([
      "0.1 at 0",
      "1.1 at 10",
      "2.1 at 20",
      "0.2 at 30",
      "3.1 at 40",
      "4.1 at 50",
      "0.3 at 60",
      "5.1 at 70",
    ]);
    expect(clock.pending).toBe(0);
  });

  test("repeats only what retryIf wants, and after the last attempt fails with its error", async () => {
    const clock = virtualClock();
    const task = (item: number, { attempt }: MapContext): number => {
      throw new Error(`${item}.${attempt}`);
    };
    const retry = {
      attempts: 3,
      delayMs: 1,
      retryIf: (error: unknown) => (error as Error).message.startsWith("1"),
    };
    const outcomes = await mapSettled([0, 1], task, options(2, { clock, retry })).toArray();
    expect(outcomes).toMatchObject([
      { status: "failed", attempts: 1, error: { message: "0.1" } },
      { status: "failed", attempts: 3, error: { message: "1.3" } },
    ]);
  });

  test("repeats an attempt although the next item is long in coming", async () => {
    const clock = virtualClock();
    let running = 0;
    let most = 0;
    async function* slow(): AsyncGenerator<number, void> {
      yield 0;
      await sleep(clock, 1000);
      yield 1;
    }
    const order: string[] = [];
    const task = async (item: number, { attempt }: MapContext): Promise<number> => {
      order.push(`${item}.${attempt} at ${clock.now()}`);
      running += 1;
      most = Math.max(most, running);
      await sleep(clock, attempt === 2 ? 2000 : 1);
      running -= 1;
      if (item === 0 && attempt === 1) throw new Error("again");
      return item;
    };
    const run = map(
      slow,
      task,
      options(1, { clock, retry: { attempts: 2, delayMs: 9, jitter: "none" } }),
    );
    expect(await run.toArray()).toEqual([0, 1]);
    expect(order).toEqual(["0.1 at 0", "0.2 at 10", "1.1 at 2010"]);
    expect(most).toBe(1);
  });

  test("counts no attempt from before its start, however many start at once", async () => {
    const clock = virtualClock();
    const task = (ms: number): Promise<void> => sleep(clock, ms);
    const items = [...Array<number>(100).fill(50), ...Array<number>(100).fill(90), 1e6];
    const run = mapSettled(items, task, options(100, { clock, timeoutMs: 100, graceMs: 0 }));
    const outcomes = await run.toArray();
    expect(outcomes.filter(({ status }) => status === "completed")).toHaveLength(200);
    expect(outcomes.at(-1)).toMatchObject({ status: "failed" });
    expect(clock.now()).toBeGreaterThanOrEqual(200);
    expect(clock.now()).toBeLessThanOrEqual(253);
  });

  test("keeps the order over a long distance between the slowest and the fastest", async () => {
    const clock = virtualClock();
    const run = map(
      counted([], 300),
      async (item) => {
        if (item === 0) await sleep(clock, 10);
        return item;
      },
      options(2, { clock, lookAhead: 500 }),
    );
    const seen: number[] = [];
    for await (const value of run) seen.push(value);
    expect(seen).toEqual([...Array(300).keys()]);
  });

  test("pulls nothing for a reader who is told of the failure that stops the run", async () => {
    const clock = virtualClock();
    const log: string[] = [];
    const task = async (item: number): Promise<void> => {
      if (item === 0) {
        await sleep(clock, 10);
        throw new Error("first");
      }
    };
    const run = mapSettled(
      counted(log),
      task,
      options(2, { clock, lookAhead: 0, failure: "stop" }),
    );
    await rejectionOf(run.forEach(() => undefined));
    expect(log).toEqual(["pull 0", "pull 1", "closed"]);
  });

  test("hands every value to forEach, one after the other, and waits for it", async () => {
    const r = rig();
    const log: string[] = [];
    const held = [r.task("first"), r.task("second"), r.task("third")];
    const { signal } = new AbortController();
    const done = map(counted(log), (item) => item, options(1, { lookAhead: 0 })).forEach((item) => {
      if (item === 2) throw new Error("two is enough");
      return held[item]!.run({ signal });
    });
    const result = rejectionOf(done);
    await r.idle();
    expect(r.running).toEqual(["first"]);
    held[0]!.complete();
    await r.idle();
    expect(r.running).toEqual(["second"]);
    held[1]!.complete();
    expect(await result).toMatchObject({ message: "two is enough" });
    expect(log.at(-1)).toBe("closed");
  });

  test("answers several calls of next in their order, and says its end for ever", async () => {
    const iterator = map([1, 2], async (item) => item, options(2))[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map(({ value }) => value)).toEqual([1, 2, undefined]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  });

  test("throws its error once, and is over then", async () => {
    const iterator = map([1], () => Promise.reject(new Error("a")), options(1))[
      Symbol.asyncIterator
    ]();
    await expect(iterator.next()).rejects.toThrow(TasksFailedError);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("runs its tasks and its source in the context in which it was made", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const run = storage.run("maker", () =>
      map(
        function* () {
          for (let item = 0; item < 6; item += 1) {
            seen.push(storage.getStore());
            yield item;
          }
        },
        async () => {
          seen.push(storage.getStore());
          await Promise.resolve();
          seen.push(storage.getStore());
        },
        options(1, { lookAhead: 0 }),
      ),
    );
    await storage.run("reader", async () => {
      for await (const _ of run) {
        // Each step makes room, and lets the next task start: from here, as its result was ready before.
        await rig().idle();
      }
    });
    expect(new Set(seen)).toEqual(new Set(["maker"]));
    expect(seen).toHaveLength(18);
  });

  test("names the place that made it in the stack of its error", async () => {
    const clock = virtualClock();
    const makesTheRun = (): Promise<unknown> =>
      map(
        [1],
        async () => {
          await sleep(clock, 10);
          throw new Error("a");
        },
        options(1, { clock }),
      ).toArray();
    const { stack } = (await rejectionOf(makesTheRun())) as Error;
    expect(stack).toMatch(/^TasksFailedError: Cannot return a value as a task failed: "0" \(a\)\n/);
    expect(stack?.split("\n")[1]).toContain("makesTheRun");
  });

  test("leaves no unhandled rejection behind when tasks fail after a cancel", async () => {
    const clock = virtualClock();
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    const run = map(
      [1, 2, 3],
      async (item) => {
        await sleep(clock, item * 10);
        throw new Error(`late ${item}`);
      },
      options(3, { clock }),
    );
    await rejectionOf(run.toArray());
    await rig({ clock }).idle();
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  });

  test("counts how its tasks ended", async () => {
    const task = (item: number): number => {
      if (item === 1) throw new Error("one");
      return item;
    };
    const run = map([0, 1, 2], task, options(1, { failure: "continue" }));
    expect(run.report.tasks.completed).toBe(0);
    await rejectionOf(run.toArray());
    expect(run.report.tasks).toEqual({ completed: 2, failed: 1, cancelled: 0, skipped: 0 });
  });
});

describe.each(RUN_CLASSES)("mapSettled $name", ({ options }) => {
  test("gives an outcome for each item, and does not throw because tasks fail", async () => {
    const error = new Error("no");
    const outcomes = await mapSettled(
      ["a", "b"],
      (item) => (item === "a" ? item : Promise.reject(error)),
      options(2),
    ).toArray();
    expect(outcomes).toEqual([
      { status: "completed", key: "0", attempts: 1, value: "a" },
      { status: "failed", key: "1", attempts: 1, error, abandoned: false },
    ]);
  });

  test("gives the outcomes of all that was pulled before it throws, when it is cancelled", async () => {
    const clock = virtualClock();
    const waits = (_: number, { signal }: MapContext): Promise<void> => sleep(clock, 1e6, signal);
    const run = mapSettled(counted([]), waits, options(2, { clock }));
    clock.schedule(10, () => run.cancel("enough"));
    const seen: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const outcome of run) seen.push(outcome);
    };
    expect(await rejectionOf(loop())).toMatchObject({ reason: "enough" });
    expect(seen).toMatchObject([
      { status: "cancelled", key: "0", reason: "enough" },
      { status: "cancelled", key: "1", reason: "enough" },
    ]);
  });

  test('stops at the first failure with failure: "stop", after the outcomes', async () => {
    const seen: string[] = [];
    const loop = async (): Promise<void> => {
      const task = (): Promise<never> => Promise.reject(new Error("a"));
      for await (const { status } of mapSettled(
        counted([]),
        task,
        options(1, { failure: "stop" }),
      )) {
        seen.push(status);
      }
    };
    expect(errorsOf(await rejectionOf(loop()))).toHaveLength(1);
    expect(seen).toEqual(["failed"]);
  });

  test("gives an outcome to a task that waited for its next attempt when the run was cancelled", async () => {
    const clock = virtualClock();
    const run = mapSettled(
      [1],
      () => Promise.reject(new Error("a")),
      options(1, { clock, retry: { attempts: 2, jitter: "none" } }),
    );
    clock.schedule(10, () => run.cancel("enough"));
    const iterator = run[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { status: "cancelled", attempts: 1 } });
    await expect(iterator.next()).rejects.toThrow(CancelledError);
    expect(clock.pending).toBe(0);
  });
});

describe("map", () => {
  const misuses: readonly [string, MapOptions, string][] = [
    ["limit", { limit: 0 }, 'Cannot map as "limit" must be an integer from 1: 0'],
    ["lookAhead", { lookAhead: -1 }, 'Cannot map as "lookAhead" must be an integer from 0: -1'],
    ["batch", { batch: 1.5 }, 'Cannot map as "batch" must be an integer from 1: 1.5'],
    ["timeoutMs", { timeoutMs: NaN }, 'Cannot map as "timeoutMs" must be a number from 0: NaN'],
    [
      "order",
      { order: "random" as "source" },
      'Cannot map as "order" must be "source" or "completion": random',
    ],
    ["retry", { retry: 0 }, 'Cannot retry as "attempts" must be an integer from 1: 0'],
  ];
  test.each(misuses)("refuses a wrong %s at once", (_, options, message) => {
    expect(() => map([], () => 1, options)).toThrow(message);
  });

  test("with limit: Infinity starts as many as may be held", async () => {
    const r = rig();
    let most = 0;
    let running = 0;
    const task = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await r.idle();
      running -= 1;
    };
    await map(Array(30).keys(), task, { limit: Infinity, lookAhead: 20 }).toArray();
    expect(most).toBe(20);
  });

  test("reads an array on that grows meanwhile, as a loop does", async () => {
    const items = [1, 2];
    const task = (item: number): number => {
      if (item < 3) items.push(item + 2);
      return item;
    };
    expect(await map(items, task, { limit: 1 }).toArray()).toEqual([1, 2, 3, 4]);
  });

  test("lets the event loop turn in a long run of tasks that are done at once", async () => {
    let nowMs = 0;
    // Each look at this clock takes a millisecond.
    const clock = { now: () => (nowMs += 1), schedule: virtualClock().schedule };
    for (const options of [{ limit: 4 }, { limit: 4, observe: () => undefined }]) {
      for (const task of [(item: number) => item, async (item: number) => item]) {
        let turns = 0;
        let over = false;
        const count = (): void => {
          turns += 1;
          if (!over) setImmediate(count);
        };
        setImmediate(count);
        await map(Array(2000).keys(), task, { ...options, clock }).toArray();
        over = true;
        expect(turns).toBeGreaterThan(50);
      }
    }
  });
});
