/** The newer client of the protocol, in both revisions that it speaks. */
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { answerOf, MAIN, type Connect } from "./mcp-client.ts";

/** Connects in the newest revision (`auto`), or in that of 2025. */
export const newerClient =
  (mode: "auto" | "legacy"): Connect =>
  async (args, cwd) => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const command = { command: process.execPath, args: [MAIN, ...args], cwd };
    const transport = new StdioClientTransport({ ...command, stderr: "pipe" });
    await client.connect(transport);
    const session = { pid: transport.pid ?? 0, instructions: client.getInstructions() ?? "" };
    return {
      ...session,
      tools: async () => (await client.listTools()).tools,
      async call(name, given, { signal, onProgress: onprogress } = {}) {
        const extras = { ...(signal && { signal }), ...(onprogress && { onprogress }) };
        return answerOf(await client.callTool({ name, arguments: { ...given } }, extras));
      },
      close: async () => await client.close(),
    };
  };
