/** Tools in a compiled graph of LangGraph, with a model that says what a script says; and what the plain `ToolNode` does. */
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import {
  Command,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  StateGraph,
  START,
} from "@langchain/langgraph";
import { createReactAgent, ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parallelTools, type ParallelOptions } from "../../../src/adapters/langchain/index.ts";
import { heldCalls, numbered, PAGE_TOOLS, PAGES } from "../../support/held-calls.ts";

const DECLARED: ParallelOptions = { declare: PAGES };

describe("the plain ToolNode", () => {
  test("lets a read overtake the write before it", async () => {
    const { graph, held, r } = heldGraph(
      (tools) => tools,
      [call("write", "change", "a"), call("read", "look", "a")],
    );
    const run = graph.invoke(QUESTION);
    await held("read").started;
    held("read").complete("as it was before");
    await r.idle();
    held("write").complete("written");
    await run;
    expect(r.order).toEqual(["write started", "read started", "read completed", "write completed"]);
  });

  test("ignores maxConcurrency", async () => {
    const names = numbered(20);
    const { graph, held, r } = heldGraph(
      (tools) => tools,
      names.map((name) => call(name, "look", name)),
    );
    const run = graph.invoke(QUESTION, { maxConcurrency: 2 });
    await held("call-20").started;
    expect(r.running).toHaveLength(20);
    names.forEach((name) => held(name).complete(name));
    await run;
  });

  test("loses what ran beside an interrupt, and runs it again", async () => {
    const { sent, resume } = await interruptedPlain();
    await resume();
    expect(sent).toEqual(["mail to bob", "mail to bob"]);
  });

  async function interruptedPlain(): Promise<{ sent: string[]; resume: () => Promise<unknown> }> {
    const { sent, ask, mail } = askAndMail();
    const graph = graphOf(new ToolNode([ask, mail]), ASK_AND_MAIL, new MemorySaver());
    await graph.invoke(QUESTION, THREAD);
    return { sent, resume: () => graph.invoke(new Command({ resume: "yes" }), THREAD) };
  }
});

describe("parallelTools", () => {
  test("a read waits for the write before it, and no other call does", async () => {
    const { graph, held, r } = heldGraph(parallel(DECLARED), [
      call("write", "change", "a"),
      call("read", "look", "a"),
      call("other", "look", "b"),
    ]);
    const run = graph.invoke(QUESTION);
    await held("other").started;
    held("other").complete("page b");
    await r.idle();
    held("write").complete("written");
    await held("read").started;
    held("read").complete("as it is now");
    const { messages } = await run;
    expect(r.order).toEqual([
      "write started",
      "other started",
      "other completed",
      "write completed",
      "read started",
      "read completed",
    ]);
    expect(toolMessages(messages)).toEqual([
      "write: written",
      "read: as it is now",
      "other: page b",
    ]);
  });

  test("what nobody declared runs alone", async () => {
    const { graph, held, r } = heldGraph(parallel(DECLARED), [
      call("before", "look", "a"),
      call("alone", "mystery", "b"),
      call("after", "look", "c"),
    ]);
    const run = graph.invoke(QUESTION);
    for (const name of ["before", "alone", "after"]) {
      await held(name).started;
      await r.idle();
      expect(r.running).toEqual([name]);
      held(name).complete(name);
    }
    await run;
  });

  test.each([
    [{ ...DECLARED, limit: 3 }, undefined, 3],
    [DECLARED, 2, 2],
    [{ ...DECLARED, limit: 2 }, 5, 2],
  ])(
    "no more are at work than the limit %j and maxConcurrency %j allow",
    async (options, maxConcurrency, most) => {
      const names = numbered(20);
      const { graph, held, r } = heldGraph(
        parallel(options),
        names.map((name) => call(name, "look", name)),
      );
      const run = graph.invoke(QUESTION, maxConcurrency === undefined ? {} : { maxConcurrency });
      for (const name of names) {
        await held(name).started;
        await r.idle();
        expect(r.running.length).toBeLessThanOrEqual(most);
        if (name === "call-1") expect(r.running).toHaveLength(most);
        held(name).complete(name);
      }
      const { messages } = await run;
      expect(toolMessages(messages)).toEqual(names.map((name) => `${name}: ${name}`));
    },
  );

  test("a call that fails leaves the others alone", async () => {
    const { graph, held } = heldGraph(parallel(DECLARED), [
      call("bad", "look", "a"),
      call("good", "look", "b"),
      call("wrong", "look", 7),
      call("unknown", "lock", "c"),
    ]);
    const run = graph.invoke(QUESTION);
    await Promise.all([held("bad").started, held("good").started]);
    held("bad").fail(new Error("torn out"));
    held("good").complete("fine");
    const { messages } = await run;
    const [bad, good, wrong, unknown] = toolMessages(messages);
    expect(bad).toContain("torn out");
    expect(good).toBe("good: fine");
    expect(wrong).toMatch(/page/);
    expect(unknown).toContain("lock");
    const statuses = messages.filter(ToolMessage.isInstance).map(({ status }) => status);
    expect(statuses).toEqual(["error", "success", "error", "error"]);
  });

  test("a call that is answered is not run again, the others are", async () => {
    const { held, node } = heldNode(parallel(DECLARED));
    const run = node.invoke({
      messages: [
        new AIMessage({
          content: "",
          tool_calls: [call("a", "look", "a"), call("b", "look", "b"), call("c", "look", "c")],
        }),
        new ToolMessage({ tool_call_id: "b", content: "known" }),
      ],
    });
    await Promise.all([held("a").started, held("c").started]);
    held("a").complete("page a");
    held("c").complete("page c");
    expect(toolMessages((await run).messages)).toEqual(["a: page a", "c: page c"]);
    expect(held("b").state).toBe("waiting");
  });

  test("a run that is aborted stops its calls", async () => {
    const { graph, held } = heldGraph(parallel(DECLARED), [call("a", "look", "a")]);
    const controller = new AbortController();
    const run = graph.invoke(QUESTION, { signal: controller.signal });
    await held("a").started;
    controller.abort(new Error("not wanted"));
    await expect(run).rejects.toThrow();
    expect(held("a").state).toBe("cancelled");
  });

  test("a call that takes too long is told to stop, and answered", async () => {
    const { graph, held } = heldGraph(
      parallel({ declare: { look: { parallel: true, timeoutMs: 1 } } }),
      [call("a", "look", "a")],
    );
    const { messages } = await graph.invoke(QUESTION);
    expect(toolMessages(messages)[0]).toMatch(/look was told to stop as it took longer than 1 ms/);
    expect(held("a").state).toBe("cancelled");
  });

  test("an interrupt waits for the calls beside it, and they are not run again", async () => {
    const { sent, ask, mail } = askAndMail();
    const tools = parallelTools([ask, mail], {
      declare: { ask: { writes: () => "person:ann" }, mail: { writes: () => "person:bob" } },
    });
    const graph = graphOf(new ToolNode(tools), ASK_AND_MAIL, new MemorySaver());
    const stopped = await graph.invoke(QUESTION, THREAD);
    expect(stopped).toHaveProperty("__interrupt__");
    expect(sent).toEqual(["mail to bob"]);
    const { messages } = await graph.invoke(new Command({ resume: "yes" }), THREAD);
    expect(sent).toEqual(["mail to bob"]);
    expect(toolMessages(messages)).toEqual(["1: ann says yes", "2: sent"]);
  });

  test("what has to come after an interrupted call does not begin before it is resumed", async () => {
    const { sent, ask, mail } = askAndMail();
    const graph = graphOf(
      new ToolNode(parallelTools([ask, mail])),
      ASK_AND_MAIL,
      new MemorySaver(),
    );
    await graph.invoke(QUESTION, THREAD);
    expect(sent).toEqual([]);
    const { messages } = await graph.invoke(new Command({ resume: "yes" }), THREAD);
    expect(sent).toEqual(["mail to bob"]);
    expect(toolMessages(messages)).toEqual(["1: ann says yes", "2: sent"]);
  });

  test("each of two questions gets its own answer", async () => {
    const ask = tool(({ who }) => `${who} says ${String(interrupt(who))}`, {
      name: "ask",
      schema: z.object({ who: z.string() }),
    });
    const graph = graphOf(
      new ToolNode(parallelTools([ask], { declare: { ask: { parallel: true } } })),
      ["ann", "bob"].map((who) => ({ type: "tool_call", id: who, name: "ask", args: { who } })),
      new MemorySaver(),
    );
    await graph.invoke(QUESTION, THREAD);
    await graph.invoke(new Command({ resume: "yes" }), THREAD);
    const { messages } = await graph.invoke(new Command({ resume: "no" }), THREAD);
    expect(toolMessages(messages)).toEqual(["ann: ann says yes", "bob: bob says no"]);
  });

  test("an agent inside a tool uses the same tools and does not wait for itself", async () => {
    let tools: StructuredToolInterface[] = [];
    const look = tool(() => "page", { name: "look", schema: z.object({}) });
    const agent = tool(
      async () => {
        const graph = graphOf(new ToolNode(tools), [
          { type: "tool_call", id: "inner", name: "look", args: {} },
        ]);
        const { messages } = await graph.invoke(QUESTION);
        return toolMessages(messages).join();
      },
      { name: "agent", schema: z.object({}) },
    );
    tools = parallelTools<StructuredToolInterface>([look, agent], { limit: 1 });
    const graph = graphOf(new ToolNode(tools), [
      { type: "tool_call", id: "outer", name: "agent", args: {} },
    ]);
    const { messages } = await graph.invoke(QUESTION);
    expect(toolMessages(messages)).toEqual(["outer: inner: page"]);
  });

  test.each(["v1", "v2"] as const)(
    "an agent of version %s makes calls in order",
    async (version) => {
      let page = "old";
      const schema = z.object({});
      const write = tool(
        async () => {
          await Promise.resolve();
          page = "new";
          return "written";
        },
        { name: "write", schema },
      );
      const read = tool(() => page, { name: "read", schema });
      const agent = createReactAgent({
        llm: new ScriptedModel([
          { type: "tool_call", id: "1", name: "write", args: {} },
          { type: "tool_call", id: "2", name: "read", args: {} },
        ]),
        tools: parallelTools<StructuredToolInterface>([write, read], {
          declare: {
            write: { writes: () => "page:1" },
            read: { effect: "read", reads: () => "page:1" },
          },
        }),
        version,
      });
      const { messages } = await agent.invoke(QUESTION);
      expect(toolMessages(messages)).toEqual(["1: written", "2: new"]);
    },
  );

  test("tools are what they were, but for how they are invoked", async () => {
    const look = tool(() => "page", { name: "look", description: "Looks.", schema: z.object({}) });
    const [wrapped] = parallelTools([look]);
    expect(wrapped).toBeInstanceOf(look.constructor);
    expect([wrapped!.name, wrapped!.description, wrapped!.schema]).toEqual([
      look.name,
      look.description,
      look.schema,
    ]);
    expect(await wrapped!.invoke({})).toBe("page");
    expect(await wrapped!.invoke({ type: "tool_call", id: "1", name: "look", args: {} })).toEqual(
      expect.objectContaining({ tool_call_id: "1", content: "page" }),
    );
  });
});

const QUESTION = { messages: [new HumanMessage("Go")] };
const THREAD = { configurable: { thread_id: "1" } };
const ASK_AND_MAIL: ToolCalls = [
  { type: "tool_call", id: "1", name: "ask", args: {} },
  { type: "tool_call", id: "2", name: "mail", args: {} },
];

type ToolCalls = NonNullable<AIMessage["tool_calls"]>;

/** A tool that asks a person, and one whose work is not to be done twice. */
function askAndMail() {
  const sent: string[] = [];
  const schema = z.object({});
  return {
    sent,
    ask: tool(() => `ann says ${String(interrupt("May I?"))}`, { name: "ask", schema }),
    mail: tool(() => (sent.push("mail to bob"), "sent"), { name: "mail", schema }),
  };
}

/** A graph whose model makes these calls, then stops; the calls are held tasks. */
function heldGraph(
  wrap: (tools: StructuredToolInterface[]) => StructuredToolInterface[],
  calls: ToolCalls,
) {
  const { node, ...rest } = heldNode(wrap);
  return { graph: graphOf(node, calls), ...rest };
}

function heldNode(wrap: (tools: StructuredToolInterface[]) => StructuredToolInterface[]) {
  const { rig: r, task: held, run } = heldCalls();
  const tools = PAGE_TOOLS.map((name) =>
    tool((_input, config) => run(config.toolCall?.id ?? "", config.signal), {
      name,
      schema: z.object({ page: z.string() }),
    }),
  );
  return { node: new ToolNode(wrap(tools)), r, held };
}

function graphOf(node: ToolNode, calls: ToolCalls, checkpointer?: MemorySaver) {
  const script = [new AIMessage({ content: "", tool_calls: calls }), new AIMessage("Done")];
  return new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({ messages: [script.shift()!] }))
    .addNode("tools", node)
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition)
    .addEdge("tools", "model")
    .compile(checkpointer === undefined ? {} : { checkpointer });
}

/** A chat model that makes these calls, then stops. */
class ScriptedModel extends BaseChatModel {
  readonly #script: AIMessage[];

  constructor(calls: ToolCalls) {
    super({});
    this.#script = [new AIMessage({ content: "", tool_calls: calls }), new AIMessage("Done")];
  }

  _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  _generate(): Promise<ChatResult> {
    const message = this.#script.shift()!;
    return Promise.resolve({ generations: [{ text: "", message }] });
  }
}

function parallel(options: ParallelOptions) {
  return (tools: StructuredToolInterface[]): StructuredToolInterface[] =>
    parallelTools(tools, options);
}

function call(id: string, name: string, page: unknown): ToolCalls[number] {
  return { type: "tool_call", id, name, args: { page } as Record<string, unknown> };
}

function toolMessages(messages: readonly BaseMessage[]): readonly string[] {
  return messages
    .filter(ToolMessage.isInstance)
    .map(({ tool_call_id: id, content }) => `${id}: ${String(content)}`);
}
