import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mcpTools, mergeMcpTools, type McpTools } from "../../../src/adapters/mcp/index.ts";
import { toolbox } from "../../../src/tools/index.ts";
import { fakeClient, listed, text } from "./fake-client.ts";

describe("mergeMcpTools", () => {
  test("names that two servers have get the server in front, others stay", async () => {
    const tools = mergeMcpTools(
      [
        await serverOf("github", ["search", "merge", "read"]),
        await serverOf("wiki", ["search", "edit"]),
      ],
      { taken: ["read"] },
    );
    expect(tools.map(({ name }) => name)).toEqual([
      "github_search",
      "merge",
      "github_read",
      "wiki_search",
      "edit",
    ]);
    const [result] = await toolbox(tools).run([{ id: "1", name: "wiki_search" }]);
    expect(result?.text).toBe("wiki: search");
  });

  test("two servers of one name are refused", async () => {
    const servers = [await serverOf("a", []), await serverOf("a", [])];
    expect(() => mergeMcpTools(servers)).toThrow('each must have a name of its own: "a" twice');
  });

  test("every name is one of its own, in the order given, and changed only if it has to be", async () => {
    const names = fc.uniqueArray(fc.constantFrom("c", "b_c", "a_c", "a_b_c", "a_b_c_2"));
    await fc.assert(
      fc.asyncProperty(names, names, names, async (a, b, taken) => {
        const servers = [await serverOf("a", a), await serverOf("a_b", b)];
        const merged = mergeMcpTools(servers, { taken }).map(({ name }) => name);
        const before = [...a, ...b];
        expect(merged).toHaveLength(before.length);
        expect(new Set([...merged, ...taken]).size).toBe(before.length + taken.length);
        const lone = (name: string): boolean =>
          before.filter((each) => each === name).length +
            taken.filter((each) => each === name).length ===
          1;
        before.forEach((name, index) => {
          if (lone(name)) expect(merged[index]).toBe(name);
          else expect(merged[index]).toMatch(index < a.length ? /^a_/ : /^a_b_/);
        });
      }),
    );
  });
});

async function serverOf(server: string, names: readonly string[]): Promise<McpTools> {
  const client = fakeClient(
    names.map((name) => listed(name)),
    ({ name }) => text(`${server}: ${name}`),
  );
  return await mcpTools(client, { server });
}
