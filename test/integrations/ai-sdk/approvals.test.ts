/** Calls that wait for somebody's consent: they hold up nobody, and run when they are approved. */
import { parallel } from "fanfold/ai-sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FILES, heldTools } from "./held-tools.ts";
import { calling, saying, type Part } from "./script.ts";
import { scriptedModel, sdks, silence, type Message, type RunResult } from "./sdks.ts";

silence();

const DELETE_A = { id: "1", name: "write", input: { path: "a" } };
const READ_A = { id: "2", name: "read", input: { path: "a" } };
const OTHER = { id: "3", name: "other", input: { path: "x" } };

/** The transcript after a user has answered every request for approval. */
function answered({ content, messages }: RunResult, approved: boolean): readonly Message[] {
  const requests = content.filter(
    ({ type, isAutomatic }) => type === "tool-approval-request" && isAutomatic !== true,
  );
  const answers = requests.map(({ approvalId }): Part => ({
    type: "tool-approval-response",
    approvalId,
    approved,
  }));
  return [{ role: "user", content: "Go" }, ...messages, { role: "tool", content: answers }];
}

describe.each(sdks)("$name", ({ version, run }) => {
  test("a call that needs approval holds up nobody, and runs when it is approved", async () => {
    const held = heldTools();
    const { read, write, other } = held;
    const { tools, model } = parallel({
      tools: { read, write: { ...write, needsApproval: true }, other },
      model: scriptedModel(version, [calling([DELETE_A, READ_A, OTHER]), saying("done")]),
      declare: FILES,
    });
    const first = run({ model, tools });
    expect(await held.completeAll()).toEqual(["read a", "other x"]);
    const paused = await first;
    expect(paused.content.filter(({ type }) => type === "tool-result")).toHaveLength(2);
    const second = run({ model, tools, messages: answered(paused, true) });
    expect(await held.completeAll()).toEqual(["read a", "other x", "write a"]);
    expect((await second).text).toBe("done");
  });

  test("a call that is not approved never runs", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model, idle } = parallel({
      tools: { read, write: { ...write, needsApproval: async () => true } },
      model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
      declare: FILES,
    });
    const first = run({ model, tools });
    await held.completeAll();
    const second = run({ model, tools, messages: answered(await first, false) });
    expect(await held.completeAll()).toEqual(["read a"]);
    expect((await second).text).toBe("done");
    await idle();
  });

  test("calls that are approved together run in the order of the response", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: {
        read: { ...read, needsApproval: true },
        write: { ...write, needsApproval: ({ path }: { path: string }) => path === "a" },
      },
      model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
      declare: FILES,
    });
    const paused = await run({ model, tools });
    const second = run({ model, tools, messages: answered(paused, true) });
    await held.idle();
    expect(held.running).toEqual(["write a"]);
    expect(await held.completeAll()).toEqual(["write a", "read a"]);
    await second;
  });

  test("a response of which every call is held leaves nothing behind", async () => {
    const held = heldTools();
    const { write } = held;
    const reports: unknown[] = [];
    const { tools, model, idle } = parallel({
      tools: { write: { ...write, needsApproval: true } },
      model: scriptedModel(version, [calling([DELETE_A])]),
      onTurn: (report) => reports.push(report),
    });
    await run({ model, tools });
    await idle();
    expect([held.order, reports]).toEqual([[], []]);
  });
});

describe.each(sdks.filter(({ version }) => version === 7))("$name", ({ version, run }) => {
  const decide = (name: string): string | undefined =>
    name === "write" ? "user-approval" : name === "other" ? "denied" : "approved";
  const shapes = {
    "one function": ({ toolCall }: { toolCall: { toolName: string } }) => decide(toolCall.toolName),
    "an answer for each tool": { write: "user-approval", other: "denied", read: undefined },
    "a function for each tool": {
      write: () => ({ type: "user-approval", reason: "it is gone then" }),
      other: async () => "denied",
      read: () => "approved",
    },
  };

  test.each(Object.entries(shapes))("toolApproval as %s holds up nobody", async (_, given) => {
    const held = heldTools();
    const { read, write, other } = held;
    const { tools, model, toolApproval } = parallel({
      tools: { read, write, other },
      model: scriptedModel(version, [calling([DELETE_A, OTHER, READ_A]), saying("done")]),
      toolApproval: given,
    });
    const first = run({ model, tools, toolApproval });
    expect(await held.completeAll()).toEqual(["read a"]);
    const paused = await first;
    const second = run({ model, tools, toolApproval, messages: answered(paused, true) });
    expect(await held.completeAll()).toEqual(["read a", "write a"]);
    expect((await second).text).toBe("done");
  });

  test.each(Object.entries(shapes))(
    "toolApproval as %s that was not handed over holds up nobody either",
    async (_, toolApproval) => {
      const held = heldTools();
      const { read, write, other } = held;
      const { tools, model } = parallel({
        tools: { read, write, other },
        model: scriptedModel(version, [calling([DELETE_A, OTHER, READ_A]), saying("done")]),
      });
      const first = run({ model, tools, toolApproval });
      expect(await held.completeAll()).toEqual(["read a"]);
      const second = run({ model, tools, toolApproval, messages: answered(await first, true) });
      expect(await held.completeAll()).toEqual(["read a", "write a"]);
      await second;
    },
  );

  test("calls approved by themselves run in the order of the response, handed over or not", async () => {
    for (const isHandedOver of [true, false]) {
      const held = heldTools();
      const { read, write } = held;
      const toolApproval = (): string => "approved";
      const wrapped = parallel({
        tools: { read, write },
        model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
        declare: FILES,
        toolApproval: isHandedOver ? toolApproval : undefined,
      });
      const { tools, model } = wrapped;
      const running = run({ model, tools, toolApproval: wrapped.toolApproval ?? toolApproval });
      expect(await held.completeAll()).toEqual(["write a", "read a"]);
      await running;
    }
  });

  test("what was not handed over is put in order where the SDK comes to execute it in another", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      // Its context takes a while to check: the SDK executes it after the other.
      tools: { read, write: { ...write, contextSchema: z.object({}) } },
      model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
      declare: FILES,
    });
    const toolApproval = (): string => "approved";
    const running = run({ model, tools, toolApproval, toolsContext: { write: {} } });
    expect(await held.completeAll()).toEqual(["write a", "read a"]);
    await running;
  });

  test("what was handed over for some tools only is put in order too", async () => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model } = parallel({
      tools: { read, write: { ...write, contextSchema: z.object({}) } },
      model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
      declare: FILES,
    });
    const toolApproval = { write: "approved" };
    const running = run({ model, tools, toolApproval, toolsContext: { write: {} } });
    expect(await held.completeAll()).toEqual(["write a", "read a"]);
    await running;
  });

  test.each(
    Object.entries({
      "one function": () => "approved",
      "an answer for each tool": { write: "approved", read: "approved" },
      "a function for each tool": { write: () => "approved", read: async () => undefined },
    }),
  )("what was handed over as %s is put in order, whatever hooks delay", async (_, given) => {
    const held = heldTools();
    const { read, write } = held;
    const { tools, model, toolApproval } = parallel({
      tools: { read, write },
      model: scriptedModel(version, [calling([DELETE_A, READ_A]), saying("done")]),
      declare: FILES,
      toolApproval: given,
    });
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const onToolExecutionStart = async ({ toolCall }: { toolCall: { toolCallId: string } }) => {
      await (toolCall.toolCallId === DELETE_A.id ? released : undefined);
    };
    const running = run({ model, tools, toolApproval, onToolExecutionStart });
    await held.idle();
    expect(held.running).toEqual([]);
    release();
    expect(await held.completeAll()).toEqual(["write a", "read a"]);
    await running;
  });
});
