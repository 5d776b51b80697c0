/** Servers at addresses that the gateway did not start: of each transport, how they fail, and what is said of a wrong configuration. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { brief, closing, gatewayTo, outputs, program } from "./gateways.ts";

/** Starts a server of the transport of 2024; returns its address. */
async function sseServer(): Promise<string> {
  const { command, args } = program("sse-server.mjs");
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  closing.push(async () => {
    child.kill();
    await ended;
  });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return `http://127.0.0.1:${Number(port.toString())}`;
}

describe('a server of the transport of 2024, with `"type": "sse"`,', () => {
  test("has its tools found and called, and gets what headers are configured", async () => {
    const url = `${await sseServer()}/sse`;
    const headers = { Authorization: "Bearer something-secret" };
    const gateway = gatewayTo({ old: { type: "sse", url, headers } });
    expect((await gateway.find()).text).toContain("old (3 tools): who, end, flood");
    const answer = await gateway.call([{ tool: "old/who" }, { tool: "old/who" }]);
    expect(outputs(answer)).toEqual(["Bearer something-secret", "Bearer something-secret"]);
  });

  test("fails the calls that are under way when it ends, and is connected to again for the next", async () => {
    const url = `${await sseServer()}/sse`;
    const gateway = gatewayTo({ old: { type: "sse", url } });
    const answer = await gateway.call([{ tool: "old/end" }]);
    expect(brief(answer)).toEqual(["1 failed"]);
    expect(outputs(answer)[0]).toContain("was under way and may have had its effect");
    const next = await gateway.call([{ tool: "old/who" }]);
    expect(outputs(next)[0]).toContain('MCP server "old" could not be started');
  });

  test("is disconnected from when a message of it is too long, and connected to again for the next", async () => {
    const gateway = gatewayTo({ old: { type: "sse", url: `${await sseServer()}/sse` } });
    const answer = await gateway.call([{ tool: "old/flood" }]);
    expect(outputs(answer)[0]).toContain(TOO_LONG);
    expect(outputs(await gateway.call([{ tool: "old/who" }]))).toEqual(["nothing"]);
  });

  test("is told of where its type is missing, or is that of a server that is none", async () => {
    const address = await sseServer();
    const gateway = gatewayTo({
      missing: { url: `${address}/sse` },
      elsewhere: { type: "sse", url: `${address}/nowhere` },
    });
    const { data } = await gateway.find();
    expect(data["failures"]).toEqual([
      'MCP server "missing" could not be started: Error POSTing to endpoint (HTTP 404); if it has the transport of 2024, "type" must be "sse"',
      'MCP server "elsewhere" could not be started: SSE error: Non-200 status code (404); if its transport is a newer one than that of 2024, "type" must be "http"',
    ]);
  });
});

/** How a call fails whose answer is too long. */
const TOO_LONG =
  "may have had its effect; the connection was closed, as the server sent a message of more than 10 MB";

describe("a call over HTTP whose answer breaks off", () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ["with its connection", (response) => void response.destroy()],
    ["in an orderly way", (response) => void response.end()],
  ])("%s fails at once, and the connection goes on", async (_, breakOff) => {
    const url = await serverByHand((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": it comes\n\n", () => breakOff(response));
    });
    const gateway = gatewayTo({ s: { url } });
    const answer = await gateway.call([{ tool: "s/odd" }]);
    expect(brief(answer)).toEqual(["1 failed"]);
    expect(outputs(answer)[0]).toContain("closed without an answer; it may have had its effect");
    expect(outputs(await gateway.call([{ tool: "s/whole" }]))).toEqual(["whole"]);
  });
});

describe("a call over HTTP whose answer has no end", () => {
  test.each<[string, number, string, string]>([
    ["JSON", 200, "application/json", ""],
    ["an event", 200, "text/event-stream", "data: "],
    ["an error", 500, "text/event-stream", ""],
  ])("as %s fails as soon as it is too long, and no other server is held up", async (...given) => {
    const [, status, type, start] = given;
    const url = await serverByHand((response) => {
      response.writeHead(status, { "content-type": type }).write(start);
      pour(response, Infinity, "x".repeat(100_000));
    });
    const gateway = gatewayTo({ s: { url }, other: { url: await serverByHand() } });
    const answer = await gateway.call([{ tool: "s/odd" }, { tool: "other/whole" }]);
    expect(brief(answer)).toEqual(["1 failed", "2 completed"]);
    expect(outputs(answer)[0]).toContain(TOO_LONG);
    expect(outputs(await gateway.call([{ tool: "s/whole" }]))).toEqual(["whole"]);
  });

  test("is heard to its end where it is of many events, none of which is too long", async () => {
    const url = await serverByHand((response, id) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const params = { progressToken: "none", progress: 1, message: "x".repeat(100_000) };
      const told = { jsonrpc: "2.0", method: "notifications/progress", params };
      pour(response, 200, `data: ${JSON.stringify(told)}\n\n`, () => {
        const result = { content: [{ type: "text", text: "at last" }] };
        response.end(`data: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`);
      });
    });
    const gateway = gatewayTo({ s: { url } });
    expect(outputs(await gateway.call([{ tool: "s/odd" }]))).toEqual(["at last"]);
  });
});

/** Writes a text so many times, as fast as it is read. */
function pour(response: ServerResponse, times: number, text: string, then?: () => void): void {
  if (response.destroyed) {
    return;
  }
  if (times === 0) {
    then?.();
    return;
  }
  response.write(text, () => pour(response, times - 1, text, then));
}

/** A server by hand, of a revision before 2026, that answers calls of `odd` as it is told to. */
async function serverByHand(
  odd: (response: ServerResponse, id: number) => void = () => undefined,
): Promise<string> {
  const tools = ["odd", "whole"].map((name) => ({ name, inputSchema: { type: "object" } }));
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "broken", version: "1.0.0" },
    },
    "tools/list": { tools },
    "tools/call": { content: [{ type: "text", text: "whole" }] },
  };
  const http = createServer(async (request, response) => {
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const { id, method, params } = JSON.parse(await text(request));
    const result = results[method];
    if (params?.name === "odd") {
      odd(response, id);
    } else if (id === undefined) {
      response.writeHead(202).end();
    } else {
      const error = { code: -32_601, message: "Method not found" };
      const answer = result === undefined ? { error } : { result };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    }
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  closing.push(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => {
      http.close(resolve);
    });
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
}
