// A real MCP server over stdio. Its tools say by their answers what happened, so that no test needs to look at a clock.
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const READ = { annotations: { readOnlyHint: true } };
const WRITE = { annotations: { readOnlyHint: false } };
const text = (words) => ({ content: [{ type: "text", text: words }] });

/** Calls of `meet` that wait for others. */
let waiting = [];
let cancelled = 0;

serveStdio(() => {
  const server = new McpServer({ name: "stdio-server", version: "1.0.0" });

  // Answers when `of` of its calls are there at once.
  const inputSchema = z.object({ of: z.number() });
  server.registerTool("meet", { ...READ, inputSchema }, async ({ of }) => {
    await new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === of) {
        waiting.forEach((wake) => wake());
        waiting = [];
      }
    });
    return text(`met ${of}`);
  });

  // Tells how far it is, then waits until it is cancelled.
  server.registerTool("wait", { ...READ, inputSchema: z.object({}) }, async (_input, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    if (progressToken !== undefined) {
      const params = { progressToken, progress: 1, total: 4 };
      await ctx.mcpReq.notify({ method: "notifications/progress", params });
    }
    await new Promise((resolve) => {
      ctx.mcpReq.signal.addEventListener("abort", resolve, { once: true });
    });
    cancelled += 1;
    return text("never heard");
  });
  server.registerTool("cancelled", READ, async () => text(String(cancelled)));

  server.registerTool("grow", WRITE, async () => {
    server.registerTool("grown", READ, async () => text("grown"));
    return text("grew");
  });
  server.registerTool("die", WRITE, async () => process.exit(1));
  return server;
});
