/** The clients that the adapter is tested with: both packages, and both revisions of the protocol that the newer one speaks. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OlderStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as OlderHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { McpClient } from "../../../src/adapters/mcp/index.ts";

/** A connected client; closing it ends the server that it started. */
export interface ConnectedClient extends McpClient {
  close(): Promise<void>;
}

/** Where a server is: at an address, or a program of this folder, or by an absolute path. */
export type Place =
  | { readonly url: URL }
  | { readonly program: string; readonly args?: readonly string[] };

export interface ClientKind {
  readonly name: string;
  /** `onToolsChanged` is called when the server says that its tools have changed. */
  connect(place: Place, onToolsChanged?: () => void): Promise<ConnectedClient>;
}

const IDENTITY = { name: "fanfold-test", version: "1.0.0" };

export const CLIENTS: readonly ClientKind[] = [
  {
    name: "client 2.x, protocol of 2026",
    connect: (place, onToolsChanged) => connectNewer(place, { mode: "auto" }, onToolsChanged),
  },
  {
    name: "client 2.x, protocol of 2025",
    connect: (place, onToolsChanged) => connectNewer(place, { mode: "legacy" }, onToolsChanged),
  },
  {
    name: "sdk 1.x",
    async connect(place, onToolsChanged) {
      const client = new OlderClient(IDENTITY, { listChanged: listener(onToolsChanged) });
      // Its types were written without exactOptionalPropertyTypes.
      const transport = (
        "url" in place ? new OlderHttpTransport(place.url) : new OlderStdioTransport(command(place))
      ) as Parameters<typeof client.connect>[0];
      await client.connect(transport);
      return client;
    },
  },
];

async function connectNewer(
  place: Place,
  versionNegotiation: { readonly mode: "auto" | "legacy" },
  onToolsChanged: (() => void) | undefined,
): Promise<ConnectedClient> {
  const client = new Client(IDENTITY, {
    versionNegotiation,
    listChanged: listener(onToolsChanged),
  });
  await client.connect(
    "url" in place
      ? new StreamableHTTPClientTransport(place.url)
      : new StdioClientTransport(command(place)),
  );
  return client;
}

function command({ program, args = [] }: Extract<Place, { program: string }>): {
  command: string;
  args: string[];
} {
  return { command: process.execPath, args: [new URL(program, import.meta.url).pathname, ...args] };
}

function listener(
  onToolsChanged: (() => void) | undefined,
): { tools: { autoRefresh: false; debounceMs: 0; onChanged: () => void } } | {} {
  return onToolsChanged === undefined
    ? {}
    : { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } };
}
