// A real MCP server over stdio, whose tools do what gateways have to bear. Its first argument is how many further tools it has.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const READ = { annotations: { readOnlyHint: true } };
const WRITE = { annotations: { readOnlyHint: false } };
const text = (words) => ({ content: [{ type: "text", text: words }] });
const name = { inputSchema: z.object({ name: z.string() }) };

serveStdio(() => {
  const server = new McpServer({ name: "odd-server", version: "1.0.0" });
  server.registerTool("env", { ...READ, ...name }, async (input) =>
    text(process.env[input.name] ?? "not set"),
  );
  server.registerTool("where", READ, async () => text(process.cwd()));
  server.registerTool("json", READ, async () => text('{"items": [{"id": 7, "name": "seven"}]}'));
  server.registerTool(
    "same",
    { ...READ, inputSchema: z.object({ value: z.any() }) },
    async (input) => text(JSON.stringify(input.value)),
  );
  server.registerTool("huge", READ, async () =>
    text(Array.from({ length: 200_000 }, (_, index) => `line ${index}`).join("\n")),
  );
  server.registerTool(
    "media",
    { ...READ, inputSchema: z.object({ bytes: z.number() }) },
    async ({ bytes }) => ({
      content: [
        { type: "text", text: "before" },
        { type: "image", mimeType: "image/png", data: Buffer.alloc(bytes, 1).toString("base64") },
        { type: "audio", mimeType: "audio/wav", data: Buffer.alloc(3, 2).toString("base64") },
        { type: "resource_link", uri: "file:///a.txt", name: "a.txt" },
        {
          type: "resource",
          resource: {
            uri: "file:///b.pdf",
            mimeType: "application/pdf",
            blob: Buffer.from("pdf!").toString("base64"),
          },
        },
        { type: "text", text: "after" },
      ],
    }),
  );
  server.registerTool("refuse", { ...READ, ...name }, async (input) => ({
    ...text(`I know ${process.env[input.name]}`),
    isError: true,
  }));
  // A process of its group, and one that has left it; neither ends by SIGTERM.
  server.registerTool("spawn", WRITE, async () => {
    const command = 'trap "" TERM; echo up; while :; do sleep 1; done';
    const start = async (detached) => {
      const child = spawn("sh", ["-c", command], {
        detached,
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      return child.pid;
    };
    return text(JSON.stringify([process.pid, await start(false), await start(true)]));
  });
  // Eight megabytes of standard error, and what is no message.
  server.registerTool("noise", READ, async () => {
    process.stderr.write(`${"x".repeat(4_000_000)}\n`);
    process.stderr.write("y\n".repeat(2_000_000));
    process.stdout.write('Listening on port 80\n{"half": \n42\n{"jsonrpc": "2.0"}\n\n');
    return text("quiet again");
  });
  server.registerTool("endless", READ, async () => {
    process.stdout.write("x".repeat(12_000_000));
    return text("never heard");
  });
  // Ends the first time.
  server.registerTool("flaky", { ...READ, ...name }, async (input) => {
    const times = existsSync(input.name) ? Number(readFileSync(input.name, "utf8")) : 0;
    writeFileSync(input.name, String(times + 1));
    if (times === 0) {
      console.error(`cannot go on with ${process.env.API_KEY}`);
      process.exit(7);
    }
    return text(`call ${times + 1}`);
  });
  server.registerTool("ask", WRITE, async () =>
    inputRequired({
      inputRequests: {
        sure: inputRequired.elicit({
          message: "Are you sure?",
          requestedSchema: { type: "object", properties: { sure: { type: "boolean" } } },
        }),
      },
    }),
  );
  for (let index = 0; index < Number(process.argv[2] ?? 0); index += 1) {
    const description = `Tool number ${index}. ${"It has much to say about itself. ".repeat(20)}`;
    server.registerTool(`tool_${index}`, { description, ...READ, ...name }, async () =>
      text(`${index}`),
    );
  }
  return server;
});
