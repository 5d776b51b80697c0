// An MCP server by hand, over stdio, of the revision of 2024: it ends where anything comes before `initialize`, and says nothing of its tools.
import { createInterface } from "node:readline";

const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const answer = (id, text) => send({ id, result: { content: [{ type: "text", text }] } });

/** What waits for the other side. */
const asked = new Map();
let isInitialized = false;

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (method === undefined) {
    asked.get(id)?.(error?.message ?? JSON.stringify(result));
    return;
  }
  if (!isInitialized && method !== "initialize") {
    console.error("initialize comes first");
    process.exit(1);
  }
  switch (method) {
    case "initialize":
      isInitialized = true;
      send({
        id,
        result: {
          protocolVersion: "2024-11-05",
          capabilities: { tools: {} },
          serverInfo: { name: "old-server", version: "1.0.0" },
        },
      });
      break;
    case "tools/list":
      send({
        id,
        result: {
          tools: ["echo", "ask"].map((name) => ({ name, inputSchema: { type: "object" } })),
        },
      });
      break;
    case "tools/call":
      if (params.name === "ask") {
        asked.set("q1", (text) => answer(id, text));
        const requestedSchema = { type: "object", properties: {} };
        send({
          id: "q1",
          method: "elicitation/create",
          params: { message: "Sure?", requestedSchema },
        });
      } else {
        answer(id, JSON.stringify(params.arguments ?? {}));
      }
      break;
  }
});
