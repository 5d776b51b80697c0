import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { budget, CancelledError } from "../../src/index.ts";
import { promiseAndHands } from "../../src/core/promise-and-hands.ts";
import {
  agent,
  ModelOutputError,
  type Agent,
  type AgentEvent,
  type Model,
  type ModelMessage,
  type ModelResponse,
} from "../../src/models/index.ts";
import { rig, scripted, virtualClock } from "../../src/testing/index.ts";
import { defineTool, toolbox, type Toolbox } from "../../src/tools/index.ts";

const call = (id: string, name: string, input: unknown = {}) => ({ id, name, input });
const echo = defineTool({
  name: "echo",
  input: z.object({ text: z.string() }),
  effect: "read",
  run: ({ text }) => text,
});

/** Whether each call has exactly one result, in the message right after it and in order. */
function expectValid(messages: readonly ModelMessage[]): void {
  for (const [index, message] of messages.entries()) {
    const next = messages[index + 1];
    const calls = message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : [];
    const answered = next?.role === "tool" ? next.results.map(({ id }) => id) : [];
    if (message.role === "assistant") {
      expect(answered).toEqual(calls);
      expect(message.text !== "" || calls.length > 0).toBe(true);
    }
  }
}

describe("an agent", () => {
  test("gives calls whose id is empty or taken another, the same in the stream and in the conversation", async () => {
    const toolCalls = [call("", "echo", { text: "a" }), call("own", "echo"), call("", "echo")];
    const model = scripted([{ toolCalls }, { toolCalls }, "Done."]);
    const told: (string | undefined)[] = [];
    const run = agent({ model, toolbox: toolbox([echo]) }).run("Go.", {
      messages: [
        { role: "assistant", text: "", toolCalls: [call("call-2", "echo")] },
        { role: "tool", results: [{ id: "call-2", name: "echo", text: "", isError: false }] },
      ],
      onEvent: (event) => {
        if (event.type === "tool-called") told.push(event.call.id);
      },
    });
    const { messages, finish } = await run;
    expect(finish).toBe("answered");
    expectValid(messages);
    const ids = messages.flatMap((each) =>
      each.role === "tool" ? each.results.map(({ id, isError }) => `${id} ${isError}`) : [],
    );
    expect(ids).toEqual([
      "call-2 false",
      "call-1 false",
      "own true",
      "call-3 true",
      "call-4 false",
      "call-5 true",
      "call-6 true",
    ]);
    expect(told).toEqual(["call-1", "own", "call-3", "call-4", "call-5", "call-6"]);
    expect(model.requests.at(-1)?.messages).toEqual(messages.slice(0, -1));
  });

  test("calls tools until it has an answer, and hands results back in the order of the calls", async () => {
    const model = scripted([
      { toolCalls: [call("1", "echo", { text: "one" }), call("2", "echo", { text: "two" })] },
      { text: "one and two" },
    ]);
    const run = agent({ model, toolbox: toolbox([echo]) }).run("Say both.");
    const result = await run;
    expect(result).toMatchObject({ finish: "answered", text: "one and two", steps: 2 });
    expect(result.messages).toEqual([
      { role: "user", text: "Say both." },
      { role: "assistant", text: "", toolCalls: [expect.anything(), expect.anything()] },
      {
        role: "tool",
        results: [
          { id: "1", name: "echo", text: "one", isError: false },
          { id: "2", name: "echo", text: "two", isError: false },
        ],
      },
      { role: "assistant", text: "one and two", toolCalls: [] },
    ]);
    expect(run.messages).toBe(result.messages);
  });

  test("tells a model that calls what is not there", async () => {
    const model = scripted([{ toolCalls: [call("1", "nothing")] }, "I cannot."]);
    const { messages, text } = await agent({ model }).run("Try.");
    expectValid(messages);
    expect(messages[2]).toMatchObject({ role: "tool", results: [{ isError: true }] });
    expect(text).toBe("I cannot.");
  });

  test("stops after its steps, with every call answered", async () => {
    const model = scripted(({ messages = [] }) => ({
      toolCalls: [call(`${messages.length}`, "echo", { text: "again" })],
    }));
    const result = await agent({ model, toolbox: toolbox([echo]), maxSteps: 3 }).run("Go.");
    expect(result).toMatchObject({ finish: "max-steps", steps: 3 });
    expectValid(result.messages);
    expect(model.requests).toHaveLength(3);
  });

  test("stops when another step does not fit into its budget", async () => {
    const model = scripted(() => ({ toolCalls: [call("1", "echo", { text: "again" })] }));
    const result = await agent({
      model,
      toolbox: toolbox([echo]),
      budget: budget({ calls: 2 }),
    }).run("Go.");
    expect(result).toMatchObject({ finish: "budget", steps: 2, spent: { calls: 2 } });
    expectValid(result.messages);
  });

  test("goes on with an earlier conversation", async () => {
    const model = scripted(["first", "second"]);
    const first = await agent({ model }).run("One?");
    await agent({ model }).run("Two?", { messages: first.messages });
    expect(
      model.requests[1]?.messages?.map((message) => "text" in message && message.text),
    ).toEqual(["One?", "first", "Two?"]);
  });

  test("asks again where the answer does not fit its schema", async () => {
    const schema = { schema: z.object({ score: z.number() }) };
    const model = scripted(['{ "score": "high" }', '{ "score": 7 }']);
    const result = await agent({ model, schema }).run("How good is it?");
    expect(result).toMatchObject({ finish: "answered", object: { score: 7 }, steps: 2 });
    expectValid(result.messages);
  });

  test("starts calls that only read while the model still writes", async () => {
    const clock = virtualClock();
    const held = rig({ clock });
    const look = held.task("look");
    const tool = defineTool({ name: "look", effect: "read", run: (_, ctx) => look.run(ctx) });
    const model = scripted(
      [{ toolCalls: [call("1", "look")], text: "I look.", eachMs: 1000 }, "Done."],
      { clock },
    );
    const events: string[] = [];
    const run = agent({ model, toolbox: toolbox([tool], { clock }) }).run("Look.", {
      onEvent: ({ type }) => void events.push(type),
    });
    await look.started;
    look.complete();
    expect((await run).text).toBe("Done.");
    expect(events).toContain("tool-answered");
  });

  test("tells of a call that only reads as soon as it is answered, while the model still writes", async () => {
    const told = promiseAndHands<void>();
    const calls = [call("1", "look")];
    const message = { role: "assistant", text: "", toolCalls: calls } as const;
    // It goes on writing when somebody was told of the answer.
    const model: Model = {
      name: "waits",
      generate: () => Promise.reject(new Error("it streams")),
      async *stream({ messages = [] }) {
        const isFirst = messages.length === 1;
        if (isFirst) {
          yield { type: "tool-call", call: call("1", "look") };
          await told.promise;
        }
        const response: ModelResponse = {
          text: isFirst ? "" : "Done.",
          toolCalls: isFirst ? calls : [],
          finishReason: isFirst ? "tool-calls" : "stop",
          usage: { inputTokens: 1, outputTokens: 1 },
          headers: {},
          message: isFirst ? message : { role: "assistant", text: "Done.", toolCalls: [] },
        };
        yield { type: "finish", response };
      },
    };
    const look = defineTool({ name: "look", effect: "read", run: () => "found" });
    const events: string[] = [];
    const { text } = await agent({ model, toolbox: toolbox([look]) }).run("Look.", {
      onEvent(event) {
        events.push(event.type);
        if (event.type === "tool-answered") told.resolve();
      },
    });
    expect(text).toBe("Done.");
    expect(events).toEqual(["tool-called", "tool-answered", "step-completed", "step-completed"]);
  });

  test("does not tell of calls that were aborted with a response that broke off", async () => {
    const events: string[] = [];
    const model: Model = {
      name: "breaks",
      generate: () => Promise.reject(new Error("it streams")),
      async *stream() {
        yield { type: "tool-call", call: call("1", "write") };
        throw new Error("The connection was lost");
      },
    };
    const write = defineTool({ name: "write", run: () => "written" });
    const run = agent({ model, toolbox: toolbox([write]) }).run("Write.", {
      onEvent: ({ type }) => void events.push(type),
    });
    expect(run.spent.calls).toBe(0);
    await expect(run).rejects.toThrow("lost");
    expect(events).toEqual(["tool-called"]);
    expect(run.spent).toMatchObject({ calls: 1, unknownCalls: 1 });
  });

  test("leaves a conversation that providers take when it is cancelled, wherever that is", async () => {
    const clock = virtualClock();
    const held = rig({ clock });
    const slow = held.task("slow");
    const tools = toolbox(
      [
        echo,
        defineTool({
          name: "slow",
          writes: () => "db:1", // It starts when the response is complete.
          run: (_, ctx) => slow.run(ctx),
        }),
      ],
      { clock },
    );
    const model = scripted([
      { toolCalls: [call("1", "echo", { text: "one" }), call("2", "slow")] },
    ]);
    const events: AgentEvent[] = [];
    const run = agent({ model, toolbox: tools }).run("Go.", {
      onEvent: (event) => void events.push(event),
    });
    await slow.started;
    run.cancel("enough");
    await expect(run).rejects.toThrow(CancelledError);
    expectValid(run.messages);
    expect(run.messages.at(-1)).toMatchObject({
      role: "tool",
      results: [
        { id: "1", isError: false },
        { id: "2", isError: true },
      ],
    });
  });

  test("inside a tool lends the slots of its call, three deep at a limit of 1", async () => {
    const inner = agent({
      model: scripted([{ toolCalls: [call("1", "echo", { text: "deep" })] }, "inner"]),
      toolbox: toolbox([echo], { limit: 1 }),
    });
    const middle = agent({
      model: scripted([{ toolCalls: [call("1", "ask", { prompt: "x" })] }, "middle"]),
      toolbox: toolbox([inner.asTool({ name: "ask", description: "Asks." })], { limit: 1 }),
    });
    const outer = agent({
      model: scripted([{ toolCalls: [call("1", "ask", { prompt: "x" })] }, "outer"]),
      toolbox: toolbox([middle.asTool({ name: "ask", description: "Asks." })], { limit: 1 }),
    });
    expect((await outer.run("Go.")).text).toBe("outer");
  });

  test.each<[string, { run?: boolean; around?: boolean; own?: boolean }, string[]]>([
    ["that of the run around it", { run: true }, ["run"]],
    [
      "that of the run around it, not that of the toolbox around it",
      { run: true, around: true },
      ["run"],
    ],
    ["that of its own toolbox", { run: true, own: true }, ["own"]],
    ["nobody where only the toolbox around it has one", { around: true }, []],
  ])(
    "inside another asks for consent %s",
    async (_, { run = false, around = false, own = false }, expected) => {
      const asked: string[] = [];
      const asker = (is: boolean, name: string) =>
        is
          ? { approve: ({ name: tool }: { name: string }) => asked.push(`${name}: ${tool}`) > 0 }
          : {};
      const send = defineTool({ name: "send", needsApproval: () => true, run: () => "sent" });
      const inner = agent({
        model: scripted([{ toolCalls: [call("1", "send")] }, "inner"]),
        toolbox: toolbox([send], asker(own, "own")),
      });
      const middle = agent({
        model: scripted([{ toolCalls: [call("1", "ask", { prompt: "x" })] }, "middle"]),
        toolbox: toolbox(
          [inner.asTool({ name: "ask", description: "Asks." })],
          asker(around, "around"),
        ),
      });
      const within = defineTool({
        name: "ask",
        run: async (_input, ctx) => (await middle.run("Go.", { within: ctx })).text,
      });
      const outer = agent({
        model: scripted([{ toolCalls: [call("1", "ask")] }, "outer"]),
        toolbox: toolbox([within]),
      });
      expect((await outer.run("Go.", asker(run, "run"))).text).toBe("outer");
      expect(asked).toEqual(expected.map((name) => `${name}: send`));
    },
  );

  test("rejects with what the model throws, and keeps its conversation", async () => {
    const error = new Error("no credit");
    const model = scripted([
      { toolCalls: [call("1", "echo", { text: "one" })] },
      { failure: error },
    ]);
    const run = agent({ model, toolbox: toolbox([echo]) }).run("Go.");
    await expect(run).rejects.toBe(error);
    expectValid(run.messages);
    expect(run.messages).toHaveLength(3);
  });

  test("is not bound by what the toolbox says of calls: limit, timeout and budget", async () => {
    const clock = virtualClock();
    const paid = budget({ calls: 1 });
    let lookedAtMs = 0;
    const look = defineTool({
      name: "look",
      effect: "read",
      run: () => {
        lookedAtMs = clock.now();
      },
    });
    const model = scripted(
      [{ toolCalls: [call("1", "look"), call("2", "nothing")], eachMs: 1000 }, "Done."],
      { clock },
    );
    const tools = toolbox([look], { clock, limit: 1, timeoutMs: 500, budget: paid });
    const result = await agent({ model, toolbox: tools }).run("Look.");
    expect(result.finish).toBe("answered");
    expect(lookedAtMs).toBe(0); // While the model still wrote.
    expect(paid.stats().spent.calls).toBe(1);
  });

  test("has in its conversation what was called, when it is cancelled at the last result", async () => {
    const model = scripted([{ toolCalls: [call("1", "write")] }]);
    const write = defineTool({ name: "write", run: () => "one" }); // It begins when the response is complete.
    const run = agent({ model, toolbox: toolbox([write]) }).run("Go.", {
      onEvent: ({ type }) => {
        if (type === "tool-answered") {
          run.cancel("enough");
        }
      },
    });
    await expect(run).rejects.toThrow(CancelledError);
    expectValid(run.messages);
    expect(run.messages.at(-1)).toMatchObject({ role: "tool", results: [{ text: "one" }] });
  });

  test("does not ask again, for data, what a service has refused to answer", async () => {
    const schema = { schema: z.object({ score: z.number() }) };
    const model = scripted(() => ({ text: "I may not.", finishReason: "content-filter" }));
    const result = await agent({ model, schema }).run("How good is it?");
    expect(result).toMatchObject({ finish: "content-filter", text: "I may not.", steps: 1 });
    expect(result.object).toBeUndefined();
    expectValid(result.messages);
  });

  test("says what it said last, also where that could not be used", async () => {
    const schema = { schema: z.object({ score: z.number() }) };
    const model = scripted(["high"]);
    const result = await agent({ model, schema, budget: budget({ calls: 1 }) }).run("How good?");
    expect(result).toMatchObject({ finish: "budget", text: "high", steps: 1 });
  });

  test("leaves out calls of an answer that could not be used, as they have no results", async () => {
    const answers = scripted(["no data", "{}"]);
    const model: Model = {
      name: "odd",
      generate: async (request, options) => {
        const response = await answers.generate(request, options);
        const toolCalls = [call("1", "echo", { text: "one" })];
        const message = { ...response.message, toolCalls };
        if (answers.requests.length === 1) {
          throw new ModelOutputError("no data", ["odd"], { ...response, toolCalls, message });
        }
        return response;
      },
    };
    const result = await agent({ model }).run("Go.");
    expect(result.steps).toBe(2);
    expectValid(result.messages);
  });

  test.each([
    ["fewer", () => false],
    ["more", () => true],
  ])("refuses a stream with %s calls than its response", async (_, keepsCalls) => {
    const inner = scripted([{ toolCalls: [call("1", "echo", { text: "one" })] }]);
    const model: Model = {
      name: "odd",
      generate: async (request, options) => await inner.generate(request, options),
      async *stream(request, options) {
        for await (const part of inner.stream(request, options)) {
          if (part.type === "finish" && keepsCalls()) {
            const message = { ...part.response.message, text: "none", toolCalls: [] };
            yield { ...part, response: { ...part.response, toolCalls: [], message } };
          } else if (part.type !== "tool-call" || keepsCalls()) {
            yield part;
          }
        }
      },
    };
    const run = agent({ model, toolbox: toolbox([echo]) }).run("Go.");
    await expect(run).rejects.toThrow(/^Cannot go on as the stream of model "odd" must give/);
    expect(run.messages).toHaveLength(1);
  });

  test("as a tool fails where it ended without an answer, and says why", async () => {
    const helper = agent({
      model: scripted(() => ({ text: "Not yet.", toolCalls: [call("1", "nothing")] })),
      maxSteps: 2,
    });
    const tools = toolbox([helper.asTool({ name: "ask", description: "Asks." })]);
    const [result] = await tools.run([call("1", "ask", { prompt: "x" })]);
    expect(result).toMatchObject({
      status: "failed",
      text: "ask failed: Cannot answer as the agent ended early (max-steps, step 2); it said last: Not yet.",
    });
  });

  test("is refused inside a call of its toolbox that it is not said to be within", async () => {
    const inner = scripted(() => "inner");
    const box = toolbox([
      defineTool({
        name: "ask",
        run: async () => await agent({ model: inner, toolbox: box }).run("x"),
      }),
      defineTool({
        name: "ask_within",
        run: async (_, within) =>
          (await agent({ model: inner, toolbox: box }).run("x", { within })).text,
      }),
    ]);
    const [refused, allowed] = await box.run([call("1", "ask"), call("2", "ask_within")]);
    expect(refused?.text).toContain('Cannot run an agent inside call "1" of its toolbox');
    expect(allowed?.text).toBe("inner");
    expect(inner.requests).toHaveLength(1);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("no");
      },
    ],
    ["rejects in another realm", () => runInNewContext("Promise.reject(1)")],
  ])("is not hurt by an observer that %s", async (_, fails) => {
    let told = 0;
    const model = scripted([{ text: ["one", "two", "three"], eachMs: 1 }], {
      clock: virtualClock(),
    });
    const onEvent = (): unknown => {
      told += 1;
      return fails();
    };
    const { text } = await agent({ model }).run("Go.", { onEvent });
    expect(text).toBe("onetwothree");
    expect(told).toBe(1);
  });

  test("hides nobody that waits: a turn inside its tools that would wait for the call around is refused", async () => {
    const helper: Agent = agent({
      model: scripted([{ toolCalls: [call("2", "back")] }, "Done."]),
      toolbox: toolbox([
        defineTool({
          name: "back",
          run: async () => (await outer.run([call("3", "echo", { text: "x" })]))[0]?.text,
        }),
      ]),
    });
    let messages: readonly ModelMessage[] = [];
    const outer: Toolbox = toolbox([
      echo,
      defineTool({
        name: "ask",
        run: async () => {
          ({ messages } = await helper.run("x"));
        },
      }),
    ]);
    await outer.run([call("1", "ask")]);
    expect(messages[2]).toMatchObject({
      results: [
        { isError: true, text: expect.stringContaining('inside call "1" of the same toolbox') },
      ],
    });
  });
});
