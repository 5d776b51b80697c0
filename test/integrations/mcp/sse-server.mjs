// A real MCP server over the transport of 2024: events in one connection, messages in others. Prints its port once it listens.
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";

const text = (words) => ({ content: [{ type: "text", text: words }] });
const open = new Map();

const http = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (request.method === "GET" && pathname === "/sse") {
    const transport = new SSEServerTransport("/messages", response);
    open.set(transport.sessionId, transport);
    response.on("close", () => open.delete(transport.sessionId));
    const server = new McpServer({ name: "sse-server", version: "1.0.0" });
    const { authorization = "nothing" } = request.headers;
    server.registerTool("who", { annotations: { readOnlyHint: true } }, () => text(authorization));
    server.registerTool("end", { annotations: { readOnlyHint: false } }, () => process.exit(1));
    const flood = () => text("x".repeat(11_000_000));
    server.registerTool("flood", { annotations: { readOnlyHint: true } }, flood);
    await server.connect(transport);
    return;
  }
  const transport = open.get(searchParams.get("sessionId"));
  if (request.method === "POST" && transport !== undefined) {
    await transport.handlePostMessage(request, response);
    return;
  }
  response.writeHead(404).end();
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
