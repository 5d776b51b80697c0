/** Tools of real MCP servers as tools of Fanfold, through each client; and what the plain clients do. */
import { afterEach, describe, expect, test } from "vitest";
import { limit } from "../../../src/index.ts";
import { rig, type HeldTask, type Rig } from "../../../src/testing/index.ts";
import { toolbox, type ToolResult } from "../../../src/tools/index.ts";
import { McpToolError, mcpTools, type McpClient } from "../../../src/adapters/mcp/index.ts";
import { CLIENTS, type ConnectedClient } from "./clients.ts";
import { registerHeld, serveHttp } from "./http-server.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

describe.each(CLIENTS)("$name", ({ connect }) => {
  describe("over HTTP, with a server of held tasks", () => {
    test("the plain client lets a read overtake the write before it", async () => {
      const { client, r, held } = await heldServer(["write", "read"]);
      const answers = Promise.all([
        client.callTool({ name: "change", arguments: { task: "write" } }),
        client.callTool({ name: "look", arguments: { task: "read" } }),
      ]);
      await held("read").started;
      held("read").complete("as it was before");
      await answered(r, "read completed");
      held("write").complete("written");
      await answers;
      expect(r.order.indexOf("read completed")).toBeLessThan(r.order.indexOf("write completed"));
    });

    test("a read waits for the write before it on its server", async () => {
      const { client, r, held } = await heldServer(["write", "read"]);
      const { tools } = await mcpTools(client, { server: "notes" });
      const results = toolbox(tools).run([
        { id: "1", name: "change", input: { task: "write" } },
        { id: "2", name: "look", input: { task: "read" } },
      ]);
      await held("write").started;
      await roundTrips(client);
      held("write").complete("written");
      await held("read").started;
      held("read").complete("as it is now");
      expect(texts(await results)).toEqual(["written", "as it is now"]);
      expect(r.order).toEqual([
        "write started",
        "write completed",
        "read started",
        "read completed",
      ]);
    });

    test("the plain client sends a server all calls at once", async () => {
      const names = numbered(12);
      const { client, r, held } = await heldServer(names);
      const answers = Promise.all(
        names.map((task) => client.callTool({ name: "look", arguments: { task } })),
      );
      await Promise.all(names.map((name) => held(name).started));
      expect(r.running).toHaveLength(12);
      names.forEach((name) => held(name).complete(name));
      await answers;
    });

    test.each([
      [undefined, 4],
      [2, 2],
      [limit(3), 3],
    ])("a server gets no more calls at once than its limit of %j allows", async (given, most) => {
      const names = numbered(12);
      const { client, r, held } = await heldServer(names);
      const { tools } = await mcpTools(client, { server: "notes", limit: given });
      const results = toolbox(tools, { limit: Infinity }).run(
        names.map((task) => ({ id: task, name: "look", input: { task } })),
      );
      let peak = 0;
      for (const name of names) {
        await held(name).started;
        if (name === names[most - 1]) await roundTrips(client);
        peak = Math.max(peak, r.running.length);
        held(r.running[0]!).complete(name);
      }
      await results;
      expect(peak).toBe(most);
    });

    test("a tool of which nothing is said runs alone", async () => {
      const { client, r, held } = await heldServer(["before", "alone", "after"]);
      const { tools } = await mcpTools(client, { server: "notes" });
      const results = toolbox(tools).run([
        { id: "1", name: "look", input: { task: "before" } },
        { id: "2", name: "mystery", input: { task: "alone" } },
        { id: "3", name: "look", input: { task: "after" } },
      ]);
      for (const name of ["before", "alone", "after"]) {
        await held(name).started;
        await roundTrips(client);
        held(name).complete(name);
      }
      await results;
      expect(r.order).toEqual([
        "before started",
        "before completed",
        "alone started",
        "alone completed",
        "after started",
        "after completed",
      ]);
    });

    test("with hints ignored even a read runs alone", async () => {
      const { client } = await heldServer([]);
      const { tools } = await mcpTools(client, { server: "notes", hints: "ignored" });
      expect(tools.every(({ effect, reads, writes }) => !(effect ?? reads ?? writes))).toBe(true);
    });

    test("a call that fails leaves the others alone, and its text is that of the tool", async () => {
      const { client, held } = await heldServer(["bad", "good"]);
      const { tools } = await mcpTools(client, { server: "notes" });
      const results = toolbox(tools).run([
        { id: "1", name: "look", input: { task: "bad" } },
        { id: "2", name: "look", input: { task: "good" } },
      ]);
      await Promise.all([held("bad").started, held("good").started]);
      held("bad").fail(new Error("page 7 is torn out"));
      held("good").complete("page 8");
      const [bad, good] = await results;
      expect(good?.text).toBe("page 8");
      expect(bad).toMatchObject({ status: "failed", isError: true });
      expect(bad?.text).toContain("page 7 is torn out");
      expect(bad?.error).toBeInstanceOf(McpToolError);
    });

    test("arguments are checked by the server, and its complaint is the text", async () => {
      const { client } = await heldServer([]);
      const { tools } = await mcpTools(client, { server: "notes" });
      const results = await toolbox(tools).run([
        { id: "1", name: "look", input: { tusk: 1 } },
        { id: "2", name: "look", input: ["task"] },
      ]);
      expect(results.map(({ status }) => status)).toEqual(["failed", "invalid"]);
      expect(results[0]?.text).toMatch(/task/);
    });

    test("the schemas go to the model as they are", async () => {
      const { client } = await heldServer([]);
      const listed = await client.listTools();
      const { tools } = await mcpTools(client, { server: "notes" });
      expect(toolbox(tools).descriptions.map(({ inputSchema }) => inputSchema)).toEqual(
        listed.tools.map(({ inputSchema }) => inputSchema),
      );
    });

    test("what is declared comes before the hints", async () => {
      const { client, held } = await heldServer(["a", "b"]);
      const { tools } = await mcpTools(client, {
        server: "notes",
        declare: {
          change: { writes: (input) => `note:${(input as { task: string }).task}`, timeoutMs: 1e6 },
        },
      });
      const results = toolbox(tools).run([
        { id: "1", name: "change", input: { task: "a" } },
        { id: "2", name: "change", input: { task: "b" } },
      ]);
      await Promise.all([held("a").started, held("b").started]);
      held("b").complete("b");
      held("a").complete("a");
      expect(texts(await results)).toEqual(["a", "b"]);
    });

    test("a declaration of a tool that is not there is refused", async () => {
      const { client } = await heldServer([]);
      await expect(
        mcpTools(client, { server: "notes", declare: { chang: { parallel: true } } }),
      ).rejects.toThrow('MCP server "notes" has none of that name (did you mean "change"?)');
    });

    async function heldServer(names: readonly string[]): Promise<{
      client: ConnectedClient;
      r: Rig;
      held: (name: string) => HeldTask<string>;
    }> {
      const r = rig();
      const tasks = new Map(names.map((name) => [name, r.task<string>(name)]));
      const server = await serveHttp((mcp) => {
        registerHeld(mcp, "look", { readOnlyHint: true }, tasks);
        registerHeld(mcp, "change", { readOnlyHint: false, idempotentHint: true }, tasks);
        registerHeld(mcp, "mystery", undefined, tasks);
      });
      closing.push(() => server.close());
      const client = await connect({ url: server.url });
      closing.push(() => client.close());
      return { client, r, held: (name) => tasks.get(name)! };
    }
  });

  describe("over stdio", () => {
    test("reads of one server run at once", async () => {
      const { tools } = await mcpTools(await start("stdio-server.mjs"), { server: "meeting" });
      const results = await toolbox(tools).run(
        numbered(4).map((id) => ({ id, name: "meet", input: { of: 4, id } })),
      );
      expect(texts(results)).toEqual(["met 4", "met 4", "met 4", "met 4"]);
    });

    test("progress is passed on, and a call that is cancelled is stopped on its server", async () => {
      const client = await start("stdio-server.mjs");
      const { tools } = await mcpTools(client, { server: "slow" });
      const told: unknown[] = [];
      const turn = toolbox(tools, {
        observe: (event) => {
          if (event.type === "task-progressed") {
            told.push(event.progress);
            turn.cancel("1", "not wanted");
          }
        },
      }).turn();
      turn.call({ id: "1", name: "wait" });
      turn.commit();
      const [result] = await turn.results();
      expect(told).toEqual([0.25]);
      expect(result?.status).toBe("cancelled");
      // Messages arrive in order: whoever asks now asks after the cancellation.
      expect(await client.callTool({ name: "cancelled" })).toMatchObject({
        content: [{ type: "text", text: "1" }],
      });
    });

    test("every call of a server that dies gets a result, and so do later ones", async () => {
      const { tools } = await mcpTools(await start("stdio-server.mjs"), {
        server: "mortal",
        declare: { die: { parallel: true } },
      });
      const box = toolbox(tools);
      const results = await box.run([
        { id: "1", name: "meet", input: { of: 9 } },
        { id: "2", name: "die" },
        { id: "3", name: "meet", input: { of: 8 } },
      ]);
      expect(results.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
      expect(results[0]?.text).toMatch(/MCP server "mortal".*closed/i);
      const [later] = await box.run([{ id: "4", name: "meet", input: { of: 1 } }]);
      expect(later?.text).toMatch(/MCP server "mortal".*not connected/i);
    });

    test("tools that come later are there after a refresh, and the limit stays", async () => {
      let change: (() => void) | undefined;
      const changed = new Promise<void>((resolve) => {
        change = resolve;
      });
      const client = await start("stdio-server.mjs", () => change?.());
      const growing = await mcpTools(client, { server: "growing" });
      const before = growing.tools;
      await toolbox(before).run([{ id: "1", name: "grow" }]);
      await changed;
      expect(await growing.refresh()).toBe(growing.tools);
      expect(growing.tools.map(({ name }) => name)).toEqual([
        ...before.map(({ name }) => name),
        "grown",
      ]);
      expect(growing.tools[0]?.limit).toBe(before[0]?.limit);
      const [result] = await toolbox(growing.tools).run([{ id: "2", name: "grown" }]);
      expect(result?.text).toBe("grown");
    });

    test("garbage costs the call that it answers, and no other", async () => {
      const { tools } = await mcpTools(await start("broken-server.mjs"), {
        server: "broken",
        idleTimeoutMs: 50,
        limit: 10,
      });
      expect(tools.map(({ name }) => name)).toEqual([
        "fine",
        "noise",
        "misshapen",
        "refused",
        "silent",
      ]);
      const results = await toolbox(tools).run(
        ["misshapen", "noise", "silent", "refused", "fine"].map((name) => ({ id: name, name })),
      );
      expect(results.map(({ status }) => status)).toEqual([
        "failed",
        "completed",
        "failed",
        "failed",
        "completed",
      ]);
      const [misshapen, , silent, refused] = texts(results);
      expect(misshapen).toMatch(/tool "misshapen" of MCP server "broken".*content/s);
      expect(silent).toMatch(/tool "silent" of MCP server "broken".*timed out/);
      expect(refused).toContain("no such repository: fanfolk");
    });

    async function start(program: string, onToolsChanged?: () => void): Promise<ConnectedClient> {
      const client = await connect({ program }, onToolsChanged);
      closing.push(() => client.close());
      return client;
    }
  });
});

/** Whatever was sent to the server before this has arrived there after it. */
async function roundTrips(client: McpClient): Promise<void> {
  for (let trip = 0; trip < 3; trip += 1) {
    await client.listTools(undefined, { cacheMode: "refresh" });
  }
}

async function answered(r: Rig, event: string): Promise<void> {
  while (!r.order.includes(event)) {
    await r.idle();
  }
}

function texts(results: readonly ToolResult[]): readonly string[] {
  return results.map(({ text }) => text);
}

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `call-${index + 1}`);
}
