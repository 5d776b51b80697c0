/** `fanfold mcp` with the older client, which many hosts still have. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { answerOf, MAIN, type Connect, type McpSession } from "../../support/mcp-client.ts";
import { openHttp, TOKEN } from "../../support/mcp-http.ts";
import { mcpLaws } from "../../support/mcp-laws.ts";

const connect: Connect = async (args, cwd) => {
  const client = new Client({ name: "test", version: "1" });
  const command = { command: process.execPath, args: [MAIN, ...args], cwd };
  const transport = new StdioClientTransport({ ...command, stderr: "pipe" });
  // Its types were written without exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return sessionOf(client, transport.pid ?? 0);
};

const connectHttp: Connect = async ([, ...args], cwd) => {
  const server = await openHttp(args, { cwd });
  const client = new Client({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    requestInit: { headers: { authorization: `Bearer ${TOKEN}` } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    ...sessionOf(client, server.pid),
    async close() {
      await client.close();
      await server.close();
    },
  };
};

function sessionOf(client: Client, pid: number): McpSession {
  return {
    pid,
    instructions: client.getInstructions() ?? "",
    tools: async () => (await client.listTools()).tools,
    async call(name, given, { signal, onProgress: onprogress } = {}) {
      const extras = { ...(signal && { signal }), ...(onprogress && { onprogress }) };
      const params = { name, arguments: { ...given } };
      return answerOf(await client.callTool(params, undefined, extras));
    },
    close: async () => await client.close(),
  };
}

mcpLaws("sdk 1.x", connect);
mcpLaws("sdk 1.x over HTTP", connectHttp);
