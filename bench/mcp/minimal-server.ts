/** The least that is a server: one tool, which answers at once. */
import { Server } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";

serveStdio(
  () => {
    const server = new Server({ name: "minimal", version: "1" }, { capabilities: { tools: {} } });
    const tool = { name: "nothing", inputSchema: { type: "object" as const } };
    server.setRequestHandler("tools/list", () => ({ tools: [tool] }));
    server.setRequestHandler("tools/call", () => ({ content: [] }));
    return server;
  },
  { transport: new StdioServerTransport() },
);
