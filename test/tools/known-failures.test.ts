// What went wrong in other runtimes of tools, each as a law of this one.
import { describe, expect, test } from "vitest";
import { all, budget, limit, type TaskContext } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { toolbox, type Tool, type ToolCall, type Toolbox } from "../../src/tools/index.ts";
import { call, heldTools, statuses } from "./support.ts";

const free = { name: "free", parallel: true } as const;

/** Calls of a tool with the ids 1 to `count`. */
const calls = (count: number, name: string): readonly ToolCall[] =>
  Array.from({ length: count }, (_, index) => call(String(index + 1), name, { index }));

test("concurrency goes by the tools that are called, not by those that there are", async () => {
  const { box, task, rig } = heldTools([free, { name: "alone" }]);
  const done = box.run([call("1", "free"), call("2", "free")]);
  await rig.idle();
  expect(rig.running).toEqual(["1", "2"]);
  task("1").complete(1);
  task("2").complete(2);
  await done;
});

test("concurrency goes by what a call does, not by what its tool may do", async () => {
  const { box, task, rig } = heldTools([{ name: "write", writes: (key: string) => `db:${key}` }]);
  const done = box.run([call("1", "write", "a"), call("2", "write", "b"), call("3", "write", "a")]);
  await rig.idle();
  expect(rig.running).toEqual(["1", "2"]);
  task("1").complete(1);
  task("2").complete(2);
  await task("3").started;
  task("3").complete(3);
  await done;
});

describe("ids that are not unique", () => {
  test("end nothing while the first call of the id still runs", async () => {
    const { box, task, rig } = heldTools([free]);
    const turn = box.turn();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id, status } of turn) {
        seen.push(`${id} ${status}`);
      }
    })();
    turn.call(call("1", "free"));
    turn.call(call("1", "free"));
    turn.call(call("2", "free"));
    turn.commit();
    await rig.idle();
    expect(seen).toEqual(["1 invalid"]);
    task("2").complete(2);
    await rig.idle();
    expect(seen).toEqual(["1 invalid", "2 completed"]);
    task("1").complete(1);
    await reading;
    expect(seen).toEqual(["1 invalid", "2 completed", "1 completed"]);
    expect(statuses(await turn.results())).toEqual(["1 completed", "1 invalid", "2 completed"]);
  });

  test("tell each result once, as it comes, also to somebody who throws", async () => {
    const { box, task, rig } = heldTools([free]);
    const told: string[] = [];
    const turn = box.turn({
      onResult({ id, status }) {
        told.push(`${id} ${status}`);
        throw new Error("nobody minds");
      },
    });
    turn.call(call("1", "free"));
    turn.call(call("1", "free"));
    expect(told).toEqual(["1 invalid"]);
    turn.call(call("2", "free"));
    turn.commit();
    await rig.idle();
    task("2").complete(2);
    await rig.idle();
    expect(told).toEqual(["1 invalid", "2 completed"]);
    turn.abort("enough");
    expect(told).toEqual(["1 invalid", "2 completed", "1 cancelled"]);
    await turn.results();
    expect(told).toHaveLength(3);
  });

  test("of two turns are no business of each other", async () => {
    const { clock, sleep } = sleeper();
    const box = toolbox(
      [
        {
          name: "t",
          writes: () => "db:x",
          run: async (input, { key }) => await sleep(10).then(() => `${key} ${String(input)}`),
        },
      ],
      { clock },
    );
    const [first, second] = await Promise.all([
      box.run([call("1", "t", "a"), call("2", "t", { $from: "1" })]),
      box.run([call("1", "t", "b"), call("2", "t", { $from: "1" })]),
    ]);
    expect(first.map(({ output }) => output)).toEqual(["1 a", "2 1 a"]);
    expect(second.map(({ output }) => output)).toEqual(["1 b", "2 1 b"]);
  });
});

test("time in a queue is no time at work", async () => {
  const { clock, sleep } = sleeper();
  const box = toolbox([{ name: "t", timeoutMs: 15, parallel: true, run: () => sleep(10) }], {
    clock,
    limit: 1,
  });
  const results = await box.run(calls(20, "t"));
  expect(results.map(({ status, runMs, queuedMs }) => [status, runMs, queuedMs])).toEqual(
    results.map((_, index) => ["completed", 10, index * 10]),
  );
  expect(results[3]?.waits).toEqual([{ reason: "limit", ms: 30, on: [], limit: "toolbox" }]);
});

describe("a budget of calls is looked at before a call is sent", () => {
  test.each([1, 10, 1000])(
    "1,000 calls with a budget of 50 at a limit of %i run exactly 50",
    async (concurrency) => {
      const { clock, sleep } = sleeper();
      let ran = 0;
      const run = async (): Promise<void> => {
        ran += 1;
        await sleep(1);
      };
      const box = toolbox([{ ...free, run }], {
        clock,
        limit: concurrency,
        budget: budget({ calls: 50 }),
      });
      const results = await box.run(calls(1000, "free"));
      expect(ran).toBe(50);
      expect(results.map(({ status }) => status)).toEqual([
        ...Array(50).fill("completed"),
        ...Array(950).fill("skipped"),
      ]);
      expect(results[50]).toMatchObject({ attempts: 0, isError: true });
      expect(results[50]?.text).toMatch(/^free was not run: .*budget/);
      await box.idle();
    },
  );

  test("also by calls of a turn that is within another run", async () => {
    const box = toolbox([{ ...free, run: () => "done" }], { budget: budget({ calls: 1 }) });
    const { turn } = await all({
      turn: async (within) => await box.run(calls(2, "free"), { within }),
    });
    expect(turn.map(({ status }) => status)).toEqual(["completed", "skipped"]);
  });

  test("a repeated attempt is paid for; calls that are answered without running are not", async () => {
    const { clock } = sleeper();
    const calls50 = budget({ calls: 5 });
    let attempts = 0;
    const flaky: Tool = {
      name: "flaky",
      effect: "read",
      retry: { attempts: 3, delayMs: 1 },
      run: (_, { attempt }) => {
        attempts += 1;
        if (attempt < 3) {
          throw new Error("again");
        }
      },
    };
    const results = await toolbox([flaky], { clock, budget: calls50 }).run([
      call("1", "flaky", 1),
      call("2", "flaky", 1),
      call("3", "none"),
      call("1", "flaky"),
    ]);
    expect(statuses(results)).toEqual(["1 completed", "2 completed", "3 invalid", "1 invalid"]);
    expect([attempts, calls50.stats().spent.calls]).toEqual([3, 3]);
  });
});

test("1,000 calls in one turn stay within every limit, and their results are in their order", async () => {
  const { clock, sleep } = sleeper();
  const service = limit({ name: "service", concurrency: 7 });
  const running = { all: 0, a: 0, service: 0 };
  const most = { all: 0, a: 0, service: 0 };
  const run = (name: "a" | "b" | "c") => async (input: unknown) => {
    const counted = name === "a" ? (["all", "a"] as const) : (["all", "service"] as const);
    for (const each of counted) {
      running[each] += 1;
      most[each] = Math.max(most[each], running[each]);
    }
    const { index } = input as { readonly index: number };
    await sleep(1 + ((index * 7919) % 13));
    counted.forEach((each) => (running[each] -= 1));
    return index;
  };
  const box = toolbox(
    [
      { name: "a", parallel: true, limit: 3, run: run("a") },
      { name: "b", parallel: true, limit: service, run: run("b") },
      { name: "c", parallel: true, limit: service, run: run("c") },
    ],
    { clock },
  );
  const names = ["a", "b", "c", "b"] as const;
  const results = await box.run(
    Array.from({ length: 1000 }, (_, index) =>
      call(String(index), names[index % 4] ?? "a", { index }),
    ),
  );
  expect(results.map(({ output }) => output)).toEqual(results.map((_, index) => index));
  expect(most).toEqual({ all: 10, a: 3, service: 7 });
  expect(running).toEqual({ all: 0, a: 0, service: 0 });
});

test("the order in which calls end does not show in the transcript", async () => {
  const orders = [
    ["1", "2", "3"],
    ["3", "2", "1"],
    ["2", "3", "1"],
  ];
  const transcripts: string[] = [];
  for (const order of orders) {
    const { box, task, rig } = heldTools([free]);
    const done = box.run([call("1", "free"), call("2", "free"), call("3", "free")]);
    await rig.idle();
    for (const id of order) {
      task(id).complete(`output of ${id}`);
      await rig.idle();
    }
    transcripts.push(
      JSON.stringify((await done).map(({ id, text, isError }) => ({ id, text, isError }))),
    );
  }
  expect(new Set(transcripts).size).toBe(1);
});

test("a call that is cancelled keeps the true words of why, and one that failed its own", async () => {
  const { box, task, rig } = heldTools([free]);
  const turn = box.turn({ failure: "stop" });
  turn.call(call("1", "free"));
  turn.call(call("2", "free"));
  turn.commit();
  await rig.idle();
  task("2").fail(new Error("ENOSPC: the disk is full", { cause: new Error("quota of 5 GB") }));
  const results = await turn.results();
  expect(results[0]?.text).toBe(
    'free was told to stop before it had ended: Call "2" did not complete: free failed: ENOSPC: the disk is full\nCaused by: quota of 5 GB. What it did until then may have had its effect.',
  );
  expect(results[1]?.text).toBe("free failed: ENOSPC: the disk is full\nCaused by: quota of 5 GB");
});

describe("a slot is lent while an agent waits for those inside it:", () => {
  type Wait = (box: Toolbox, ctx: TaskContext, inner: ToolCall) => Promise<unknown>;
  const waits: Readonly<Record<string, Wait>> = {
    "by run": async (box, within, inner) => (await box.run([inner], { within }))[0]?.output,
    "by results": async (box, within, inner) => {
      const turn = box.turn({ within });
      turn.call(inner);
      turn.commit();
      return (await turn.results())[0]?.output;
    },
    "by result, before the commit": async (box, within, inner) => {
      const turn = box.turn({ within });
      turn.call({ ...inner, name: inner.name === "leaf" ? "look" : inner.name });
      const early = inner.name === "leaf" ? await turn.result(inner.id) : undefined;
      turn.commit();
      return (early ?? (await turn.result(inner.id))).output;
    },
    "by for await": async (box, within, inner) => {
      const turn = box.turn({ within });
      turn.call(inner);
      turn.commit();
      for await (const result of turn) {
        return result.output;
      }
      return undefined;
    },
  };

  test.each(Object.entries(waits))("three levels deep at a limit of 1, %s", async (_, wait) => {
    const { clock, sleep } = sleeper();
    let running = 0;
    let most = 0;
    const leaf = async (): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      return 1;
    };
    const box: Toolbox = toolbox(
      [
        {
          name: "agent",
          parallel: true,
          run: async (input, ctx) => {
            const level = Number(input);
            const inner = level === 1 ? call("x", "leaf") : call("x", "agent", level - 1);
            return Number(await wait(box, ctx, inner)) + 1;
          },
        },
        { name: "leaf", parallel: true, run: leaf },
        { name: "look", parallel: true, effect: "read", run: leaf },
      ],
      { clock, limit: 1 },
    );
    const results = await box.run([
      call("1", "agent", 3),
      call("2", "agent", 2),
      call("3", "leaf"),
    ]);
    expect(results.map(({ status, output }) => [status, output])).toEqual([
      ["completed", 4],
      ["completed", 3],
      ["completed", 1],
    ]);
    expect(most).toBe(1);
    await box.idle();
  });
});

test("a turn that is opened inside a call is refused where it is not said to be within it", async () => {
  const errors: string[] = [];
  const box: Toolbox = toolbox([
    {
      name: "agent",
      run: async () => {
        for (const open of [() => box.run([]), async () => box.turn()]) {
          await open().catch((error: unknown) => errors.push(String(error)));
        }
        return await toolbox([{ name: "t", run: () => "elsewhere" }]).run([call("1", "t")]);
      },
    },
  ]);
  expect(statuses(await box.run([call("outer", "agent")]))).toEqual(["outer completed"]);
  expect(errors).toEqual(
    Array(2).fill(
      'TypeError: Cannot open a turn inside call "outer" of the same toolbox as it must be said to be `within` it: its calls might wait for that one',
    ),
  );
});

test("a turn is refused inside a call of its own toolbox also by way of another one", async () => {
  const errors: string[] = [];
  const there: Toolbox = toolbox([
    {
      name: "back",
      run: async () => {
        await here.run([]).catch((error: unknown) => errors.push(String(error)));
      },
    },
  ]);
  const here: Toolbox = toolbox([
    { name: "away", run: async () => (await there.run([call("inner", "back")]))[0]?.status },
  ]);
  const [result] = await here.run([call("outer", "away")]);
  expect(result?.output).toBe("completed");
  expect(errors).toEqual([
    expect.stringContaining('Cannot open a turn inside call "outer" of the same toolbox'),
  ]);
});

test("a tool that fails leaves nobody waiting: those that use it, conflict with it, or came after it", async () => {
  const box = toolbox([
    { name: "fails", writes: () => "db:x", run: () => Promise.reject(new Error("no")) },
    { name: "t", writes: () => "db:x", run: () => 1 },
  ]);
  const results = await box.run([
    call("1", "fails"),
    call("2", "t", { $from: "1" }),
    call("3", "t"),
    call("4", "fails"),
    call("5", "t"),
  ]);
  expect(statuses(results)).toEqual([
    "1 failed",
    "2 skipped",
    "3 completed",
    "4 failed",
    "5 completed",
  ]);
});

function sleeper() {
  const clock = virtualClock();
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  return { clock, sleep };
}
