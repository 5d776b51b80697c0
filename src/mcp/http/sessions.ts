/**
 * The sessions of clients that speak a revision of the protocol before 2026-07-28. What they cancel they name by a message of its own, which only a
 * session connects to the call. Nothing is open of a session between its requests.
 */
import { randomUUID } from "node:crypto";
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  WebStandardStreamableHTTPServerTransport,
  type JSONRPCMessage,
  type RequestId,
  type Server,
  type Transport,
} from "@modelcontextprotocol/server";

/** How many there may be: the one that was used least recently, and has no call under way, makes room for another. */
const MOST_SESSIONS = 100;

/** One session. */
interface Session {
  readonly server: Server;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** The requests under way, with the exchanges in which they came. */
  readonly open: Map<RequestId, Request | undefined>;
}

/** The sessions of an endpoint. */
export class HttpSessions {
  readonly #makeServer: () => Server;
  readonly #maxRequestBodySize: number;
  /** By id, the one that was used least recently first. */
  readonly #sessions = new Map<string, Session>();

  constructor(makeServer: () => Server, maxRequestBodySize: number) {
    this.#makeServer = makeServer;
    this.#maxRequestBodySize = maxRequestBodySize;
  }

  /** Answers a request. When its client closes the connection, the calls in it are cancelled. */
  async handle(request: Request): Promise<Response> {
    if (request.method !== "POST" && request.method !== "DELETE") {
      // There is nothing that a server would say unasked.
      return refusal(405, "Method not allowed", { allow: "POST, DELETE" });
    }
    const id = request.headers.get("mcp-session-id");
    if (id === null) {
      return await this.#begin(request);
    }
    const session = this.#sessions.get(id);
    if (session === undefined) {
      return refusal(404, "Session not found"); // A client begins another one then.
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, session); // It is the last that was used.
    return await session.transport.handleRequest(request);
  }

  /** Ends all, and what is under way in them. */
  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(all.map(async ({ server }) => await server.close()));
  }

  async #begin(request: Request): Promise<Response> {
    if (this.#sessions.size >= MOST_SESSIONS && this.#idle === undefined) {
      return refusal(503, `All ${MOST_SESSIONS} sessions have a call under way`);
    }
    const server = this.#makeServer();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: this.#maxRequestBodySize,
      onsessioninitialized: (id) => this.#add(id, session),
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await server.connect(transport);
    const session: Session = { server, transport, open: new Map() };
    watchRequests(session);
    const response = await transport.handleRequest(request);
    if (transport.sessionId === undefined) {
      await server.close(); // It did not begin one.
    }
    return response;
  }

  /** The one that makes room for another. */
  get #idle(): [string, Session] | undefined {
    return [...this.#sessions].find(([, { open }]) => open.size === 0);
  }

  #add(id: string, session: Session): void {
    if (this.#sessions.size >= MOST_SESSIONS && this.#idle !== undefined) {
      const [idle, { server }] = this.#idle;
      this.#sessions.delete(idle);
      server.close().catch(() => undefined); // Nothing is under way in it.
    }
    this.#sessions.set(id, session);
  }
}

/** Sees to it that a connection that was closed cancels what it asked for, and that one whose calls were cancelled is closed. */
function watchRequests({ transport, open }: Session): void {
  const receive = transport.onmessage?.bind(transport);
  const send = transport.send.bind(transport);
  const cancel = (requestId: RequestId): void => {
    if (open.has(requestId)) {
      const params = { requestId, reason: "its client has closed the connection" };
      transport.onmessage?.({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    }
  };
  const onmessage: Transport["onmessage"] = (message, extra) => {
    if (isJSONRPCRequest(message)) {
      open.set(message.id, extra?.request);
      extra?.request?.signal.addEventListener("abort", () => cancel(message.id), { once: true });
    }
    receive?.(message, extra);
    const cancelled = cancelledBy(message);
    if (cancelled !== undefined && open.has(cancelled)) {
      const exchange = open.get(cancelled);
      open.delete(cancelled);
      if (![...open.values()].includes(exchange)) {
        transport.closeSSEStream(cancelled); // It would never be answered, and stay open.
      }
    }
  };
  const sendBack: typeof transport.send = async (message, options) => {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (isAnswer && message.id !== undefined) {
      open.delete(message.id);
    }
    await send(message, options);
  };
  Object.assign(transport, { onmessage, send: sendBack });
}

/** The request that a message cancels; undefined where it cancels none. */
function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!("method" in message) || message.method !== "notifications/cancelled") {
    return undefined;
  }
  return message.params?.["requestId"] as RequestId | undefined; // One of another type is not open.
}

function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = { code: -32_000, message };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status, headers });
}
