/** Function tools in a run of the OpenAI Agents SDK, with a model that says what a script says; and what plain tools do. */
import {
  Agent,
  defineToolInputGuardrail,
  RunContext,
  Runner,
  setTracingDisabled,
  tool,
  ToolGuardrailFunctionOutputFactory,
  Usage,
  type FunctionTool,
  type Model,
  type RunItem,
} from "@openai/agents-core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  callOrder,
  parallelTools,
  type ParallelToolsOptions,
} from "../../../src/adapters/openai-agents/index.ts";
import { rig, type HeldTask } from "../../../src/testing/index.ts";
import { heldCalls, numbered, PAGE_TOOLS, PAGES } from "../../support/held-calls.ts";

setTracingDisabled(true);

type AnyTool = FunctionTool<any, any, any>;

const DECLARED: ParallelToolsOptions = { declare: PAGES };

describe("plain tools", () => {
  test("a read overtakes the write before it", async () => {
    const { run, held, r } = heldRun(
      (tools) => tools,
      [call("change", "write", "a"), call("look", "read", "a")],
    );
    const ended = run();
    await held("read").started;
    held("read").complete("as it was before");
    await r.idle();
    held("write").complete("written");
    await ended;
    expect(r.order).toEqual(["write started", "read started", "read completed", "write completed"]);
  });

  test("all calls are at work at once", async () => {
    const names = numbered(20);
    const { run, held, r } = heldRun(
      (tools) => tools,
      names.map((name) => call("look", name, name)),
    );
    const ended = run();
    await held("call-20").started;
    expect(r.running).toHaveLength(20);
    names.forEach((name) => held(name).complete(name));
    await ended;
  });

  test("a write with an approval to think about is overtaken by the read after it", async () => {
    const { run, held, r } = heldRun(
      (tools) => thoughtful(tools),
      [call("change", "write", "a"), call("look", "read", "a")],
    );
    const ended = run();
    await Promise.all([held("write").started, held("read").started]);
    held("write").complete("written");
    held("read").complete("page");
    await ended;
    expect(r.order.slice(0, 2)).toEqual(["read started", "write started"]);
  });
});

describe("parallelTools", () => {
  test("a read waits for the write before it, and no other call does", async () => {
    const { run, held, r } = heldRun(parallel(DECLARED), [
      call("change", "write", "a"),
      call("look", "read", "a"),
      call("look", "other", "b"),
    ]);
    const ended = run();
    await held("other").started;
    held("other").complete("page b");
    await r.idle();
    held("write").complete("written");
    await held("read").started;
    held("read").complete("as it is now");
    expect(outputs((await ended).newItems)).toEqual([
      "write: written",
      "read: as it is now",
      "other: page b",
    ]);
    expect(r.order).toEqual([
      "write started",
      "other started",
      "other completed",
      "write completed",
      "read started",
      "read completed",
    ]);
  });

  test("what nobody declared runs alone", async () => {
    const { run, held, r } = heldRun(parallel(DECLARED), [
      call("look", "before", "a"),
      call("mystery", "alone", "b"),
      call("look", "after", "c"),
    ]);
    const ended = run();
    for (const name of ["before", "alone", "after"]) {
      await held(name).started;
      await r.idle();
      expect(r.running).toEqual([name]);
      held(name).complete(name);
    }
    await ended;
  });

  test("no more are at work than the limit allows", async () => {
    const names = numbered(20);
    const { run, held, r } = heldRun(
      parallel({ ...DECLARED, limit: 3 }),
      names.map((name) => call("look", name, name)),
    );
    const ended = run();
    for (const name of names) {
      await held(name).started;
      await r.idle();
      expect(r.running.length).toBeLessThanOrEqual(3);
      if (name === "call-1") expect(r.running).toHaveLength(3);
      held(name).complete(name);
    }
    expect(outputs((await ended).newItems)).toEqual(names.map((name) => `${name}: ${name}`));
  });

  test("a call that fails leaves the others alone", async () => {
    const { run, held } = heldRun(parallel(DECLARED), [
      call("look", "bad", "a"),
      call("look", "good", "b"),
      { ...call("look", "wrong", "c"), arguments: "{" },
      { ...call("look", "short", "d"), arguments: "{}" },
    ]);
    const ended = run();
    await Promise.all([held("bad").started, held("good").started]);
    held("bad").fail(new Error("torn out"));
    held("good").complete("fine");
    const [bad, good, wrong, short] = outputs((await ended).newItems);
    expect(bad).toMatch(/^bad: An error occurred/);
    expect(good).toBe("good: fine");
    expect(wrong).toMatch(/JSON|parsing|Invalid/i);
    expect(short).toMatch(/^short: An error occurred/);
  });

  test("a call that waits for an approval does not stall those beside it", async () => {
    const { agent, runner, held } = heldRun(
      (tools) =>
        parallelTools(
          tools.map((each) =>
            each.name === "change" ? { ...each, needsApproval: async () => true } : each,
          ),
          DECLARED,
        ),
      [call("change", "write", "a"), call("look", "read", "a"), call("look", "other", "b")],
    );
    const first = runner.run(agent, "Go");
    await Promise.all([held("read").started, held("other").started]);
    held("read").complete("page a");
    held("other").complete("page b");
    const { interruptions, state } = await first;
    expect(interruptions.map(({ rawItem }) => "callId" in rawItem && rawItem.callId)).toEqual([
      "write",
    ]);
    state.approve(interruptions[0]!);
    const second = runner.run(agent, state);
    await held("write").started;
    held("write").complete("written");
    expect((await second).finalOutput).toBe("Done");
  });

  test("the order is that of the response, whoever has an approval to think about", async () => {
    const order = callOrder();
    const { run, held, r } = heldRun(
      (tools) => parallelTools(thoughtful(tools), { ...DECLARED, order }),
      [call("change", "write", "a"), call("look", "read", "a")],
      (model) => order.watch(model),
    );
    const ended = run();
    await held("write").started;
    await r.idle();
    expect(r.running).toEqual(["write"]);
    held("write").complete("written");
    await held("read").started;
    held("read").complete("page");
    await ended;
  });

  test("the order is seen in a stream too", async () => {
    const order = callOrder();
    const { agent, runner, held, r } = heldRun(
      (tools) => parallelTools(thoughtful(tools), { ...DECLARED, order }),
      [call("change", "write", "a"), call("look", "read", "a")],
      (model) => order.watch(model),
    );
    const streamed = await runner.run(agent, "Go", { stream: true });
    const ended = (async () => {
      for await (const _ of streamed);
    })();
    await held("write").started;
    await r.idle();
    expect(r.running).toEqual(["write"]);
    held("write").complete("written");
    await held("read").started;
    held("read").complete("page");
    await ended;
  });

  test("a call that a guardrail has to let through keeps its place", async () => {
    const guard = rig().task<"allow" | "reject">("guard");
    const { run, held, r } = heldRun(
      (tools) => parallelTools(guarded(tools, guard), DECLARED),
      [call("change", "write", "a"), call("look", "read", "a"), call("look", "other", "b")],
    );
    const ended = run();
    await Promise.all([guard.started, held("other").started]);
    await r.idle();
    expect(r.running).toEqual(["other"]);
    guard.complete("allow");
    await held("write").started;
    held("write").complete("written");
    await held("read").started;
    held("read").complete("page");
    held("other").complete("other");
    await ended;
  });

  test("a call that a guardrail refuses leaves its place", async () => {
    const guard = rig().task<"allow" | "reject">("guard");
    const { run, held, r } = heldRun(
      (tools) => parallelTools(guarded(tools, guard), DECLARED),
      [call("change", "write", "a"), call("look", "read", "a")],
    );
    const ended = run();
    await guard.started;
    await r.idle();
    expect(r.running).toEqual([]);
    guard.complete("reject");
    await held("read").started;
    held("read").complete("page");
    expect(outputs((await ended).newItems)).toEqual(["write: not allowed", "read: page"]);
    expect(held("write").state).toBe("waiting");
  });

  test("a call that the first of its guardrails refuses leaves its place too", async () => {
    const guard = rig().task<"allow" | "reject">("guard");
    const { run, held } = heldRun(
      (tools) => parallelTools(guarded(guarded(tools, guard), guard), DECLARED),
      [call("change", "write", "a"), call("look", "read", "a")],
    );
    const ended = run();
    await guard.started;
    guard.complete("reject");
    await held("read").started;
    held("read").complete("page");
    await ended;
    expect(guard.attempts).toBe(1);
  });

  test("a call that is let through when its run has been aborted leaves its place", async () => {
    const guard = rig().task<"allow" | "reject">("guard");
    const { agent, runner, held } = heldRun(
      (tools) => parallelTools(guarded(tools, guard), DECLARED),
      [call("change", "write", "a"), call("look", "read", "b"), call("look", "later", "a")],
    );
    const controller = new AbortController();
    const aborted = runner.run(agent, "Go", { signal: controller.signal });
    await Promise.all([guard.started, held("read").started]);
    controller.abort(new Error("not wanted"));
    guard.complete("allow");
    await aborted.catch(() => undefined);
    const look = agent.tools.find(({ name }) => name === "look") as AnyTool;
    const output = look.invoke(new RunContext(), call("look", "later", "a").arguments);
    await held("later").started;
    held("later").complete("page");
    expect(await output).toBe("page");
  });

  test("a run that is aborted stops its calls, and does not begin those that wait", async () => {
    const { agent, runner, held } = heldRun(parallel({}), [
      call("look", "first", "a"),
      call("look", "second", "a"),
    ]);
    const controller = new AbortController();
    const aborted = runner.run(agent, "Go", { signal: controller.signal });
    await held("first").started;
    controller.abort(new Error("not wanted"));
    await aborted.catch(() => undefined);
    expect(held("first").state).toBe("cancelled");
    expect(held("second").state).toBe("waiting");
  });

  test.each([
    ["error_as_result", /look was told to stop as it took longer than 1 ms/],
    ["raise_exception", undefined],
  ] as const)("a call that takes too long with %s", async (timeoutBehavior, text) => {
    const { run, held } = heldRun(
      (tools) => parallelTools(tools.map((each) => ({ ...each, timeoutMs: 1, timeoutBehavior }))),
      [call("look", "a", "a")],
    );
    if (text === undefined) {
      await expect(run()).rejects.toThrow("an attempt may take 1 ms");
    } else {
      expect(outputs((await run()).newItems)[0]).toMatch(text);
    }
    expect(held("a").state).toBe("cancelled");
  });

  test("a failure that a tool does not turn into text stops the run, and what waits", async () => {
    const bad = tool({
      name: "bad",
      description: "",
      parameters: z.object({}),
      errorFunction: null,
      execute: () => Promise.reject(new Error("torn out")),
    });
    const after: string[] = [];
    const good = tool({
      name: "good",
      description: "",
      parameters: z.object({}),
      execute: () => String(after.push("good")),
    });
    const agent = new Agent({
      name: "agent",
      model: scripted([
        { type: "function_call", callId: "1", name: "bad", arguments: "{}" },
        { type: "function_call", callId: "2", name: "good", arguments: "{}" },
      ]),
      tools: parallelTools<AnyTool>([bad, good]),
    });
    await expect(new Runner().run(agent, "Go")).rejects.toThrow("torn out");
    expect(after).toEqual([]);
  });

  test("an agent as a tool uses the same tools and does not wait for itself", async () => {
    const look = tool({
      name: "look",
      description: "",
      parameters: z.object({}),
      execute: () => "page",
    });
    let tools: AnyTool[] = [];
    const inner = tool({
      name: "agent",
      description: "",
      parameters: z.object({}),
      execute: async () => {
        const model = scripted([
          { type: "function_call", callId: "1", name: "look", arguments: "{}" },
        ]);
        const { newItems } = await new Runner().run(
          new Agent({ name: "inner", model, tools }),
          "Go",
        );
        return outputs(newItems).join();
      },
    });
    tools = parallelTools<AnyTool>([look, inner], { limit: 1 });
    const model = scripted([
      { type: "function_call", callId: "1", name: "agent", arguments: "{}" },
    ]);
    const { newItems } = await new Runner().run(new Agent({ name: "outer", model, tools }), "Go");
    expect(outputs(newItems)).toEqual(["1: 1: page"]);
  });
});

/** A call whose work is the held task of its id. */
function call(name: string, task: string, page: string) {
  return {
    type: "function_call" as const,
    callId: task,
    name,
    arguments: JSON.stringify({ task, page }),
  };
}

type ScriptedCall = ReturnType<typeof call>;

/** A run of an agent whose model makes these calls, then stops. */
function heldRun(
  wrap: (tools: AnyTool[]) => AnyTool[],
  calls: readonly ScriptedCall[],
  watch: (model: Model) => Model = (model) => model,
) {
  const { rig: r, task: held, run } = heldCalls();
  const tools = PAGE_TOOLS.map((name) =>
    tool({
      name,
      description: name,
      parameters: z.object({ task: z.string(), page: z.string() }),
      execute: ({ task }, _context, details) => run(task, details?.signal),
    }),
  );
  const agent = new Agent({ name: "agent", model: watch(scripted(calls)), tools: wrap(tools) });
  const runner = new Runner();
  return { agent, runner, run: () => runner.run(agent, "Go"), r, held };
}

function scripted(calls: readonly ScriptedCall[]): Model {
  const done = {
    type: "message" as const,
    role: "assistant" as const,
    status: "completed" as const,
    content: [{ type: "output_text" as const, text: "Done" }],
  };
  const script = [[...calls], [done]];
  return {
    getResponse: async () => ({ usage: new Usage(), output: script.shift()! }),
    async *getStreamedResponse() {
      yield {
        type: "response_done",
        response: {
          id: "1",
          usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
          output: script.shift()!,
        },
      };
    },
  };
}

function parallel(options: ParallelToolsOptions) {
  return (tools: AnyTool[]): AnyTool[] => parallelTools(tools, options);
}

/** Whether `change` needs an approval takes a moment to decide. */
function thoughtful(tools: AnyTool[]): AnyTool[] {
  return tools.map((each) =>
    each.name === "change"
      ? {
          ...each,
          async needsApproval() {
            for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
            return false;
          },
        }
      : each,
  );
}

/** Whether `change` may be called at all is for the test to say. */
function guarded(tools: AnyTool[], guard: HeldTask<"allow" | "reject">): AnyTool[] {
  const guardrail = defineToolInputGuardrail({
    name: "guard",
    run: async () =>
      (await guard.run({ signal: new AbortController().signal })) === "allow"
        ? ToolGuardrailFunctionOutputFactory.allow()
        : ToolGuardrailFunctionOutputFactory.rejectContent("not allowed"),
  });
  return tools.map((each) =>
    each.name === "change"
      ? { ...each, inputGuardrails: [...(each.inputGuardrails ?? []), guardrail] }
      : each,
  );
}

function outputs(items: readonly RunItem[]): readonly string[] {
  return items.flatMap((item) =>
    item.type === "tool_call_output_item" && "callId" in item.rawItem
      ? [`${item.rawItem.callId}: ${String(item.output)}`]
      : [],
  );
}
