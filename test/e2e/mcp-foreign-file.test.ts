// `fanfold mcp --gateway` with a file that was pasted together from those of two other hosts.
import { describe, expect, test } from "vitest";
import { fanfold, inFolder } from "../support/fanfold.ts";
import { answerOf } from "../support/mcp-client.ts";
import { openPipe } from "../support/mcp-pipe.ts";

/** Speaks the revision of 2024: its tools answer with their own names. */
const SERVER = `
import { createInterface } from "node:readline";
const tools = ["look", "change", "drop"].map((name) => ({ name, inputSchema: { type: "object" } }));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const answers = {
    initialize: {
      protocolVersion: "2024-11-05",
      capabilities: { tools: {} },
      serverInfo: { name: "server", version: "1" },
    },
    "tools/list": { tools },
    "tools/call": { content: [{ type: "text", text: process.env.WHO + " " + params?.name }] },
  };
  if (id !== undefined) {
    const answer = answers[method];
    const error = { code: -32601, message: "there is no such method" };
    console.log(JSON.stringify({ jsonrpc: "2.0", id, ...(answer ? { result: answer } : { error }) }));
  }
});
`;

const started = (who: string, more: object): object => ({
  command: process.execPath,
  args: ["server.mjs"],
  env: { WHO: who },
  ...more,
});

/** As Cline writes it. */
const CLINE = {
  wiki: started("wiki", {
    transportType: "stdio",
    timeout: 60,
    autoApprove: ["look"],
    disabled: false,
    disabledTools: ["drop"],
  }),
  old: { url: "https://old.example/mcp", oauth: { clientId: "s3cret" }, disabled: true },
};

/** As Gemini CLI writes it. */
const GEMINI = {
  issues: started("issues", {
    cwd: ".",
    timeout: 600_000,
    trust: true,
    description: "s3cret",
    includeTools: ["look", "change"],
    excludeTools: ["change"],
  }),
};

const fileOf = (mcpServers: object): Record<string, string> => ({
  "server.mjs": SERVER,
  "servers.json": JSON.stringify({ mcpServers }),
});

describe("a file of two other hosts", () => {
  test("is a working gateway, with the tools that they would offer, and one line of what it ignores", async () => {
    await inFolder(fileOf({ ...CLINE, ...GEMINI }), async (folder) => {
      const flags = ["--gateway", "servers.json", "--no-files"];
      const server = await openPipe(flags, { cwd: folder });
      const found = await server.call("find_tools", {});
      expect(found).toContain("wiki (2 tools): look, change");
      expect(found).toContain("issues (1 tool): look");
      expect(found).not.toContain("old");
      const { result } = await server.ask("tools/call", {
        name: "parallel_call",
        arguments: { calls: [{ tool: "wiki/change" }, { tool: "issues/look" }] },
      });
      const outputs = answerOf(result).data.steps.map(({ output }) => output);
      expect(outputs).toEqual(["wiki change", "issues look"]);
      server.endInput();
      expect((await server.ended).code).toBe(0);
      expect(server.errors()).toBe(
        'servers.json: ignored fields of other hosts: timeout (use "timeoutMs" of "fanfold"), autoApprove, trust, description\n',
      );
    });
  });

  test("is refused where a server relies on what is not honoured, with what to do instead", async () => {
    const cursor = { linear: { url: "https://linear.example/mcp", auth: { CLIENT_ID: "s3cret" } } };
    await inFolder(fileOf({ ...GEMINI, ...cursor }), async (cwd) => {
      const flags = ["mcp", "--gateway", "servers.json", "--no-files"];
      const { code, stdout, stderr } = await fanfold(flags, { cwd });
      expect(stderr).toContain(
        '"linear.auth" cannot be used as OAuth is not spoken; put what the server needs into "headers"',
      );
      expect(stderr).not.toContain("ignored");
      expect(stderr).not.toContain("s3cret");
      expect([code, stdout]).toEqual([2, ""]);
    });
  });
});
