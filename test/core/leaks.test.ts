import { spawnSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { first, scope, settle, type RunOptions, type TaskContext } from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** A million takes ten times as long, and shows nothing more. */
const TASKS = 100_000;

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("a signal from outside", () => {
  test(`has one listener while a run of ${TASKS} tasks goes on, and none after it`, async () => {
    const { signal } = new AbortController();
    const seen = new Set<number>();
    const look = (): void => void seen.add(listenersOf(signal));
    const task = async (ctx: TaskContext): Promise<void> => {
      look();
      await Promise.resolve();
      ctx.signal.throwIfAborted();
    };
    const run = settle(Array<typeof task>(TASKS).fill(task), { signal, limit: 16 });
    look();
    const outcomes = await run;
    expect(outcomes.every(({ status }) => status === "completed")).toBe(true);
    expect([...seen]).toEqual([1]);
    expect(listenersOf(signal)).toBe(0);
  });

  test("has none after runs that failed, were cancelled, or were inside another", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const fails = (): Promise<never> => Promise.reject(new Error("fails"));
    await settle([fails], { signal });
    await scope((s) => void s.start("fails", fails), { signal }).catch(() => undefined);
    await scope((s) => s.cancel(), { signal }).catch(() => undefined);
    await first(1, [() => 1, fails], { signal });
    await settle([async (ctx: TaskContext) => await settle([fails], { signal, within: ctx })]);
    expect(listenersOf(signal)).toBe(0);
    const r = rig();
    const a = r.task("a");
    const run = settle([a], { signal });
    await a.started;
    expect(listenersOf(signal)).toBe(1);
    controller.abort();
    await run;
    expect(listenersOf(signal)).toBe(0);
  });
});

describe("a run", () => {
  const hour = 3_600_000;
  const limits = { timeoutMs: hour, deadlineMs: hour };
  const cases: Readonly<Record<string, (options: RunOptions) => PromiseLike<unknown>>> = {
    "that completes": (options) => settle([() => 1, async () => 2], options),
    "whose tasks have deadlines, one of them skipped": (options) =>
      settle(
        {
          a: { ...limits, run: () => Promise.reject(new Error("a")) },
          b: { ...limits, after: ["a"], run: never },
        },
        options,
      ),
    "that fails": (options) =>
      scope((s) => {
        s.start("a", { ...limits, run: () => Promise.reject(new Error("a")) });
        s.start("b", { ...limits, run: ({ signal }) => untilAborted(signal) });
        s.start("c", { ...limits, after: [s.start("d", never)], run: never });
      }, options),
    "whose task is repeated": (options) =>
      settle([{ retry: 2, run: ({ attempt }: TaskContext) => failBefore(2, attempt) }], options),
    "that is cancelled while a retry waits": (options) => {
      const retry = { attempts: 2, delayMs: hour, maxDelayMs: hour };
      const run = settle([{ retry, run: () => Promise.reject(new Error("a")) }], options);
      options.clock?.schedule(10, () => run.cancel());
      return run;
    },
    "whose tasks run out of time": (options) =>
      settle([never, ({ signal }: TaskContext) => untilAborted(signal)], {
        ...options,
        timeoutMs: 10,
      }),
    "whose deadline passes": (options) => settle([never], { ...options, deadlineMs: 10 }),
  };

  test.each(Object.entries(cases))("%s leaves no timer behind", async (_, start) => {
    const clock = virtualClock();
    await Promise.resolve(start({ ...limits, clock, graceMs: 10 })).catch(() => undefined);
    expect(clock.pending).toBe(0);
    expect(clock.now()).toBeLessThan(hour);
  });

  test("that has ended does not keep the process alive", () => {
    const index = new URL("../../src/index.ts", import.meta.url).href;
    const script = `
      import { settle } from ${JSON.stringify(index)};
      const hour = 3_600_000;
      const task = { timeoutMs: hour, deadlineMs: hour, run: async () => 1 };
      const outcomes = await settle([task, task], { deadlineMs: hour });
      console.log(outcomes.map(({ status }) => status).join());`;
    const { stdout, stderr, status, signal } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", script],
      // The timeout only ends a process that hangs.
      { encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)), timeout: 9000 },
    );
    expect({ stdout, stderr, status, signal }).toEqual({
      stdout: "completed,completed\n",
      stderr: "",
      status: 0,
      signal: null,
    });
  });
});

async function failBefore(number: number, attempt: number): Promise<void> {
  await Promise.resolve();
  if (attempt < number) {
    throw new Error("again");
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
