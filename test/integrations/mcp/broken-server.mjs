// An MCP server by hand, over stdio, that does what no library would let it do.
import { createInterface } from "node:readline";

const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const tool = (name) => ({
  name,
  inputSchema: { type: "object" },
  annotations: { readOnlyHint: true },
});

/** What each tool answers to a call. */
const ANSWERS = {
  fine: (id) => send({ id, result: { content: [{ type: "text", text: "fine" }] } }),
  noise: (id) => {
    process.stdout.write('Starting up on port 80 ...\n{"half": \n');
    ANSWERS.fine(id);
  },
  misshapen: (id) => send({ id, result: { content: 42 } }),
  refused: (id) => send({ id, error: { code: -32602, message: "no such repository: fanfolk" } }),
  silent: () => {},
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  switch (method) {
    case "initialize":
      send({
        id,
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "broken-server", version: "1.0.0" },
        },
      });
      break;
    case "tools/list":
      // Two pages.
      send({
        id,
        result:
          params?.cursor === undefined
            ? { tools: ["fine", "noise"].map(tool), nextCursor: "more" }
            : { tools: ["misshapen", "refused", "silent"].map(tool) },
      });
      break;
    case "tools/call":
      ANSWERS[params.name](id);
      break;
    default:
      send({ id, error: { code: -32601, message: `Method not found: ${method}` } });
  }
});
