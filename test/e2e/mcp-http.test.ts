// `fanfold mcp --http` with the newer client, in both revisions of the protocol that it speaks.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { answerOf, type Connect } from "../support/mcp-client.ts";
import { openHttp, TOKEN } from "../support/mcp-http.ts";
import { mcpLaws } from "../support/mcp-laws.ts";

const connect =
  (mode: "auto" | "legacy"): Connect =>
  async ([, ...args], cwd) => {
    const server = await openHttp(args, { cwd });
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const transport = new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers },
    });
    await client.connect(transport);
    return {
      pid: server.pid,
      instructions: client.getInstructions() ?? "",
      tools: async () => (await client.listTools()).tools,
      async call(name, given, { signal, onProgress: onprogress } = {}) {
        const extras = { ...(signal && { signal }), ...(onprogress && { onprogress }) };
        return answerOf(await client.callTool({ name, arguments: { ...given } }, extras));
      },
      async close() {
        await client.close();
        await server.close();
      },
    };
  };

mcpLaws("client 2.x over HTTP, protocol of 2026", connect("auto"));
mcpLaws("client 2.x over HTTP, protocol of 2025", connect("legacy"));
