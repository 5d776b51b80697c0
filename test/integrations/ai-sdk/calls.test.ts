/** Calls of every kind: what the SDK does with them stays as it is. */
import { AsyncLocalStorage } from "node:async_hooks";
import { limit } from "fanfold";
import { parallel, taskOf } from "fanfold/ai-sdk";
import { virtualClock } from "fanfold/testing";
import type { TurnReport } from "fanfold/tools";
import { describe, expect, test } from "vitest";
import { FILES, heldTools, type PathInput } from "./held-tools.ts";
import { callPart, calling, finishPart, liveResponse, saying } from "./script.ts";
import { scriptedModel, sdks, silence, streams } from "./sdks.ts";

silence();

const WRITE_A = { id: "1", name: "write", input: { path: "a" } };
const READ_A = { id: "2", name: "read", input: { path: "a" } };
const READ_B = { id: "3", name: "read", input: { path: "b" } };

describe.each(sdks)("$name", ({ version, run }) => {
  test("invalid calls are the SDK's, and hold up nobody", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([
          { id: "x", name: "write", input: { path: 1 } },
          { id: "y", name: "write", text: "{" },
          { id: "z", name: "missing" },
          READ_A,
        ]),
        saying("done"),
      ]),
    });
    const running = run({ model, tools });
    expect(await held.completeAll()).toEqual(["read a"]);
    const { content, text } = await running;
    const errors = content.filter(({ type }) => type === "tool-error");
    expect(errors.map(({ toolCallId }) => toolCallId).toSorted()).toEqual(["x", "y", "z"]);
    expect(text).toBe("done");
  });

  test("a repaired call runs with what it was repaired to, in its place", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([{ id: "1", name: "write", text: "path a" }, READ_A]),
        saying("done"),
      ]),
      declare: FILES,
    });
    const repair = async ({ toolCall }: { toolCall: object }): Promise<object> => ({
      ...toolCall,
      input: JSON.stringify({ path: "a" }),
    });
    const repairs = { experimental_repairToolCall: repair, repairToolCall: repair };
    const running = run({ model, tools, ...repairs });
    await held.idle();
    expect(held.running).toEqual(["write a"]);
    expect(await held.completeAll()).toEqual(["write a", "read a"]);
    await running;
  });

  test("tools without execute, and those of the provider, stay as they are", async () => {
    const held = heldTools();
    const { read, other } = held;
    const { execute: _, ...client } = other;
    const given = { client, read };
    const { tools, model } = parallel({
      tools: given,
      model: scriptedModel(version, [
        calling([
          { id: "c", name: "client", input: { path: "x" } },
          { id: "p", name: "search", input: {}, providerExecuted: true },
          READ_A,
        ]),
      ]),
    });
    expect(tools.client).toBe(given.client);
    const running = run({ model, tools });
    expect(await held.completeAll()).toEqual(["read a"]);
    const { content } = await running;
    const results = content.filter(({ type }) => type === "tool-result");
    expect(results.map(({ toolCallId }) => toolCallId)).toEqual(["2"]);
  });

  test("dynamic tools and objects of a class work as before", async () => {
    class Counter {
      #count = 0;
      readonly type = "dynamic";
      readonly description = "Counts";
      readonly inputSchema = heldTools().read.inputSchema;
      execute(): number {
        this.#count += 1;
        return this.#count;
      }
    }
    const counter = new Counter();
    const { tools, model } = parallel({
      tools: { counter },
      model: scriptedModel(version, [
        calling([{ id: "1", name: "counter", input: { path: "" } }]),
        saying("done"),
      ]),
    });
    expect(tools.counter).toBeInstanceOf(Counter);
    const { content } = await run({ model, tools });
    expect(content.find(({ type }) => type === "tool-result")).toMatchObject({
      output: 1,
      dynamic: true,
    });
  });

  test("calls of one id are made once each", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([WRITE_A, { ...READ_A, id: "1" }, { ...WRITE_A, input: { path: "b" } }]),
        saying("done"),
      ]),
      declare: FILES,
    });
    const running = run({ model, tools });
    expect((await held.completeAll()).toSorted()).toEqual(["read a", "write a", "write b"]);
    expect(held.order.indexOf("write a completed")).toBeLessThan(
      held.order.indexOf("read a started"),
    );
    await running;
  });

  test("responses one after another may use the same ids", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([WRITE_A, READ_A]),
        calling([
          { id: "1", name: "read", input: { path: "c" } },
          { id: "2", name: "read", input: { path: "d" } },
        ]),
        saying("done"),
      ]),
      declare: FILES,
    });
    const running = run({ model, tools });
    expect(await held.completeAll()).toEqual(["write a", "read a", "read c", "read d"]);
    expect((await running).text).toBe("done");
  });

  test("runs at once with the same tools and the same ids wait only for what conflicts", async () => {
    const held = heldTools();
    const { read, write } = held;
    const clock = virtualClock({ autojump: false });
    const { tools } = parallel({ tools: { read, write }, declare: FILES, clock });
    const begin = async (path: string): Promise<{ text: string }> => {
      const calls = [WRITE_A, READ_A].map((call) => ({ ...call, input: { path } }));
      const model = scriptedModel(version, [calling(calls), saying(`done ${path}`)]);
      return await run({ model, tools });
    };
    const runs = ["a", "c", "d"].map(begin);
    await held.idle();
    expect(held.running.toSorted()).toEqual(["write a", "write c", "write d"]);
    expect((await held.completeAll()).toSorted()).toEqual(
      ["a", "c", "d"].flatMap((path) => [`read ${path}`, `write ${path}`]).toSorted(),
    );
    expect((await Promise.all(runs)).map(({ text }) => text)).toEqual([
      "done a",
      "done c",
      "done d",
    ]);
    expect(clock.pending).toBe(0);
  });

  test("an agent in a tool, with the same tools, does not wait for the call that it is in", async () => {
    const held = heldTools();
    const { read } = held;
    const wrapped = parallel({
      tools: {
        read,
        delegate: {
          description: "Has another agent do it",
          inputSchema: read.inputSchema,
          execute: async ({ path }: PathInput): Promise<string> => {
            const model = scriptedModel(version, [
              calling([{ id: "1", name: "read", input: { path } }]),
              saying(`${path} read`),
            ]);
            return (await run({ model, tools: { read: wrapped.tools.read } })).text;
          },
        },
      },
      model: scriptedModel(version, [
        calling([{ id: "1", name: "delegate", input: { path: "a" } }]),
        saying("done"),
      ]),
      limit: 1,
    });
    const running = run({ model: wrapped.model, tools: wrapped.tools });
    expect(await held.completeAll()).toEqual(["read a"]);
    const { content } = await running;
    expect(content.find(({ type }) => type === "tool-result")?.["output"]).toBe("a read");
  });

  test("an agent in a tool, with tools of its own, shares a limit that cannot block itself", async () => {
    const held = heldTools();
    const { read } = held;
    const shared = limit({ name: "shared", concurrency: 1 });
    const { tools, model } = parallel({
      tools: {
        delegate: {
          description: "Has another agent do it",
          inputSchema: read.inputSchema,
          execute: async ({ path }: PathInput, options: object): Promise<string> => {
            const inner = parallel({ tools: { read }, limit: shared, within: taskOf(options) });
            const scripted = scriptedModel(version, [
              calling([{ id: "1", name: "read", input: { path } }]),
              saying(`${path} read`),
            ]);
            return (await run({ model: scripted, tools: inner.tools })).text;
          },
        },
      },
      model: scriptedModel(version, [
        calling([
          { id: "1", name: "delegate", input: { path: "a" } },
          { id: "2", name: "delegate", input: { path: "b" } },
        ]),
        saying("done"),
      ]),
      declare: { delegate: { parallel: true } },
      limit: shared,
    });
    const running = run({ model, tools });
    expect(await held.completeAll()).toEqual(["read a", "read b"]);
    expect((await running).text).toBe("done");
  });

  test("what a tool does belongs to the call that the SDK made, for whoever traces it", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: Record<string, string | undefined> = {};
    const { read } = heldTools();
    const { tools } = parallel({
      tools: {
        read: {
          ...read,
          execute: async ({ path }: PathInput): Promise<string> => {
            await Promise.resolve();
            seen[path] = storage.getStore();
            return path;
          },
        },
      },
      declare: { read: FILES.read },
    });
    const messages: object[] = [];
    const make = (id: string): Promise<string> =>
      storage.run(`span ${id}`, () =>
        (tools.read.execute as (input: PathInput, options: object) => Promise<string>)(
          { path: id },
          { toolCallId: id, messages },
        ),
      );
    await Promise.all(["1", "2", "3"].map(make));
    expect(seen).toEqual({ "1": "span 1", "2": "span 2", "3": "span 3" });
  });

  test("preliminary results come as they are made, and the last is the result", async () => {
    const held = heldTools();
    const { read } = held;
    const { tools, model } = parallel({
      tools: {
        read: {
          ...read,
          async *execute({ path }: PathInput) {
            yield `${path} 1`;
            yield await read.execute({ path });
          },
        },
      },
      model: scriptedModel(version, [calling([READ_A, READ_B]), saying("done")]),
      declare: { read: FILES.read },
    });
    const running = run({ model, tools });
    expect((await held.completeAll()).toSorted()).toEqual(["read a", "read b"]);
    const { content, parts } = await running;
    const results = content.filter(({ type }) => type === "tool-result");
    expect(results.map(({ output }) => output).toSorted()).toEqual(["read a done", "read b done"]);
    const preliminary = parts.filter(
      ({ type, preliminary }) => type === "tool-result" && preliminary,
    );
    expect(preliminary.map(({ output }) => output).toSorted()).toEqual(
      parts.length === 0 ? [] : ["a 1", "b 1", "read a done", "read b done"],
    );
  });

  test("a function that returns an iterable without saying so gives its last value", async () => {
    const { read } = heldTools();
    const yielding = async function* (): AsyncGenerator<number> {
      yield 1;
      yield 2;
    };
    for (const preliminary of [undefined, true]) {
      const { tools, model } = parallel({
        tools: { read: { ...read, execute: () => yielding() } },
        model: scriptedModel(version, [calling([READ_A]), saying("done")]),
        declare: { read: { preliminary } },
      });
      const { content, parts } = await run({ model, tools });
      expect(content.find(({ type }) => type === "tool-result")?.["output"]).toBe(2);
      const early = parts.filter(({ type, preliminary }) => type === "tool-result" && preliminary);
      expect(early).toHaveLength(preliminary === true && parts.length > 0 ? 2 : 0);
    }
  });

  test("an error after preliminary results is that of the call", async () => {
    const { read } = heldTools();
    const error = new Error("broken");
    const { tools, model } = parallel({
      tools: {
        read: {
          ...read,
          // eslint-disable-next-line require-yield
          async *execute(): AsyncGenerator<number> {
            yield 1;
            throw error;
          },
        },
      },
      model: scriptedModel(version, [calling([READ_A]), saying("done")]),
    });
    const { content } = await run({ model, tools });
    expect(content.find(({ type }) => type === "tool-error")?.["error"]).toBe(error);
  });

  test("onTurn tells of each response what its calls waited for; one that throws is not called again", async () => {
    const clock = virtualClock({ autojump: false });
    const held = heldTools();
    const { read, write } = held;
    const seen: TurnReport[] = [];
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([WRITE_A, READ_A]),
        calling([READ_B]),
        saying("done"),
      ]),
      declare: FILES,
      clock,
      onTurn: (report) => {
        seen.push(report);
        throw new Error("an observer that fails");
      },
    });
    const running = run({ model, tools });
    await held.idle();
    await clock.advance(1000);
    await held.completeAll();
    await running;
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      wallMs: 1000,
      calls: [
        { id: "1", status: "completed", runMs: 1000, waits: [] },
        {
          id: "2",
          status: "completed",
          queuedMs: 1000,
          waits: [{ reason: "claim", on: ["1"], ms: 1000 }],
        },
      ],
    });
  });
});

describe.each(sdks.filter(({ version }) => version === 7))("$name", ({ version, run }) => {
  test("a hook that delays a call does not change the order", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([WRITE_A, READ_A, READ_B]), saying("done")]),
      declare: FILES,
    });
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const onToolExecutionStart = async ({ toolCall }: { toolCall: { toolCallId: string } }) => {
      if (toolCall.toolCallId === "1") {
        await released;
      }
    };
    const running = run({
      model,
      tools,
      onToolExecutionStart,
      experimental_onToolExecutionStart: onToolExecutionStart,
    });
    await held.idle();
    expect(held.running).toEqual(["read b"]);
    release();
    expect(await held.completeAll()).toEqual(["read b", "write a", "read a"]);
    await running;
  });

  test("a call that the SDK never comes to execute is given up after ten seconds, and holds up nobody any more", async () => {
    const clock = virtualClock({ autojump: false });
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([WRITE_A, READ_A]), saying("done")]),
      declare: FILES,
      clock,
    });
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const onToolExecutionStart = async ({ toolCall }: { toolCall: { toolCallId: string } }) => {
      if (toolCall.toolCallId === "1") {
        await released;
      }
    };
    const running = run({
      model,
      tools,
      onToolExecutionStart,
      experimental_onToolExecutionStart: onToolExecutionStart,
    });
    await held.idle();
    expect(held.running).toEqual([]);
    await clock.advance(10_000);
    await held.idle();
    expect(held.running).toEqual(["read a"]);
    release();
    await held.idle();
    expect(held.running).toEqual(["read a"]);
    expect(await held.completeAll()).toEqual(["read a", "write a"]);
    expect((await running).text).toBe("done");
    expect(clock.pending).toBe(0);
  });

  test.each([1, 2])(
    "toolCallConcurrency: %i is obeyed, and each call made once",
    async (toolCallConcurrency) => {
      const held = heldTools();
      const { read, write } = held;
      const { tools, model } = parallel({
        tools: { read, write },
        model: scriptedModel(version, [
          calling([READ_A, READ_B, { ...WRITE_A, id: "w" }, { ...READ_A, id: "r" }]),
          saying("done"),
        ]),
        declare: { ...FILES, read: { ...FILES.read, priority: 1 } },
        limit: 1,
      });
      const running = run({ model, tools, toolCallConcurrency });
      for (let ended = 0; ended < 4; ended += 1) {
        await held.idle();
        expect(held.running.length).toBe(1);
        held.call(held.running[0] ?? "").complete("");
      }
      await running;
      expect(held.order).toHaveLength(8);
    },
  );
});

describe.each(sdks.filter(({ version, isStream }) => version === 7 && !isStream))(
  "$name",
  ({ version, run }) => {
    test("a call of a response in one piece runs once, with the sandbox", async () => {
      const seen: boolean[] = [];
      const { read } = heldTools();
      const { tools, model } = parallel({
        tools: {
          read: {
            ...read,
            execute: async (_: PathInput, options: { experimental_sandbox?: object }) => {
              seen.push(options.experimental_sandbox !== undefined);
            },
          },
        },
        model: scriptedModel(version, [calling([READ_A]), saying("done")]),
        declare: { read: FILES.read },
      });
      await run({ model, tools, experimental_sandbox: {} });
      expect(seen).toEqual([true]);
    });
  },
);

describe.each(streams.filter(({ version }) => version === 7))("$name", ({ version, run }) => {
  test("a call that is refined after it was written runs once, with what it was refined to", async () => {
    const held = heldTools();
    const { tools, model } = parallel({
      tools: { read: held.read },
      model: scriptedModel(version, [calling([READ_A]), saying("done")]),
      declare: { read: FILES.read },
    });
    const refineToolInput = { read: ({ path }: PathInput) => ({ path: `${path}/refined` }) };
    const running = run({
      model,
      tools,
      refineToolInput,
      experimental_refineToolInput: refineToolInput,
    });
    expect(await held.completeAll()).toEqual(["read a/refined"]);
    await running;
  });

  test("reads that ended early are not made again, though the SDK asks for one after the other", async () => {
    const held = heldTools();
    const response = liveResponse();
    const { tools, model } = parallel({
      tools: { read: held.read },
      model: scriptedModel(version, [response.stream, saying("done")]),
      declare: { read: FILES.read },
    });
    const running = run({ model, tools, toolCallConcurrency: 1 });
    response.write(callPart(READ_A));
    response.write(callPart(READ_B));
    expect(await held.completeAll()).toEqual(["read a", "read b"]);
    response.write(finishPart());
    response.end();
    await held.idle();
    const { content } = await running;
    expect(held.order).toHaveLength(4);
    const results = content.filter(({ type }) => type === "tool-result");
    expect(results.map(({ output }) => output)).toEqual(["read a done", "read b done"]);
  });

  test("a call that is made again keeps its place", async () => {
    const held = heldTools();
    const response = liveResponse();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [response.stream, saying("done")]),
      declare: FILES,
    });
    const running = run({ model, tools, experimental_sandbox: {} });
    response.write(callPart(READ_A));
    response.write(callPart(WRITE_A));
    await held.idle();
    held.call("read a").complete("without");
    response.write(finishPart());
    response.end();
    expect(await held.completeAll()).toEqual(["read a", "read a", "write a"]);
    await running;
  });

  test("a call that started without the sandbox is made again with it, and the next ones start with it", async () => {
    const held = heldTools();
    const seen: [string, boolean][] = [];
    const responses = [liveResponse(), liveResponse()] as const;
    const { tools, model } = parallel({
      tools: {
        read: {
          ...held.read,
          execute: async ({ path }: PathInput, options: { experimental_sandbox?: object }) => {
            seen.push([path, options.experimental_sandbox !== undefined]);
            return path;
          },
        },
      },
      model: scriptedModel(version, [responses[0].stream, responses[1].stream, saying("done")]),
      declare: { read: FILES.read },
    });
    const running = run({ model, tools, experimental_sandbox: {} });
    for (const [index, call] of [READ_A, READ_B].entries()) {
      responses[index]?.write(callPart(call));
      await held.idle();
      responses[index]?.write(finishPart());
      responses[index]?.end();
      await held.idle();
    }
    await running;
    expect(seen).toEqual([
      ["a", false],
      ["a", true],
      ["b", true],
    ]);
  });
});

test("ai 7 streamText with streamRetries makes the calls of the response that ended well, once, in order", async () => {
  const held = heldTools();
  const { read, write } = held;
  const broken = liveResponse();
  const { tools, model } = parallel({
    tools: { read, write },
    model: scriptedModel(7, [broken.stream, calling([WRITE_A, READ_A]), saying("done")]),
    declare: FILES,
  });
  const sdk = sdks.find(({ name }) => name === "ai 7 streamText");
  const running = sdk?.run({ model, tools, streamRetries: 1 });
  broken.write(callPart(READ_B));
  broken.write(callPart(WRITE_A));
  await held.idle();
  // It holds back what it would have to take back.
  expect(held.running).toEqual([]);
  broken.write({ type: "error", error: new Error("overloaded") });
  expect(await held.completeAll()).toEqual(["write a", "read a"]);
  expect((await running)?.text).toBe("done");
});
