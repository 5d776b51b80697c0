// Stopping calls: one result each, and nobody else is harmed.
import { describe, expect, test } from "vitest";
import { toolbox, type Tool, type ToolResult } from "../../src/tools/index.ts";
import { call, heldTools, latch, schema, statuses } from "./support.ts";

const read = {
  name: "read",
  effect: "read",
  reads: (key: unknown) => `db:${String(key)}`,
} as const;
const write = { name: "write", writes: (key: unknown) => `db:${String(key)}` } as const;

describe("turn.cancel", () => {
  test("answers a call that runs at once, and leaves its siblings alone", async () => {
    const { box, task, rig } = heldTools([read], { stubborn: ["1"] });
    const turn = box.turn();
    turn.call(call("1", "read", "a"));
    turn.call(call("2", "read", "b"));
    await rig.idle();
    turn.cancel("1", new Error("not needed"));
    expect(await turn.result("1")).toMatchObject({
      status: "cancelled",
      text: "read was told to stop before it had ended: not needed. What it did until then may have had its effect.",
    });
    expect(task("1").signal.aborted).toBe(true);
    expect(task("2").signal.aborted).toBe(false);
    turn.commit();
    task("2").complete("two");
    expect(statuses(await turn.results())).toEqual(["1 cancelled", "2 completed"]);
    task("1").complete("late");
    await box.idle();
    expect((await turn.result("1")).status).toBe("cancelled");
  });

  test("of a call that waits answers it as not run, and lets those behind it go on", async () => {
    const { box, task, rig } = heldTools([write]);
    const turn = box.turn();
    for (const id of ["1", "2", "3"]) {
      turn.call(call(id, "write", "a"));
    }
    turn.commit();
    await rig.idle();
    turn.cancel("2");
    expect((await turn.result("2")).text).toBe("write was not run, as it was cancelled.");
    task("1").complete(1);
    await task("3").started;
    task("3").complete(3);
    expect(statuses(await turn.results())).toEqual(["1 completed", "2 cancelled", "3 completed"]);
    expect(rig.order.filter((each) => each.startsWith("2"))).toEqual([]);
  });

  test("of one that has ended, or of none, does nothing", async () => {
    const { box, task } = heldTools([read]);
    const turn = box.turn();
    turn.call(call("1", "read", "a"));
    await task("1").started;
    task("1").complete("one");
    const result = await turn.result("1");
    turn.cancel("1");
    turn.cancel("none");
    turn.commit();
    expect(await turn.results()).toEqual([result]);
  });

  test("of one of two calls that share work leaves it to the other", async () => {
    for (const [leaves, stays] of [
      ["1", "2"],
      ["2", "1"],
    ] as const) {
      const { box, task, rig } = heldTools([read]);
      const turn = box.turn();
      turn.call(call("1", "read", "a"));
      turn.call(call("2", "read", "a"));
      await rig.idle();
      turn.cancel(leaves);
      await rig.idle();
      expect(task("1").signal.aborted).toBe(false);
      task("1").complete("shared");
      turn.commit();
      expect((await turn.result(leaves)).status).toBe("cancelled");
      expect(await turn.result(stays)).toMatchObject({ status: "completed", output: "shared" });
    }
  });

  test("of all calls that share work stops it", async () => {
    const { box, task, rig } = heldTools([read]);
    const turn = box.turn();
    turn.call(call("1", "read", "a"));
    turn.call(call("2", "read", "a"));
    await rig.idle();
    turn.cancel("1");
    turn.cancel("2");
    expect(task("1").signal.aborted).toBe(true);
    turn.commit();
    expect(statuses(await turn.results())).toEqual(["1 cancelled", "2 cancelled"]);
  });

  test.each([
    ["still stops", true],
    ["has stopped", false],
    ["has never begun", undefined],
  ])("does not end a later identical call while the work of the first %s", async (_, stubborn) => {
    const { box, task, rig } = heldTools([read, write], {
      stubborn: stubborn === true ? ["1"] : [],
    });
    const turn = box.turn();
    if (stubborn === undefined) {
      turn.call(call("0", "write", "a"));
    }
    turn.call(call("1", "read", "a"));
    await rig.idle();
    turn.cancel("1");
    await rig.idle();
    turn.call(call("2", "read", "a"));
    turn.commit();
    await rig.idle();
    if (stubborn === undefined) {
      task("0").complete("zero");
    }
    await task("2").started;
    task("2").complete("two");
    expect(await turn.result("2")).toMatchObject({ status: "completed", output: "two" });
    if (stubborn === true) {
      task("1").complete("late");
    }
    await box.idle();
  });

  test("of a call between two attempts says that it may have had its effect", async () => {
    const retry = { attempts: 2, delayMs: 100, jitter: "none" } as const;
    const { box, task, rig } = heldTools([{ ...write, idempotent: true, retry }]);
    const turn = box.turn();
    turn.call(call("1", "write", "a"));
    turn.commit();
    await task("1").started;
    task("1").fail(new Error("once"));
    await rig.idle();
    turn.cancel("1");
    const result = await turn.result("1");
    expect(result).toMatchObject({ status: "cancelled", attempts: 1 });
    expect(result.text).toContain("What it did until then may have had its effect");
    expect(task("1").attempts).toBe(1);
  });

  test("of a call whose schema takes its time lets the calls after it go on", async () => {
    const never = schema<string>(() => new Promise(() => undefined));
    const { box, task } = heldTools([{ ...read, name: "slow", input: never } as never, read]);
    const turn = box.turn();
    turn.call(call("1", "slow", "a"));
    turn.call(call("2", "read", "b"));
    turn.commit();
    turn.cancel("1");
    await task("2").started;
    task("2").complete("two");
    expect(statuses(await turn.results())).toEqual(["1 cancelled", "2 completed"]);
  });

  test("of a call that waits for the output of another: nobody is asked for consent to it afterwards", async () => {
    const asked: string[] = [];
    const { box, task, rig } = heldTools([read, { ...write, needsApproval: () => true }], {
      approve: ({ id }) => {
        asked.push(id);
        return true;
      },
    });
    const turn = box.turn();
    turn.call(call("1", "read", "a"));
    turn.call(call("2", "write", { $from: "1" }));
    turn.commit();
    await rig.idle();
    turn.cancel("2");
    task("1").complete("b");
    await rig.idle();
    expect(asked).toEqual([]);
    expect(statuses(await turn.results())).toEqual(["1 completed", "2 cancelled"]);
  });

  test("of a call whose filled arguments are being checked: nobody is asked for consent to it afterwards", async () => {
    const asked: string[] = [];
    const checked = latch();
    const input = schema<string>(async () => {
      await checked.wait;
      return undefined;
    });
    const { box, task, rig } = heldTools(
      [read, { ...write, input, needsApproval: () => true } as never],
      {
        approve: ({ id }) => {
          asked.push(id);
          return true;
        },
      },
    );
    const turn = box.turn();
    turn.call(call("1", "read", "a"));
    turn.call(call("2", "write", { $from: "1" }));
    turn.commit();
    await rig.idle();
    task("1").complete("b");
    await rig.idle();
    turn.cancel("2");
    checked.open();
    await rig.idle();
    expect(asked).toEqual([]);
    expect(statuses(await turn.results())).toEqual(["1 completed", "2 cancelled"]);
  });
});

describe("turn.abort", () => {
  test("answers every call at once: those that run, wait, or are not checked yet", async () => {
    const checked = latch();
    const slow = schema<string>(async () => {
      await checked.wait;
      return undefined;
    });
    const { box, task, rig } = heldTools(
      [read, write, { ...write, name: "slow", input: slow } as never],
      {
        stubborn: ["1"],
      },
    );
    const turn = box.turn();
    turn.call(call("0", "read", "z"));
    await task("0").started;
    task("0").complete("zero");
    await turn.result("0");
    turn.call(call("1", "read", "a"));
    turn.call(call("2", "write", "a"));
    turn.call(call("3", "slow", "a"));
    turn.call(call("4", "read", "b"));
    await rig.idle();
    turn.abort("the user left");
    const results = await turn.results();
    expect(statuses(results)).toEqual([
      "0 completed",
      "1 cancelled",
      "2 cancelled",
      "3 cancelled",
      "4 cancelled",
    ]);
    expect(results.slice(1).every(({ text }) => text.includes("the user left"))).toBe(true);
    checked.open();
    task("1").complete("late");
    await box.idle();
    expect(rig.order).toEqual(["0 started", "0 completed", "1 started", "1 completed"]);
  });

  test("and then call answers as cancelled; commit and then call throws", async () => {
    const { box } = heldTools([read]);
    const aborted = box.turn();
    aborted.abort("over");
    aborted.call(call("1", "read", "a"));
    expect(await aborted.results()).toMatchObject([
      { status: "cancelled", error: "over", attempts: 0 },
    ]);
    const committed = box.turn();
    committed.commit();
    expect(() => committed.call(call("1", "read", "a"))).toThrow(
      'Cannot add call "1" as its turn was committed: a response that is complete has no more calls',
    );
    expect(await committed.results()).toEqual([]);
  });

  test("after commit stops what still runs, and commit after abort starts nothing", async () => {
    const { box, task, rig } = heldTools([write]);
    const first = box.turn();
    first.call(call("1", "write", "a"));
    first.commit();
    await task("1").started;
    first.abort();
    expect(statuses(await first.results())).toEqual(["1 cancelled"]);
    const second = box.turn();
    second.call(call("2", "write", "a"));
    second.abort();
    second.commit();
    await rig.idle();
    expect(statuses(await second.results())).toEqual(["2 cancelled"]);
    expect(rig.order).toEqual(["1 started", "1 cancelled"]);
  });

  test("by a signal that is aborted before the turn opens, or later", async () => {
    const { box, task } = heldTools([read]);
    const before = box.turn({ signal: AbortSignal.abort("never") });
    before.call(call("1", "read", "a"));
    expect(await before.results()).toMatchObject([{ status: "cancelled", error: "never" }]);
    const controller = new AbortController();
    const turn = box.turn({ signal: controller.signal });
    turn.call(call("2", "read", "a"));
    await task("2").started;
    controller.abort("later");
    expect(await turn.results()).toMatchObject([{ status: "cancelled", error: "later" }]);
  });

  test("inside the code that adds a call: the call does not run", async () => {
    const ran: string[] = [];
    const reads = (): string => {
      turn.abort("now");
      return "db:a";
    };
    const box = toolbox([{ name: "t", effect: "read", reads, run: () => void ran.push("t") }]);
    const turn = box.turn();
    turn.call(call("1", "t"));
    expect(statuses(await turn.results())).toEqual(["1 cancelled"]);
    await box.idle();
    expect(ran).toEqual([]);
  });
});

describe('failure: "stop"', () => {
  test("cancels those that have not ended, and tells them why; without it they go on", async () => {
    for (const failure of ["stop", "continue"] as const) {
      const { box, task, rig } = heldTools([write]);
      const turn = box.turn({ failure });
      for (const id of ["1", "2", "3"]) {
        turn.call(call(id, "write", id === "3" ? "2" : id));
      }
      turn.commit();
      await rig.idle();
      task("1").fail(new Error("disk full"));
      await turn.result("1");
      await rig.idle();
      if (failure === "continue") {
        task("2").complete(2);
        await task("3").started;
        task("3").complete(3);
        expect(statuses(await turn.results())).toEqual(["1 failed", "2 completed", "3 completed"]);
      } else {
        const results = await turn.results();
        expect(statuses(results)).toEqual(["1 failed", "2 cancelled", "3 cancelled"]);
        expect(results[2]?.text).toBe(
          'write was not run, as it was cancelled: Call "1" did not complete: write failed: disk full.',
        );
      }
    }
  });
});

test('failure: "stop" holds for calls that are added after the failure', async () => {
  const box = toolbox([
    { name: "fails", effect: "read", run: () => Promise.reject(new Error("no")) },
    { name: "other", effect: "read", run: () => "ran" },
  ]);
  const turn = box.turn({ failure: "stop" });
  turn.call(call("1", "fails"));
  await turn.result("1");
  turn.call(call("2", "other"));
  turn.commit();
  expect(statuses(await turn.results())).toEqual(["1 failed", "2 cancelled"]);
});

test("a call that toolbox.run refuses leaves nothing behind that others would wait for", async () => {
  const ran: string[] = [];
  const box = toolbox([{ name: "t", run: (_, { key }) => void ran.push(key) }] as readonly Tool[]);
  const wrong = [call("1", "t"), { id: "", name: "t" }];
  await expect(box.run(wrong)).rejects.toThrow(TypeError);
  await box.idle();
  expect(statuses(await box.run([call("2", "t")]))).toEqual(["2 completed"]);
  expect(ran).toEqual(["2"]);
});

test("results, result and for await tell the same results", async () => {
  const { box, task, rig } = heldTools([read]);
  const turn = box.turn();
  const seen: ToolResult[] = [];
  const reading = (async () => {
    for await (const result of turn) {
      seen.push(result);
    }
  })();
  turn.call(call("1", "read", "a"));
  turn.call(call("2", "read", "b"));
  await rig.idle();
  task("2").complete(2);
  await rig.idle();
  expect(statuses(seen)).toEqual(["2 completed"]);
  turn.commit();
  task("1").complete(1);
  await reading;
  expect(statuses(seen)).toEqual(["2 completed", "1 completed"]);
  expect(await turn.results()).toEqual([seen[1], seen[0]]);
  expect(await turn.result("2")).toBe(seen[0]);
  await expect(turn.result("3")).rejects.toThrow(
    'Cannot wait for call "3" as the turn has none of that id',
  );
});
