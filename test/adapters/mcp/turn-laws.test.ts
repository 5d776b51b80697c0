/** What a turn over MCP servers returns is what the calls would return one after another: held against that, in any order of answers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mcpTools, mergeMcpTools, type McpListedTool } from "../../../src/adapters/mcp/index.ts";
import { toolbox } from "../../../src/tools/index.ts";
import { fakeClient, listed, text } from "./fake-client.ts";

/** The tools of a server that keeps one list: what each does to it, and answers. */
const TOOLS: Readonly<Record<string, (list: string[], input: string) => string>> = {
  look: (list) => `${list.length}: ${list.join(",")}`,
  append: (list, input) => String(list.push(input)),
  replace: (list, input) => `was ${list.splice(0, list.length, input).join(",")}`,
};

const LISTED: readonly McpListedTool[] = [
  listed("look", { readOnlyHint: true }),
  listed("append", { readOnlyHint: false, destructiveHint: false }),
  listed("replace"),
];

const call = fc.record({
  server: fc.constantFrom("a", "b"),
  tool: fc.constantFrom(...Object.keys(TOOLS)),
});

describe("a turn over MCP servers", () => {
  test("returns what its calls return one after another", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (calls, limit, scheduler) => {
          const servers = ["a", "b"].map((server) => ({ server, client: keeper(scheduler) }));
          const tools = await Promise.all(
            servers.map(({ server, client }) => mcpTools(client, { server, limit })),
          );
          const results = toolbox(mergeMcpTools(tools)).run(
            calls.map(({ server, tool }, index) => ({
              id: String(index),
              name: `${server}_${tool}`,
              input: { value: String(index) },
            })),
          );
          const answers = await scheduler.waitFor(results);
          expect(answers.map((answer) => answer.text)).toEqual(oneAfterAnother(calls));
        },
      ),
    );
  });
});

/** A server whose calls look at their list and answer with a pause between, as long as the scheduler likes. */
function keeper(scheduler: fc.Scheduler): ReturnType<typeof fakeClient> {
  const list: string[] = [];
  return fakeClient(LISTED, async ({ name, arguments: { value } }) => {
    await scheduler.schedule(Promise.resolve(), `${name} begins`);
    const answer = TOOLS[name]!(list, value as string);
    await scheduler.schedule(Promise.resolve(), `${name} ends`);
    return text(answer);
  });
}

function oneAfterAnother(calls: readonly { server: string; tool: string }[]): readonly string[] {
  const lists: Record<string, string[]> = { a: [], b: [] };
  return calls.map(({ server, tool }, index) => TOOLS[tool]!(lists[server]!, String(index)));
}
