// A server over HTTP: who may speak to it, how much of it one may take, and what ends with a connection.
import { once } from "node:events";
import { connect } from "node:net";
import { Server } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import { openEndpoint, type Endpoint, type EndpointOptions } from "../../src/mcp/http/endpoint.ts";
import { HttpSessions } from "../../src/mcp/http/sessions.ts";

const TOKEN = "a-token-for-the-tests";

/** What a request is about, besides what all have in common. */
interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A call that is under way until its signal is aborted. */
class Calls {
  #begun: () => void = () => undefined;
  readonly begun = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });
  #ended: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });

  readonly makeServer = (): Server => {
    const server = new Server({ name: "test", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({ tools: [] }));
    server.setRequestHandler("tools/call", async (_, { mcpReq: { signal } }) => {
      this.#begun();
      await once(signal, "abort");
      this.#ended();
      return { content: [] };
    });
    return server;
  };
}

async function withEndpoint(
  options: Partial<EndpointOptions>,
  use: (endpoint: Endpoint, ask: (asked: Asked) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const { makeServer } = new Calls();
  const endpoint = await openEndpoint({
    makeServer,
    port: 0,
    token: TOKEN,
    onError: () => undefined,
    ...options,
  });
  const ask = async ({ method = "POST", path = "/mcp", headers = {}, body, signal }: Asked) =>
    await fetch(new URL(path, endpoint.url), {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
  try {
    await use(endpoint, ask);
  } finally {
    await endpoint.close();
  }
}

const message = (method: string, params: object, id = 0): string =>
  JSON.stringify({ jsonrpc: "2.0", method, params, ...(id >= 0 && { id }) });

const HELLO = message("initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

/** A call of the newer protocol, which needs no session. */
const NEWER_HEADERS = {
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "x",
};
const NEWER_CALL = message("tools/call", {
  name: "x",
  _meta: {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  },
});

/** Sends bytes to an endpoint as they are, and resolves with all that it answers once it has closed the connection. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

const head = (lines: readonly string[]): string =>
  ["POST /mcp HTTP/1.1", ...lines, "", ""].join("\r\n");

describe("an endpoint", () => {
  test.each<[string, Asked, number]>([
    ["no token", { headers: { authorization: "" } }, 401],
    ["another token", { headers: { authorization: `Bearer ${TOKEN}x` } }, 401],
    ["a token of another kind", { headers: { authorization: `Basic ${TOKEN}` } }, 401],
    ["the token, written otherwise", { headers: { authorization: `bearer  ${TOKEN}` } }, 200],
    ["a page of elsewhere", { headers: { origin: "https://example.com" } }, 403],
    ["a page of nowhere", { headers: { origin: "null" } }, 403],
    [
      "a page whose name begins like this machine",
      { headers: { origin: "http://localhost.example.com" } },
      403,
    ],
    ["a page of this machine", { headers: { origin: "http://localhost:3000" } }, 200],
    ["what is no JSON", { headers: { "content-type": "text/plain" } }, 415],
    ["another path", { path: "/" }, 404],
    ["a path that begins like it", { path: "/mcp/more" }, 404],
    ["a stream that nothing is said on", { method: "GET" }, 405],
    ["a session that is not there", { headers: { "mcp-session-id": "none" } }, 404],
    ["a call without a session", { body: message("tools/list", {}) }, 400],
    ["what is not even a message", { body: "{" }, 400],
  ])("answers %s with its status", async (_, asked, status) => {
    await withEndpoint({}, async (__, ask) => {
      const body = asked.method === "GET" ? {} : { body: HELLO };
      expect((await ask({ ...body, ...asked })).status).toBe(status);
    });
  });

  test("answers nobody who asks for it by another name, as a page can whose name was changed", async () => {
    await withEndpoint({}, async ({ url }) => {
      const port = new URL(url).port;
      for (const host of [
        "example.com",
        `example.com:${port}`,
        "127.0.0.1.example.com",
        "0.0.0.0",
      ]) {
        const lines = [`host: ${host}`, `authorization: Bearer ${TOKEN}`, "content-length: 0"];
        expect(await raw(url, head(lines))).toMatch(/^HTTP\/1.1 403 /);
      }
    });
  });

  test("lets everybody of this machine in where it has no token, and pages of elsewhere never", async () => {
    await withEndpoint({ token: undefined }, async (_, ask) => {
      const headers = { authorization: "" };
      expect((await ask({ headers, body: HELLO })).status).toBe(200);
      const origin = { ...headers, origin: "http://example.com" };
      expect((await ask({ headers: origin, body: HELLO })).status).toBe(403);
    });
  });

  test.each(["short", "fifteen-letters", "with a space in the middle", "sixteen-letters\n"])(
    "does not take a token that could be guessed, or sent by nobody: %j",
    async (token) => {
      await expect(withEndpoint({ token }, async () => undefined)).rejects.toThrow(RangeError);
    },
  );

  test("listens at the loopback address alone", async () => {
    await withEndpoint({}, async ({ url }) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    });
  });

  test("takes no body beyond its limit, whether it is announced or not", async () => {
    await withEndpoint({}, async ({ url }, ask) => {
      const body = message("tools/list", { text: "x".repeat(4 * 1024 * 1024) });
      expect((await ask({ body })).status).toBe(413);
      const lines = ["host: localhost", `authorization: Bearer ${TOKEN}`];
      const types = ["content-type: application/json", "transfer-encoding: chunked"];
      const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
      const answer = await raw(url, head([...lines, ...types]) + chunk.repeat(5));
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
    });
  });

  test("hangs up on who does not say who it is, before it has sent what it announced", async () => {
    await withEndpoint({}, async ({ url }) => {
      const lines = [
        "host: localhost",
        "content-type: application/json",
        "content-length: 1000000",
      ];
      expect(await raw(url, head(lines))).toMatch(/^HTTP\/1.1 401 /);
    });
  });

  test.each([
    ["nothing at all", ""],
    ["half of a head", "POST /mcp HTTP/1.1\r\nhost: local"],
    [
      "half of a body",
      head([
        "host: localhost",
        `authorization: Bearer ${TOKEN}`,
        "content-type: application/json",
        "content-length: 10",
      ]) + "{",
    ],
  ])("hangs up on who sends %s, and answers others meanwhile", async (_, text) => {
    await withEndpoint({ requestTimeoutMs: 200 }, async ({ url }, ask) => {
      const slow = raw(url, text);
      expect((await ask({ body: HELLO })).status).toBe(200);
      expect(await slow).not.toMatch(/^HTTP\/1.1 200/);
    });
  });

  test("takes no more than 200 connections, and others again once some are closed", async () => {
    await withEndpoint({}, async ({ url }, ask) => {
      const open = Array.from({ length: 200 }, () =>
        connect(Number(new URL(url).port), "127.0.0.1"),
      );
      await Promise.all(open.map(async (socket) => await once(socket, "connect")));
      expect(await raw(url, "")).toBe("");
      const closed = open.map(async (socket) => await once(socket.resume().end(), "close"));
      await Promise.all(closed);
      expect((await ask({ body: HELLO })).status).toBe(200);
    });
  });

  test("cancels the call of a connection that its client closes, also of the older protocol", async () => {
    const newer = new Calls();
    await withEndpoint({ makeServer: newer.makeServer }, async (_, ask) => {
      const leave = new AbortController();
      const call = ask({ headers: NEWER_HEADERS, body: NEWER_CALL, signal: leave.signal });
      await newer.begun;
      leave.abort();
      await expect(call).rejects.toThrow();
      await newer.ended;
    });
    const older = new Calls();
    await withEndpoint({ makeServer: older.makeServer }, async (_, ask) => {
      const hello = await ask({ body: HELLO });
      const id = hello.headers.get("mcp-session-id") ?? "";
      const leave = new AbortController();
      const call = ask({
        headers: { "mcp-session-id": id },
        body: message("tools/call", { name: "x" }),
        signal: leave.signal,
      });
      await older.begun;
      leave.abort();
      await expect(call).rejects.toThrow();
      await older.ended;
    });
  });

  test("closes the connection of a call that its client cancels, and keeps the session", async () => {
    const calls = new Calls();
    await withEndpoint({ makeServer: calls.makeServer }, async (_, ask) => {
      const hello = await ask({ body: HELLO });
      const headers = { "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
      const call = ask({ headers, body: message("tools/call", { name: "x" }) });
      await calls.begun;
      const cancel = message("notifications/cancelled", { requestId: 0 }, -1);
      expect((await ask({ headers, body: cancel })).status).toBe(202);
      await calls.ended;
      expect(await (await call).text()).toBe(""); // It ends.
      const list = await ask({ headers, body: message("tools/list", {}, 1) });
      expect(await list.text()).toContain('"tools":[]');
    });
  });

  test("ends the calls of a session that its client ends", async () => {
    const calls = new Calls();
    await withEndpoint({ makeServer: calls.makeServer }, async (_, ask) => {
      const hello = await ask({ body: HELLO });
      const headers = { "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
      const call = ask({ headers, body: message("tools/call", { name: "x" }) });
      await calls.begun;
      expect((await ask({ method: "DELETE", headers })).status).toBe(200);
      await calls.ended;
      await (await call).text();
      expect((await ask({ headers, body: message("tools/list", {}) })).status).toBe(404);
    });
  });
});

/** Sessions without an endpoint, and what clients ask of them. */
function openSessions(makeServer: () => Server) {
  const sessions = new HttpSessions(makeServer, 10_000);
  const ask = async (body: string, id?: string): Promise<Response> =>
    await sessions.handle(
      new Request("http://localhost/mcp", {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...(id !== undefined && { "mcp-session-id": id }),
        },
      }),
    );
  const begin = async (): Promise<string> => {
    const response = await ask(HELLO);
    await response.text();
    return response.headers.get("mcp-session-id") ?? "";
  };
  const statusOf = async (body: string, id?: string): Promise<number> => {
    const response = await ask(body, id);
    await response.text();
    return response.status;
  };
  const isThere = async (id: string): Promise<boolean> =>
    (await statusOf(message("tools/list", {}), id)) === 200;
  return { sessions, ask, begin, statusOf, isThere };
}

describe("sessions", () => {
  test("make room for others: the one goes that was used least recently, and never one with a call under way", async () => {
    const calls = new Calls();
    const { sessions, ask, begin, isThere } = openSessions(calls.makeServer);
    const [busy, idle, used] = [await begin(), await begin(), await begin()];
    await ask(message("tools/call", { name: "x" }, 7), busy);
    await calls.begun;
    for (let count = 3; count < 100; count += 1) {
      await begin();
    }
    expect(await isThere(used)).toBe(true);
    await begin();
    expect(await isThere(idle)).toBe(false);
    expect(await isThere(busy)).toBe(true);
    expect(await isThere(used)).toBe(true);
    await sessions.close();
    await calls.ended;
    expect(await isThere(used)).toBe(false);
  });

  test("make room for nobody who begins none", async () => {
    const { sessions, begin, statusOf, isThere } = openSessions(new Calls().makeServer);
    const first = await begin();
    for (let count = 1; count < 100; count += 1) {
      await begin();
    }
    expect(await statusOf(message("tools/list", {}))).toBe(400);
    expect(await statusOf("no message")).toBe(400);
    expect(await isThere(first)).toBe(true);
    await sessions.close();
  });

  test("are begun again by clients whose own are gone, as they are told", async () => {
    const { sessions, begin, statusOf, isThere } = openSessions(new Calls().makeServer);
    const gone = await begin();
    for (let count = 0; count < 100; count += 1) {
      await begin();
    }
    expect(await statusOf(message("tools/list", {}), gone)).toBe(404);
    const again = await begin();
    expect(again).not.toBe(gone);
    expect(await isThere(again)).toBe(true);
    await sessions.close();
  });
});
