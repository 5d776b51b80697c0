/** Errors, time limits and aborts: what the SDK gets, and when. */
import { parallel } from "fanfold/ai-sdk";
import { TimedOutError } from "fanfold";
import { virtualClock } from "fanfold/testing";
import { describe, expect, test } from "vitest";
import { FILES, heldTools } from "./held-tools.ts";
import { calling, saying } from "./script.ts";
import { scriptedModel, sdks, silence } from "./sdks.ts";

silence();

const WRITE_A = { id: "1", name: "write", input: { path: "a" } };
const READ_A = { id: "2", name: "read", input: { path: "a" } };
const READ_B = { id: "3", name: "read", input: { path: "b" } };

describe.each(sdks)("$name", ({ version, run }) => {
  test("an error that a tool threw is that of its call alone", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([WRITE_A, READ_A, READ_B]), saying("done")]),
      declare: FILES,
    });
    const running = run({ model, tools });
    await held.idle();
    const error = new TypeError("no space left");
    held.call("write a").fail(error);
    await held.completeAll();
    const { content, text } = await running;
    expect(content.find(({ type }) => type === "tool-error")).toMatchObject({
      toolCallId: "1",
      error,
    });
    const results = content.filter(({ type }) => type === "tool-result");
    expect(results.map(({ output }) => output).toSorted()).toEqual(["read a done", "read b done"]);
    expect(text).toBe("done");
  });

  test("an output reaches toModelOutput as the tool returned it", async () => {
    const output = { at: new Date(0), self: new Map([["a", 1]]) };
    const seen: unknown[] = [];
    const { read } = heldTools();
    const { tools, model } = parallel({
      tools: {
        read: {
          ...read,
          execute: () => output,
          toModelOutput: (given: { output: unknown }) => {
            seen.push(given.output);
            return { type: "text", value: "a map" };
          },
        },
      },
      model: scriptedModel(version, [calling([READ_A]), saying("done")]),
    });
    const { content } = await run({ model, tools });
    expect(content.find(({ type }) => type === "tool-result")?.["output"]).toBe(output);
    expect(seen[0]).toBe(output);
  });

  test("a call is answered when its time is over, though its tool goes on; what it claims stays claimed", async () => {
    const clock = virtualClock({ autojump: false });
    const held = heldTools({ ignoresCancel: true });
    const { read, write } = held;
    const { tools, model, idle } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [
        calling([WRITE_A, READ_B]),
        calling([READ_A]),
        saying("done"),
      ]),
      declare: { ...FILES, write: { ...FILES.write, timeoutMs: 1000, graceMs: 60_000 } },
      clock,
    });
    const running = run({ model, tools });
    await held.idle();
    held.call("read b").complete("b");
    await held.idle();
    expect(held.running).toEqual(["write a"]);
    await clock.advance(1000);
    await held.idle();
    // The model has answered again, and its call waits for what is still at work.
    expect(held.running).toEqual(["write a"]);
    held.call("write a").complete("late");
    await held.idle();
    expect(held.running).toEqual(["read a"]);
    held.call("read a").complete("a");
    const { content } = await running;
    const error = content.find(({ type }) => type === "tool-error")?.["error"];
    expect(TimedOutError.isInstance(error)).toBe(true);
    await idle();
  });

  test("an aborted run is answered at once, and its calls are told", async () => {
    const held = heldTools({ ignoresCancel: true });
    const { read, write } = held;
    const aborting = new AbortController();
    const { tools, model, idle } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([WRITE_A, READ_A, READ_B])]),
      declare: FILES,
    });
    const running = run({ model, tools, abortSignal: aborting.signal }).catch(
      (error: unknown) => error,
    );
    await held.idle();
    expect(held.running.toSorted()).toEqual(["read b", "write a"]);
    aborting.abort(new Error("enough"));
    await running;
    expect(held.call("write a").signal.aborted).toBe(true);
    await held.completeAll();
    await idle();
    expect(held.order.filter((line) => line === "read a started")).toEqual([]);
  });

  test("with failure: stop, a call that fails stops the others", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([WRITE_A, READ_A, READ_B]), saying("done")]),
      declare: FILES,
      failure: "stop",
    });
    const running = run({ model, tools });
    await held.idle();
    held.call("write a").fail(new Error("no space left"));
    await held.idle();
    const { content } = await running;
    expect(content.filter(({ type }) => type === "tool-error")).toHaveLength(3);
    expect(held.running).toEqual([]);
  });
});

describe.each(sdks.filter(({ version }) => version === 7))("$name", ({ version, run }) => {
  // The time that the SDK gives each call begins when it asks for it, and is real. Version 6 has none.
  const timeout = { toolMs: 1 };

  test("by itself waits for a tool that goes on after its time, and takes its result", async () => {
    const held = heldTools({ ignoresCancel: true });
    const model = scriptedModel(version, [calling([READ_A]), saying("done")]);
    const running = run({ model, tools: { read: held.read }, timeout });
    await held.call("read a").started;
    const { signal } = held.call("read a");
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    await held.idle();
    expect(model.requests).toHaveLength(1);
    held.call("read a").complete("late");
    const { content } = await running;
    expect(content.find(({ type }) => type === "tool-result")?.["output"]).toBe("late");
  });

  test("with parallel, the time that the SDK gives is over when it is over", async () => {
    const held = heldTools({ ignoresCancel: true });
    const { tools, model, idle } = parallel({
      tools: { read: held.read },
      model: scriptedModel(version, [calling([READ_A]), saying("done")]),
    });
    const { content, text } = await run({ model, tools, timeout });
    expect(content.filter(({ type }) => type === "tool-error")).toHaveLength(1);
    expect(text).toBe("done");
    if (held.running.length > 0) {
      held.call("read a").complete("late");
    }
    await idle();
  });
});
