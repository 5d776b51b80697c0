import { describe, expect, test } from "vitest";
import { McpToolError, mcpTools, type McpClient } from "../../../src/adapters/mcp/index.ts";
import { rig } from "../../../src/testing/index.ts";
import { toolbox } from "../../../src/tools/index.ts";
import { fakeClient, listed, text } from "./fake-client.ts";

describe("mcpTools", () => {
  test.each([
    [undefined, "alone"],
    [{}, "alone"],
    [{ title: "A tool", openWorldHint: false }, "alone"],
    [{ readOnlyHint: true }, "reads mcp:s"],
    [{ readOnlyHint: true, destructiveHint: true }, "reads mcp:s"],
    [{ readOnlyHint: false }, "writes mcp:s"],
    [{ destructiveHint: false }, "writes mcp:s"],
    [{ idempotentHint: true }, "writes mcp:s, idempotent"],
  ])("a tool with the annotations %j: its calls are %s", async (annotations, claims) => {
    const { tools } = await mcpTools(fakeClient([listed("t", annotations)]), { server: "s" });
    const { effect, reads, writes, idempotent } = tools[0]!;
    const touched = reads
      ? `reads ${String(reads({}))}`
      : writes
        ? `writes ${String(writes({}))}`
        : "alone";
    expect(idempotent ? `${touched}, idempotent` : touched).toBe(claims);
    expect(effect).toBe(reads ? "read" : writes ? "write" : undefined);
  });

  test("a resource of your own makes a server and other tools wait for each other", async () => {
    const client = fakeClient([listed("save", { readOnlyHint: false })]);
    const { tools } = await mcpTools(client, { server: "files", resource: "file:/repo" });
    expect(tools[0]?.writes?.({})).toBe("file:/repo");
  });

  test("all tools of a server share one limit, unless one declares its own", async () => {
    const client = fakeClient([listed("a"), listed("b"), listed("c")]);
    const { tools } = await mcpTools(client, { server: "s", declare: { c: { limit: 9 } } });
    const [a, b, c] = tools.map((tool) => tool.limit);
    expect(a).toMatchObject({ name: "mcp:s", concurrency: 4 });
    expect(b).toBe(a);
    expect(c).toBe(9);
  });

  test("names that no tool may have are made into such that it may", async () => {
    const client = fakeClient([
      listed("a/b"),
      listed("a b"),
      listed("a_b"),
      listed("x".repeat(200)),
    ]);
    const { tools } = await mcpTools(client, { server: "s" });
    expect(tools.map(({ name }) => name)).toEqual(["a_b", "a_b_2", "a_b_3", "x".repeat(128)]);
  });

  test("a tool that is called by another name is called by its own on the server", async () => {
    const client = fakeClient([listed("a/b")], ({ name }) => text(name));
    const { tools } = await mcpTools(client, { server: "s" });
    expect((await toolbox(tools).run([{ id: "1", name: "a_b" }]))[0]?.text).toBe("a/b");
  });

  test("a client without getProtocolEra gets its options third", async () => {
    const seen: unknown[][] = [];
    const client: McpClient = {
      listTools: () => Promise.resolve({ tools: [listed("t")] }),
      callTool: (...given) => {
        seen.push(given);
        return Promise.resolve(text(""));
      },
    };
    const { tools } = await mcpTools(client, { server: "s", idleTimeoutMs: Infinity });
    await toolbox(tools).run([{ id: "1", name: "t", input: { a: 1 } }]);
    expect(seen).toMatchObject([
      [
        { name: "t", arguments: { a: 1 } },
        undefined,
        { timeout: 2 ** 31 - 1, resetTimeoutOnProgress: true },
      ],
    ]);
  });

  test("an answer without content is told as what it is", async () => {
    const client = fakeClient([listed("t")], () => ({ toolResult: 1 }));
    const { tools } = await mcpTools(client, { server: "s" });
    const [result] = await toolbox(tools).run([{ id: "1", name: "t" }]);
    expect(result?.text).toBe(
      't failed: Cannot read the answer of tool "t" of MCP server "s" as it has no list of content: {"toolResult":1}',
    );
  });

  test("blocks and structured content are kept, for those who refer to them too", async () => {
    const answer = { content: [{ type: "text", text: "one issue" }], structuredContent: { id: 7 } };
    const client = fakeClient([listed("find"), listed("show")], ({ name, arguments: input }) =>
      name === "find" ? { ...answer, _meta: {} } : text(JSON.stringify(input)),
    );
    const { tools } = await mcpTools(client, { server: "s" });
    const results = await toolbox(tools).run([
      { id: "1", name: "find" },
      { id: "2", name: "show", input: { id: { $from: "1", path: "/structuredContent/id" } } },
    ]);
    expect(results[0]?.output).toEqual(answer);
    expect(results[1]?.text).toBe('{"id":7}');
  });

  test.each([
    [{ progress: 1, total: 4 }, 0.25],
    [
      { progress: 1, total: 0 },
      { progress: 1, total: 0 },
    ],
    [
      { progress: 1, total: 4, message: "linking" },
      { progress: 1, total: 4, message: "linking" },
    ],
    [{ progress: 7 }, { progress: 7 }],
  ])("progress of %j is told as %j", async (told, shown) => {
    const seen: unknown[] = [];
    const client = fakeClient([listed("t")], (_, { onprogress }) => {
      onprogress?.(told);
      return text("");
    });
    const { tools } = await mcpTools(client, { server: "s" });
    await toolbox(tools, {
      observe: (event) => event.type === "task-progressed" && seen.push(event.progress),
    }).run([{ id: "1", name: "t" }]);
    expect(seen).toEqual([shown]);
  });

  test("what did not reach the server is repeated where that is safe; what a tool said is not", async () => {
    const attempts: string[] = [];
    const client = fakeClient(
      [
        listed("lost", { readOnlyHint: true }),
        listed("said no", { readOnlyHint: true }),
        listed("lost write", { readOnlyHint: false }),
      ],
      ({ name }) => {
        attempts.push(name);
        if (name.startsWith("lost")) throw new Error("Connection closed");
        return { ...text("no such page"), isError: true };
      },
    );
    const retry = { attempts: 3, delayMs: 0 };
    const { tools } = await mcpTools(client, { server: "s", retry });
    const results = await toolbox(tools).run(
      ["lost", "said_no", "lost_write"].map((name) => ({ id: name, name })),
    );
    expect(attempts.sort()).toEqual(["lost", "lost", "lost", "lost write", "said no"]);
    expect(results[1]?.error).toBeInstanceOf(McpToolError);
  });

  test("a list that is refreshed twice at once is the one asked for last", async () => {
    const r = rig();
    const [first, second] = ["first", "second"].map((name) => r.task<string>(name)) as [
      ReturnType<typeof r.task<string>>,
      ReturnType<typeof r.task<string>>,
    ];
    const { signal } = new AbortController();
    const lists = [
      () => Promise.resolve("old"),
      () => first.run({ signal }),
      () => second.run({ signal }),
    ];
    const server = await mcpTools(
      {
        listTools: async () => ({ tools: [listed(await lists.shift()!())] }),
        callTool: () => Promise.resolve(text("")),
      },
      { server: "s" },
    );
    const refreshed = [server.refresh(), server.refresh()];
    second.complete("newer");
    await refreshed[1];
    first.complete("new");
    await refreshed[0];
    expect(server.tools.map(({ name }) => name)).toEqual(["newer"]);
  });

  test("a declared tool that goes away and comes back is as declared", async () => {
    const lists = [["a"], ["b"], ["a"]];
    const server = await mcpTools(
      {
        listTools: () => Promise.resolve({ tools: lists.shift()!.map((name) => listed(name)) }),
        callTool: () => Promise.resolve(text("")),
      },
      { server: "s", declare: { a: { parallel: true } } },
    );
    await server.refresh();
    await server.refresh();
    expect(server.tools[0]?.parallel).toBe(true);
  });

  test("a list without an end is refused", async () => {
    const client: McpClient = {
      listTools: () => Promise.resolve({ tools: [], nextCursor: "again" }),
      callTool: () => Promise.resolve(text("")),
    };
    await expect(mcpTools(client, { server: "s" })).rejects.toThrow(
      'Cannot list the tools of MCP server "s" as they must fit 100 pages: there are more',
    );
  });

  test.each([
    [{ server: "a b" }, TypeError, "its name must have 1 to 64"],
    [{ server: "s", hints: "believed" as never }, TypeError, '"hints" must be "trusted" or'],
    [{ server: "s", idleTimeoutMs: 0 }, RangeError, '"idleTimeoutMs" must be a number above 0: 0'],
    [{ server: "s", limit: 0 }, RangeError, '"concurrency" must be an integer from 1'],
    [
      { server: "s", declare: { t: { effects: "read" } as never } },
      TypeError,
      'no option "effects"',
    ],
  ])("options %j are refused", async (options, type, message) => {
    const refused = mcpTools(fakeClient([listed("t")]), options);
    await expect(refused).rejects.toThrow(type);
    await expect(refused).rejects.toThrow(message);
  });
});
