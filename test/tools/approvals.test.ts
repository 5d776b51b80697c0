// Consent: asked in its place, given by nothing but a plain yes, and nobody else's business.
import { describe, expect, test } from "vitest";
import { toolbox, type Approval, type Tool } from "../../src/tools/index.ts";
import { call, heldTools, latch, statuses } from "./support.ts";

const write = { name: "write", writes: (key: unknown) => `db:${String(key)}` } as const;
const guarded = { ...write, name: "guarded", needsApproval: () => true } as const;

describe("an approval that is pending", () => {
  test("holds no slot and no one but those who conflict, and wipes nothing", async () => {
    const asked = latch();
    const { box, task, rig } = heldTools([write, guarded], {
      limit: 1,
      approve: async () => {
        await asked.wait;
        return true;
      },
    });
    const turn = box.turn();
    turn.call(call("1", "write", "a"));
    turn.call(call("2", "guarded", "b"));
    turn.call(call("3", "write", "b"));
    turn.call(call("4", "write", "c"));
    turn.commit();
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    task("1").complete("one");
    await task("4").started;
    task("4").complete("four");
    expect(await turn.result("1")).toMatchObject({ status: "completed", output: "one" });
    expect(await turn.result("4")).toMatchObject({ status: "completed", output: "four" });
    await rig.idle();
    expect(rig.running).toEqual([]);
    asked.open();
    await task("2").started;
    task("2").complete("two");
    await task("3").started;
    task("3").complete("three");
    expect((await turn.results()).map(({ output }) => output)).toEqual([
      "one",
      "two",
      "three",
      "four",
    ]);
  });

  test("is asked at once, while the model writes, with the validated arguments", async () => {
    const requests: unknown[] = [];
    const { box, task } = heldTools([guarded], {
      approve: (request, { signal }) => {
        requests.push({ ...request, aborted: signal.aborted });
        return true;
      },
    });
    const turn = box.turn();
    turn.call(call("1", "guarded", "a"));
    expect(requests).toEqual([{ id: "1", name: "guarded", input: "a", aborted: false }]);
    turn.commit();
    await task("1").started;
    task("1").complete(1);
    expect(statuses(await turn.results())).toEqual(["1 completed"]);
  });

  test("is told when the call is not wanted any more, and its late answer starts nothing", async () => {
    const asked = latch();
    const signals: AbortSignal[] = [];
    const { box, rig } = heldTools([guarded], {
      approve: async (_, { signal }) => {
        signals.push(signal);
        await asked.wait;
        return true;
      },
    });
    const turn = box.turn();
    turn.call(call("1", "guarded", "a"));
    turn.call(call("2", "guarded", "b"));
    turn.commit();
    turn.cancel("1");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    turn.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(statuses(await turn.results())).toEqual(["1 cancelled", "2 cancelled"]);
    asked.open();
    await rig.idle();
    expect(rig.order).toEqual([]);
    await box.idle();
  });
});

test("two approvals pending: the answer to one is no answer to the other", async () => {
  const second = latch();
  const { box, task, rig } = heldTools([guarded], {
    approve: async ({ id }) => {
      if (id === "2") {
        await second.wait;
        return { approved: false, reason: "not this one" };
      }
      return true;
    },
  });
  const turn = box.turn();
  turn.call(call("1", "guarded", "a"));
  turn.call(call("2", "guarded", "b"));
  turn.commit();
  await task("1").started;
  task("1").complete("one");
  await turn.result("1");
  let isOver = false;
  const results = turn.results().then((all) => {
    isOver = true;
    return all;
  });
  await rig.idle();
  expect(isOver).toBe(false);
  second.open();
  expect(await results).toMatchObject([
    { status: "completed" },
    {
      status: "denied",
      isError: true,
      attempts: 0,
      text: "guarded was not run, as it was not approved: not this one",
    },
  ]);
});

describe("after an interruption", () => {
  test("a call that was answered is not run again, and one that was not is asked for as before", async () => {
    const asked: string[] = [];
    const { box, task, rig } = heldTools([guarded], {
      approve: ({ id }) => {
        asked.push(id);
        return true;
      },
    });
    const first = box.turn();
    first.call(call("1", "guarded", "a"));
    first.commit();
    await task("1").started;
    task("1").complete("one");
    const answer = await first.result("1");
    asked.length = 0;
    const again = box.turn({ answered: new Map([["1", answer]]) });
    for (const id of ["1", "2", "3"]) {
      again.call(call(id, "guarded", id === "3" ? { $from: "1" } : "a"));
    }
    again.commit();
    await rig.idle();
    expect(asked).toEqual(["2", "3"]);
    await task("2").started;
    task("2").complete("two");
    await task("3").started;
    task("3").complete("three");
    const results = await again.results();
    expect(results[0]).toBe(answer);
    expect(statuses(results)).toEqual(["1 completed", "2 completed", "3 completed"]);
    expect(task("1").attempts).toBe(1);
  });
});

describe("only a plain yes is consent:", () => {
  const answers: readonly [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a text", "yes"],
    ["a number", 1],
    ["an empty object", {}],
    ["an object with a text", { approved: "true" }],
    ["a list", [true]],
    ["a boxed yes", Object(true)],
    ["a promise of a text", Promise.resolve("approved")],
    ["a function", () => true],
    ["no, with a reason that is no text", { approved: false, reason: 5 }],
  ];
  test.each(answers)("%s denies the call", async (_, answer) => {
    const ran: string[] = [];
    const tool: Tool = { name: "t", needsApproval: () => true, run: () => void ran.push("t") };
    const box = toolbox([tool], { approve: () => answer as Approval });
    const [result] = await box.run([call("1", "t")]);
    expect(result).toMatchObject({
      status: "denied",
      text: "t was not run, as it was not approved.",
    });
    expect(ran).toEqual([]);
  });

  test.each<[string, () => never | Promise<never>, string]>([
    [
      "throws",
      () => {
        throw new Error("no screen");
      },
      "asking failed: no screen",
    ],
    [
      "rejects",
      () => Promise.reject(new Error("no answer in time")),
      "asking failed: no answer in time",
    ],
    ["rejects with nothing", () => Promise.reject(), "asking failed: "],
  ])("asking that %s denies the call, and says why", async (_, approve, reason) => {
    const box = toolbox([{ name: "t", needsApproval: () => true, run: () => 1 }], { approve });
    const [result] = await box.run([call("1", "t")]);
    expect(result?.status).toBe("denied");
    expect(result?.text).toContain(reason);
  });

  test("nobody to ask denies the call, and says so", async () => {
    const box = toolbox([{ name: "t", needsApproval: () => true, run: () => 1 }]);
    const [result] = await box.run([call("1", "t")]);
    expect(result?.text).toBe(
      "t was not run, as it was not approved: it needs consent, and nobody can be asked",
    );
  });

  test("the approve of a turn comes before that of its toolbox", async () => {
    const box = toolbox([{ name: "t", needsApproval: () => true, run: () => 1 }], {
      approve: () => false,
    });
    expect(statuses(await box.run([call("1", "t")], { approve: () => true }))).toEqual([
      "1 completed",
    ]);
  });

  test.each([true, "yes", 1, {}, Promise.resolve(true), Promise.resolve(false)])(
    "a call whose tool says %j of whether it needs consent is asked for, also with arguments of others",
    async (answer) => {
      const tools: readonly Tool[] = [
        { name: "give", parallel: true, run: () => "given" },
        { name: "t", needsApproval: () => answer as boolean, run: () => 1 },
      ];
      const results = await toolbox(tools).run([
        call("1", "give"),
        call("2", "t", "given"),
        call("3", "t", { $from: "1" }),
      ]);
      expect(statuses(results)).toEqual(["1 completed", "2 denied", "3 denied"]);
    },
  );
});
