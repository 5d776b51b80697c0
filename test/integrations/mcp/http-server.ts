/** A real MCP server over loopback HTTP, in the process of the test: its tools are held tasks. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { McpAnnotations } from "../../../src/adapters/mcp/index.ts";
import type { HeldTask } from "../../../src/testing/index.ts";

export interface HttpServer {
  readonly url: URL;
  close(): Promise<void>;
}

/** Serves what `register` puts on a server; called for each request. */
export async function serveHttp(register: (server: McpServer) => void): Promise<HttpServer> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "test-server", version: "1.0.0" });
    register(server);
    return server;
  });
  // The types of the package were written without exactOptionalPropertyTypes.
  const http = createServer(toNodeHandler(handler) as unknown as RequestListener);
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    async close() {
      await handler.close();
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
}

/** A tool whose calls are held tasks, by the name that is its only argument. What the task completes with is the text of the answer. */
export function registerHeld(
  server: McpServer,
  name: string,
  annotations: McpAnnotations | undefined,
  tasks: ReadonlyMap<string, HeldTask<string>>,
): void {
  server.registerTool(
    name,
    {
      inputSchema: z.object({ task: z.string() }),
      ...(annotations !== undefined && { annotations: annotations as object }),
    },
    async ({ task }, ctx) => {
      const text = await tasks.get(task)!.run({ signal: ctx.mcpReq.signal });
      return { content: [{ type: "text", text }] };
    },
  );
}
