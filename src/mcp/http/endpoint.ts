/** A server over HTTP, for clients of this machine alone: one address that all revisions of the protocol are spoken at. */
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, isLegacyRequest, type Server } from "@modelcontextprotocol/server";
import { waitAtMost } from "../../system/time-limit.ts";
import { guard } from "./guard.ts";
import { HttpSessions } from "./sessions.ts";

/** How it is served. */
export interface EndpointOptions {
  /** Makes a server of the protocol, all of which share one service. */
  readonly makeServer: () => Server;
  /** Where to listen: an integer from 0 to 65,535; 0 for a port that is free. */
  readonly port: number;
  /** What clients must send; undefined where every process of the machine may speak to it. */
  readonly token: string | undefined;
  /** Told of what went wrong outside of calls. */
  readonly onError: (message: string) => void;
  /** How long a request may take to arrive, in milliseconds. @defaultValue 20,000 */
  readonly requestTimeoutMs?: number | undefined;
}

/** An endpoint that listens. */
export interface Endpoint {
  readonly url: string;
  /** Takes no more connections. */
  stop(): void;
  /** Closes all connections, and cancels what they have asked for. */
  close(): Promise<void>;
}

/** The only address that it ever listens at. */
const ADDRESS = "127.0.0.1";

const PATH = "/mcp";

/** How large a request may be, in bytes. */
const MOST_BODY_BYTES = 4 * 1024 * 1024;

/** How many connections there may be; others are closed at once. Each has one request at a time. */
const MOST_CONNECTIONS = 200;

const REQUEST_TIMEOUT_MS = 20_000;

/** How long answers that are being sent have when it closes, in milliseconds. */
const LAST_ANSWERS_MS = 200;

/**
 * Begins to listen.
 *
 * @throws RangeError - when the token could be guessed
 * @throws Error - as a rejection, when the port is taken or may not be used
 */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { makeServer, port, token, onError } = options;
  const isAllowed = guard(token);
  const onerror = ({ message }: Error): void => onError(message);
  const newer = createMcpHandler(makeServer, {
    legacy: "reject",
    maxRequestBodySize: MOST_BODY_BYTES,
    onerror,
  });
  const sessions = new HttpSessions(makeServer, MOST_BODY_BYTES);
  const fetch = async (request: Request): Promise<Response> =>
    (await isLegacyRequest(request, undefined, { maxRequestBodySize: MOST_BODY_BYTES }))
      ? await sessions.handle(request)
      : await newer.fetch(request);
  const handle = toNodeHandler({ fetch }, { maxRequestBodySize: MOST_BODY_BYTES, onerror });
  const answering = new Set<Promise<void>>();
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const http = createServer(
    {
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(timeoutMs, 1000),
    },
    (request, response) => {
      if (!isAllowed(request, response)) {
        drop(request, response);
        return;
      }
      if (request.url?.split("?")[0] !== PATH) {
        response.writeHead(404).end(`This server is at ${PATH}\n`);
        drop(request, response);
        return;
      }
      // Its types were written without exactOptionalPropertyTypes.
      const answered = handle(request as NodeIncomingMessageLike, response)
        .catch(() => void response.destroy())
        .finally(() => answering.delete(answered));
      answering.add(answered);
    },
  );
  http.maxConnections = MOST_CONNECTIONS;
  await listen(http, port);
  const { port: taken } = http.address() as AddressInfo;
  return {
    url: `http://${ADDRESS}:${taken}${PATH}`,
    stop: () => void http.close(),
    async close() {
      http.close();
      await waitAtMost(LAST_ANSWERS_MS, Promise.all(answering));
      // A client whose connection breaks knows that nothing comes any more; after a stream that ends it might wait.
      http.closeAllConnections();
      await Promise.all([newer.close(), sessions.close()]);
    },
  };
}

async function listen(http: HttpServer, port: number): Promise<void> {
  const listening = once(http, "listening"); // Rejects where an error comes first.
  http.listen(port, ADDRESS);
  try {
    await listening;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException; // What `node:net` throws.
    const rule =
      code === "EADDRINUSE"
        ? "another process has it"
        : code === "EACCES"
          ? "this user may not"
          : message;
    throw new Error(
      `Cannot serve at port ${port} of ${ADDRESS} as ${rule}: give another one, or 0 for one that is free`,
      { cause },
    );
  }
}

/** Takes no more of a request that was refused: its body may be without end. */
function drop({ socket }: IncomingMessage, response: ServerResponse): void {
  response.once("finish", () => socket.destroySoon());
}
