/**
 * An agent whose model, played by a script, makes four calls in one response: it writes a page, reads it, reads another, and tells somebody.
 *
 * ```sh
 * (cd test/integrations/openai-agents && npm ci)
 * npx tsx test/integrations/openai-agents/example.ts
 * ```
 *
 * ```
 * plain tools
 *   written | old | page b | told with page a as it was: old
 * with parallelTools
 *   written | new | page b | told with page a as it was: new
 * ```
 */
import assert from "node:assert/strict";
import {
  Agent,
  Runner,
  setTracingDisabled,
  tool,
  Usage,
  type FunctionTool,
  type Model,
} from "@openai/agents-core";
import { parallelTools } from "fanfold/openai-agents";
import { z } from "zod";

setTracingDisabled(true);

const pages = new Map<string, string>();
const parameters = z.object({ page: z.string() });

const tools: FunctionTool<unknown, any, any>[] = [
  tool({
    name: "read_page",
    description: "Reads a page.",
    parameters,
    execute: ({ page }) => pages.get(page) ?? "",
  }),
  tool({
    name: "write_page",
    description: "Writes a page.",
    parameters,
    async execute({ page }) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pages.set(page, "new");
      return "written";
    },
  }),
  tool({
    name: "tell",
    description: "Tells somebody.",
    parameters: z.object({}),
    execute: () => `told with page a as it was: ${pages.get("a")}`,
  }),
];

const page = (input: unknown): string => `page:${(input as { page: string }).page}`;
const safeTools = parallelTools(tools, {
  declare: { read_page: { effect: "read", reads: page }, write_page: { writes: page } },
});

console.log("plain tools");
assert.deepEqual(await ask(tools), ["written", "old", "page b", "told with page a as it was: old"]);
console.log("with parallelTools");
assert.deepEqual(await ask(safeTools), [
  "written",
  "new",
  "page b",
  "told with page a as it was: new",
]);

async function ask(tools: FunctionTool<unknown, any, any>[]): Promise<readonly string[]> {
  pages.set("a", "old").set("b", "page b");
  const agent = new Agent({ name: "writer", model: scripted(), tools });
  const { newItems } = await new Runner().run(agent, "Go");
  const texts = newItems.flatMap((item) =>
    item.type === "tool_call_output_item" ? [String(item.output)] : [],
  );
  console.log(`  ${texts.join(" | ")}`);
  return texts;
}

function scripted(): Model {
  const call = (callId: string, name: string, input: object) => ({
    type: "function_call" as const,
    callId,
    name,
    arguments: JSON.stringify(input),
  });
  const done = {
    type: "message" as const,
    role: "assistant" as const,
    status: "completed" as const,
    content: [{ type: "output_text" as const, text: "Done" }],
  };
  const script = [
    [
      call("1", "write_page", { page: "a" }),
      call("2", "read_page", { page: "a" }),
      call("3", "read_page", { page: "b" }),
      call("4", "tell", {}),
    ],
    [done],
  ];
  return {
    getResponse: () => Promise.resolve({ usage: new Usage(), output: script.shift()! }),
    getStreamedResponse: () => {
      throw new Error("This script does not stream");
    },
  };
}
