/** Calls of one response: what conflicts runs in the order of the response, the rest at once. */
import { parallel } from "fanfold/ai-sdk";
import { describe, expect, test } from "vitest";
import { FILES, heldTools } from "./held-tools.ts";
import { calling, saying } from "./script.ts";
import { scriptedModel, sdks, silence } from "./sdks.ts";

silence();

const RESPONSE = calling([
  { id: "1", name: "write", input: { path: "a" } },
  { id: "2", name: "read", input: { path: "a" } },
  { id: "3", name: "read", input: { path: "b" } },
]);

describe.each(sdks)("$name", ({ version, run }) => {
  test("by itself starts a read before the write that it depends on has ended", async () => {
    const held = heldTools();
    const { read, write } = held;
    const model = scriptedModel(version, [RESPONSE, saying("done")]);
    const running = run({ model, tools: { read, write } });
    await held.idle();
    expect(held.running).toEqual(["write a", "read a", "read b"]);
    await held.completeAll();
    await running;
  });

  test("with parallel has the read wait for the write, and nothing else", async () => {
    const held = heldTools();
    const { read, write } = held;
    const given = {
      tools: { read, write },
      model: scriptedModel(version, [RESPONSE, saying("done")]),
    };
    const { tools, model } = parallel({ ...given, declare: FILES });
    const running = run({ model, tools });
    await held.idle();
    expect(held.running.toSorted()).toEqual(["read b", "write a"]);
    held.call("write a").complete("written");
    await held.idle();
    expect(held.running.toSorted()).toEqual(["read a", "read b"]);
    await held.completeAll();
    const { text, content } = await running;
    expect(text).toBe("done");
    const results = content.filter(({ type }) => type === "tool-result");
    expect(
      Object.fromEntries(results.map(({ toolCallId, output }) => [toolCallId, output])),
    ).toEqual({
      "1": "written",
      "2": "read a done",
      "3": "read b done",
    });
  });

  test("by itself runs any number of calls at once", async () => {
    const held = heldTools();
    const calls = Array.from({ length: 50 }, (_, n) => ({
      id: `c${n}`,
      name: "read",
      input: { path: `${n}` },
    }));
    const model = scriptedModel(version, [calling(calls), saying("done")]);
    const running = run({ model, tools: { read: held.read } });
    await held.idle();
    expect(held.running.length).toBe(50);
    await held.completeAll();
    await running;
  });

  test("with parallel runs ten calls at once, or as many as are allowed", async () => {
    for (const limit of [undefined, 3]) {
      const held = heldTools();
      const calls = Array.from({ length: 50 }, (_, n) => ({
        id: `c${n}`,
        name: "read",
        input: { path: `${n}` },
      }));
      const { tools, model } = parallel({
        tools: { read: held.read },
        model: scriptedModel(version, [calling(calls), saying("done")]),
        declare: FILES.read && { read: FILES.read },
        limit,
      });
      const running = run({ model, tools });
      await held.idle();
      expect(held.running.length).toBe(limit ?? 10);
      expect(await held.completeAll()).toHaveLength(50);
      await running;
    }
  });

  test("with parallel runs calls of tools that nobody declared alone, in the order of the response", async () => {
    const held = heldTools();
    const { read, write, other } = held;
    const calls = [
      { id: "1", name: "other", input: { path: "a" } },
      { id: "2", name: "read", input: { path: "b" } },
      { id: "3", name: "other", input: { path: "c" } },
    ];
    const { tools, model } = parallel({
      tools: { read, write, other },
      model: scriptedModel(version, [calling(calls), saying("done")]),
      declare: FILES,
    });
    const running = run({ model, tools });
    await held.idle();
    expect(held.running).toEqual(["other a"]);
    held.call("other a").complete("");
    await held.idle();
    expect(held.running).toEqual(["read b"]);
    held.call("read b").complete("");
    await held.idle();
    expect(held.running).toEqual(["other c"]);
    await held.completeAll();
    await running;
  });

  test("with parallel tells the model results in the order of the calls, whichever ends first", async () => {
    const held = heldTools();
    const { read } = held;
    const calls = ["x", "y", "z"].map((path) => ({ id: path, name: "read", input: { path } }));
    const scripted = scriptedModel(version, [calling(calls), saying("done")]);
    const { tools, model } = parallel({
      tools: { read },
      model: scripted,
      declare: { read: FILES.read },
    });
    const running = run({ model, tools });
    await held.idle();
    for (const path of ["z", "y", "x"]) {
      held.call(`read ${path}`).complete(path);
      await held.idle();
    }
    await running;
    const prompt = scripted.requests[1]?.prompt as {
      role: string;
      content: { toolCallId: string }[];
    }[];
    const told = prompt.filter(({ role }) => role === "tool").flatMap(({ content }) => content);
    expect(told.map(({ toolCallId }) => toolCallId)).toEqual(["x", "y", "z"]);
  });
});
