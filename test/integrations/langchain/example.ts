/**
 * A graph whose model, played by a script, makes four calls in one response: it writes a page, reads it, reads another, and tells somebody.
 *
 * ```sh
 * (cd test/integrations/langchain && npm ci)
 * npx tsx test/integrations/langchain/example.ts
 * ```
 *
 * ```
 * plain ToolNode
 *   written | old | page b | told with page a as it was: old
 * with parallelTools
 *   written | new | page b | told with page a as it was: new
 * ```
 */
import assert from "node:assert/strict";
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { parallelTools } from "fanfold/langchain";
import { z } from "zod";

const pages = new Map<string, string>();
const schema = z.object({ page: z.string() });

const tools: StructuredToolInterface[] = [
  tool(({ page }) => pages.get(page) ?? "", { name: "read_page", schema }),
  tool(
    async ({ page }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pages.set(page, "new");
      return "written";
    },
    { name: "write_page", schema },
  ),
  tool(() => `told with page a as it was: ${pages.get("a")}`, {
    name: "tell",
    schema: z.object({}),
  }),
];

const page = (input: unknown): string => `page:${(input as { page: string }).page}`;
const safeTools = parallelTools(tools, {
  declare: { read_page: { effect: "read", reads: page }, write_page: { writes: page } },
});

console.log("plain ToolNode");
assert.deepEqual(await ask(tools), ["written", "old", "page b", "told with page a as it was: old"]);
console.log("with parallelTools");
assert.deepEqual(await ask(safeTools), [
  "written",
  "new",
  "page b",
  "told with page a as it was: new",
]);

async function ask(tools: StructuredToolInterface[]): Promise<readonly string[]> {
  pages.set("a", "old").set("b", "page b");
  const calls = [
    { id: "1", name: "write_page", args: { page: "a" } },
    { id: "2", name: "read_page", args: { page: "a" } },
    { id: "3", name: "read_page", args: { page: "b" } },
    { id: "4", name: "tell", args: {} },
  ];
  const script = [new AIMessage({ content: "", tool_calls: calls }), new AIMessage("Done")];
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({ messages: [script.shift()!] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition)
    .addEdge("tools", "model")
    .compile();
  const { messages } = await graph.invoke({ messages: [new HumanMessage("Go")] });
  const texts = messages.filter(ToolMessage.isInstance).map(({ content }) => String(content));
  console.log(`  ${texts.join(" | ")}`);
  return texts;
}
