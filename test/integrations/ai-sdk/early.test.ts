/** Calls that start while the model is still writing. */
import { parallel, type ParallelOptions } from "fanfold/ai-sdk";
import { describe, expect, test } from "vitest";
import { FILES, heldTools, type HeldTools } from "./held-tools.ts";
import {
  callPart,
  calling,
  finishPart,
  liveResponse,
  saying,
  type ScriptedCall,
} from "./script.ts";
import { scriptedModel, silence, streams, type RunResult, type Sdk } from "./sdks.ts";

silence();

const READ_A = { id: "1", name: "read", input: { path: "a" } };
const WRITE_B = { id: "2", name: "write", input: { path: "b" } };
const READ_B = { id: "3", name: "read", input: { path: "b" } };

/** A run whose first response is written by the test. */
function begin(
  { version, run }: Sdk,
  options: object = {},
  more: object = {},
  others: object = {},
) {
  const held = heldTools();
  const { read, write, other } = held;
  const response = liveResponse();
  const wrapped = parallel({
    tools: { read, write, other, ...others },
    model: scriptedModel(version, [response.stream, saying("done")]),
    declare: FILES,
    ...options,
  } as ParallelOptions<Pick<HeldTools, "read" | "write" | "other">, object, undefined>);
  const { tools, model } = wrapped;
  const running = run({ model, tools, ...more }).catch((error: unknown) => ({ error }));
  const write1 = async (call: ScriptedCall): Promise<void> => {
    response.write(callPart(call));
    await held.idle();
  };
  return {
    held,
    response,
    running: running as Promise<RunResult & { error?: unknown }>,
    say: write1,
    wrapped,
  };
}

describe.each(streams)("$name", (sdk) => {
  test("by itself starts nothing before the response is complete", async () => {
    const held = heldTools();
    const response = liveResponse();
    const model = scriptedModel(sdk.version, [response.stream, saying("done")]);
    const running = sdk.run({ model, tools: { read: held.read } });
    response.write(callPart(READ_A));
    await held.idle();
    expect(held.running).toEqual([]);
    response.write(finishPart());
    response.end();
    await held.completeAll();
    await running;
  });

  test("a read starts when its arguments are there; a write when the response is complete", async () => {
    const { held, response, running, say } = begin(sdk);
    await say(READ_A);
    expect(held.running).toEqual(["read a"]);
    await say(WRITE_B);
    expect(held.running).toEqual(["read a"]);
    response.write(finishPart());
    response.end();
    await held.idle();
    expect(held.running).toEqual(["read a", "write b"]);
    expect(await held.completeAll()).toEqual(["read a", "write b"]);
    const { text, content } = await running;
    expect(text).toBe("done");
    expect(content.filter(({ type }) => type === "tool-result")).toHaveLength(2);
  });

  test("a read that has ended before the SDK asks for it is not made again", async () => {
    const { held, response, running, say } = begin(sdk);
    await say(READ_A);
    held.call("read a").complete("early");
    await held.idle();
    response.write(finishPart());
    response.end();
    const { content } = await running;
    expect(content.find(({ type }) => type === "tool-result")?.["output"]).toBe("early");
    expect(held.call("read a").attempts).toBe(1);
  });

  test("a read waits for an earlier write of the same", async () => {
    const { held, response, running, say } = begin(sdk);
    await say(WRITE_B);
    await say(READ_B);
    await say(READ_A);
    expect(held.running).toEqual(["read a"]);
    response.write(finishPart());
    response.end();
    expect(await held.completeAll()).toEqual(["read a", "write b", "read b"]);
    await running;
  });

  test("a read waits for an earlier call that nobody declared, and one that is not seen to be invalid", async () => {
    for (const first of [
      { id: "0", name: "other", input: { path: "x" } },
      { id: "0", name: "write", text: "{" },
    ]) {
      const { held, response, running, say } = begin(sdk);
      await say(first);
      await say(READ_A);
      expect(held.running).toEqual([]);
      response.write(finishPart());
      response.end();
      const started = await held.completeAll();
      expect(started.at(-1)).toBe("read a");
      await running;
    }
  });

  test("a call that the provider executes, and one of a tool without execute, is in nobody's way", async () => {
    const { execute: _, ...client } = heldTools().other;
    const { held, response, running, say } = begin(sdk, {}, {}, { client });
    await say({ id: "p", name: "search", input: {}, providerExecuted: true });
    await say({ id: "c", name: "client", input: { path: "x" } });
    await say(READ_A);
    expect(held.running).toEqual(["read a"]);
    response.write(finishPart());
    response.end();
    await held.completeAll();
    await running;
  });

  test("nothing runs on after a response that was cut off", async () => {
    const { held, response, running, say } = begin(sdk);
    await say(READ_A);
    await say(WRITE_B);
    response.write(finishPart("length"));
    response.end();
    await running;
    await held.idle();
    expect(held.order).toEqual(["read a started", "read a cancelled"]);
  });

  test("nothing runs on after a response that broke off, and the next run is not held up", async () => {
    const { held, response, say, wrapped } = begin(sdk, {}, { maxRetries: 0 });
    await say(READ_A);
    response.fail(new Error("connection lost"));
    await held.idle();
    expect(held.order).toEqual(["read a started", "read a cancelled"]);
    await wrapped.idle();
    const { tools } = wrapped;
    const next = sdk.run({
      model: scriptedModel(sdk.version, [
        calling([{ ...WRITE_B, input: { path: "a" } }]),
        saying("next"),
      ]),
      tools,
    });
    await held.completeAll();
    expect((await next).text).toBe("next");
  });

  test("an abort stops what started early", async () => {
    const aborting = new AbortController();
    const { held, response, running, say, wrapped } = begin(
      sdk,
      {},
      { abortSignal: aborting.signal },
    );
    await say(READ_A);
    aborting.abort(new Error("enough"));
    await held.idle();
    expect(held.order).toEqual(["read a started", "read a cancelled"]);
    await wrapped.idle();
    if (sdk.version === 6) {
      response.fail(aborting.signal.reason); // It waits for the provider to notice.
    }
    await running;
  });

  test("an error of a call that started early is that of the call", async () => {
    const { held, response, running, say } = begin(sdk);
    await say(READ_A);
    const error = new Error("not found");
    held.call("read a").fail(error);
    await held.idle();
    response.write(finishPart());
    response.end();
    const { content } = await running;
    expect(content.find(({ type }) => type === "tool-error")).toMatchObject({
      toolCallId: "1",
      error,
    });
  });

  test("early: false starts nothing before the response is complete", async () => {
    const { held, response, running, say } = begin(sdk, { early: false });
    await say(READ_A);
    expect(held.running).toEqual([]);
    response.write(finishPart());
    response.end();
    expect(await held.completeAll()).toEqual(["read a"]);
    await running;
  });

  test("two calls of one id start late, and each is made once", async () => {
    const { held, response, running, say } = begin(sdk);
    response.write(callPart(READ_A));
    await say({ ...READ_B, id: "1" });
    expect(held.running).toEqual(["read a"]);
    response.write(finishPart());
    response.end();
    expect((await held.completeAll()).toSorted()).toEqual(["read a", "read b"]);
    await running;
  });
});
