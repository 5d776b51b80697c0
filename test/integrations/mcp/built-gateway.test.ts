/** `fanfold mcp --gateway` behind each client, in front of servers of each revision of the protocol; how it ends, and what it leaves behind. */
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { fanfold, inFolder } from "../../support/fanfold.ts";
import { isGone } from "../../support/is-gone.ts";
import { answerOf, MAIN } from "../../support/mcp-client.ts";
import { openPipe, type Pipe } from "../../support/mcp-pipe.ts";
import { CLIENTS, type ConnectedClient } from "./clients.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const program = (name: string): object => ({
  command: process.execPath,
  args: [new URL(name, import.meta.url).pathname],
});

const FILE = JSON.stringify({
  mcpServers: {
    newer: program("stdio-server.mjs"),
    older: program("old-server.mjs"),
    odd: program("odd-server.mjs"),
  },
});

describe.each(CLIENTS)("$name", ({ connect }) => {
  const withGateway = async (
    args: readonly string[],
    use: (client: ConnectedClient, folder: string) => Promise<void>,
  ): Promise<void> => {
    await inFolder({ "servers.json": FILE, "a.txt": "one\n" }, async (folder) => {
      const flags = ["mcp", "--root", folder, "--gateway", join(folder, "servers.json"), ...args];
      const client = await connect({ program: MAIN, args: flags });
      closing.push(async () => await client.close());
      await use(client, folder);
      await client.close();
    });
  };

  const call = async (client: ConnectedClient, name: string, given: object) =>
    answerOf(await client.callTool({ name, arguments: { ...given } }));

  test("finds the tools of servers of each revision, and calls them together", async () => {
    await withGateway(["--no-files"], async (client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["find_tools", "parallel_call"]);
      const found = await call(client, "find_tools", {});
      expect(found.text).toContain("newer (5 tools): meet, wait, cancelled, grow, die");
      expect(found.text).toContain("older (2 tools): echo, ask");
      const meet = { tool: "newer/meet", arguments: { of: 3 } };
      const { data } = await call(client, "parallel_call", {
        calls: [
          meet,
          { ...meet, arguments: { of: 3, id: 2 } },
          { tool: "older/echo", arguments: { x: { $from: 1, path: "/text" } } },
          { ...meet, arguments: { of: 3, id: 3 } },
        ],
      });
      expect(data.steps.map(({ output }) => output)).toEqual([
        "met 3",
        "met 3",
        '{"x":"met 3"}',
        "met 3",
      ]);
    });
  });

  test("has the tools for files beside them", async () => {
    await withGateway([], async (client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        "parallel_read",
        "parallel_run",
        "start_run",
        "run_status",
        "cancel_run",
        "run_plan",
        "check_plan",
        "find_tools",
        "parallel_call",
      ]);
      const read = await call(client, "parallel_read", { steps: [{ read: "a.txt" }] });
      expect(read.data.steps[0]?.output).toContain("one");
    });
  });
});

describe("the gateway ends, and leaves no process of any server behind,", () => {
  const ends: readonly [string, (server: Pipe) => void, readonly number[]][] = [
    ["when its input ends", (server) => server.endInput(), [0]],
    ["at SIGTERM", (server) => server.signal("SIGTERM"), [143]],
    [
      "at a second signal, at once",
      (server) => {
        server.signal("SIGINT");
        server.signal("SIGTERM");
      },
      [130, 143],
    ],
  ];
  test.each(ends)("%s", async (_, end, codes) => {
    await inFolder({ "servers.json": FILE }, async (folder) => {
      const server = await openPipe(["--gateway", "servers.json"], { cwd: folder });
      const calls = [{ tool: "odd/spawn" }];
      const { result } = await server.ask("tools/call", {
        name: "parallel_call",
        arguments: { calls },
      });
      const pids = JSON.parse(answerOf(result).data.steps[0]?.output ?? "") as number[];
      expect(pids).toHaveLength(3);
      // What is under way holds up nothing.
      server.send("tools/call", {
        name: "parallel_call",
        arguments: { calls: [{ tool: "newer/wait" }] },
      });
      end(server);
      expect(codes).toContain((await server.ended).code);
      for (const pid of pids) {
        expect(await isGone(pid)).toBe(true);
      }
    });
  });
});

describe("wrong usage is told, and nothing is served:", () => {
  test.each([
    [["--gateway", "none.json"], "as it does not exist: none.json"],
    [
      ["--gateway", "bad.json"],
      'bad.json:1:26 "a" has no field "comand" (did you mean "command"?)',
    ],
    [["--no-files"], "without files there must be servers of a gateway"],
  ])("%j", async (args, text) => {
    const files = { "bad.json": '{ "mcpServers": {  "a": {"comand": "x"} } }' };
    await inFolder(files, async (folder) => {
      const { code, stdout, stderr } = await fanfold(["mcp", ...args], { cwd: folder });
      expect(stderr).toContain(text);
      expect([code, stdout]).toEqual([2, ""]);
    });
  });
});
