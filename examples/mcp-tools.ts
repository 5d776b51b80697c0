/**
 * One response of a model with calls of two MCP servers. Reads overlap; a write waits for what is before it on its server, and what is
 * after it waits for the write; the other server goes on meanwhile. A call that fails takes no other with it.
 *
 * The servers are played by a few lines each; connect a `Client` of `@modelcontextprotocol/client` in their place.
 *
 * ```
 * the plain client has all 6 calls under way at once, and reads before the write has ended
 * with mcpTools at most 2 of the wiki, and 3 in all
 * 1 wiki_read: old
 * 2 wiki_read: old
 * 3 wiki_write: written
 * 4 wiki_read: new
 * 5 issues_read: 7 issues
 * 6 wiki_delete: wiki_delete failed: the page is locked
 * ```
 */
import assert from "node:assert/strict";
import { mcpTools, mergeMcpTools, type McpClient } from "fanfold/mcp";
import { virtualClock } from "fanfold/testing";
import { toolbox } from "fanfold/tools";

const clock = virtualClock(); // So that nobody has to wait. Leave it out of a program of your own.
let page = "old";
const running = { wiki: 0, issues: 0 };
const most = { wiki: 0, issues: 0, together: 0 };

const wiki = play("wiki", {
  read: () => page,
  write: () => {
    page = "new";
    return "written";
  },
  delete: () => {
    throw new Error("the page is locked");
  },
});
const issues = play("issues", { read: () => "7 issues" });

const calls = [
  { id: "1", name: "wiki_read" },
  { id: "2", name: "wiki_read", input: { section: 2 } },
  { id: "3", name: "wiki_write" },
  { id: "4", name: "wiki_read" },
  { id: "5", name: "issues_read" },
  { id: "6", name: "wiki_delete" },
];

const answers = await Promise.all(
  calls.map(({ name }) =>
    (name.startsWith("wiki") ? wiki : issues).callTool({ name: name.replace(/^.*_/, "") }),
  ),
);
assert.deepEqual(answers[3], { content: [{ type: "text", text: "old" }], isError: false });
console.log(
  `the plain client has all ${most.together} calls under way at once, and reads before the write has ended`,
);

page = "old";
Object.assign(most, { wiki: 0, issues: 0, together: 0 });
const servers = [
  await mcpTools(wiki, { server: "wiki", limit: 2 }),
  await mcpTools(issues, { server: "issues" }),
];
const tools = mergeMcpTools(servers, { taken: ["write", "delete"] }); // `read` clashes by itself.
const results = await toolbox(tools, { clock }).run(calls);

assert.deepEqual(
  results.map(({ status }) => status),
  ["completed", "completed", "completed", "completed", "completed", "failed"],
);
assert.equal(results[3]?.text, "new");
console.log(`with mcpTools at most ${most.wiki} of the wiki, and ${most.together} in all`);
for (const { id, name, text } of results) {
  console.log(`${id} ${name}: ${text}`);
}

/** A server that takes its time for each call. */
function play(
  server: "wiki" | "issues",
  answers: Readonly<Record<string, () => string>>,
): McpClient {
  return {
    listTools: () =>
      Promise.resolve({
        tools: Object.keys(answers).map((name) => ({
          name,
          inputSchema: { type: "object" },
          annotations: { readOnlyHint: name === "read" },
        })),
      }),
    async callTool({ name }) {
      running[server] += 1;
      most[server] = Math.max(most[server], running[server]);
      most.together = Math.max(most.together, running.wiki + running.issues);
      await new Promise<void>((resolve) => {
        clock.schedule(name === "write" ? 40 : 20, resolve);
      });
      running[server] -= 1;
      try {
        return { content: [{ type: "text", text: answers[name]?.() ?? "" }], isError: false };
      } catch (error) {
        return { content: [{ type: "text", text: (error as Error).message }], isError: true };
      }
    },
  };
}
