/** Gateways in front of real servers, and what comes back from them. */
import { afterEach } from "vitest";
import { parseServers } from "../../../src/mcp/gateway/read-servers.ts";
import type { Progress } from "../../../src/mcp/progress.ts";
import {
  mcpService,
  type CallAnswer,
  type CallOptions,
  type McpService,
} from "../../../src/mcp/service.ts";
import type { McpServerOptions } from "../../../src/mcp/server-options.ts";
import { rig, type HeldTask, type Rig } from "../../../src/testing/index.ts";
import type { ShownPart } from "../../../src/mcp/shown-result.ts";
import { registerHeld, serveHttp } from "./http-server.ts";

/** What is closed after each test, the last first. */
export const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** What comes back, as far as tests look at it. */
export interface Seen {
  readonly text: string;
  readonly isError: boolean;
  readonly steps: readonly ShownPart[];
  readonly data: Readonly<Record<string, unknown>>;
  readonly content: CallAnswer["content"];
}

/** A gateway, and its tools. */
export interface Gateway {
  readonly service: McpService;
  find(given?: object): Promise<Seen>;
  call(
    calls: readonly object[],
    extras?: {
      signal?: AbortSignal;
      failure?: string;
      onProgress?: (progress: Progress) => void;
    },
  ): Promise<Seen>;
}

/** A gateway in front of these servers. */
export function gatewayTo(
  mcpServers: Readonly<Record<string, object>>,
  options: Partial<McpServerOptions> = {},
  environment: Readonly<Record<string, string>> = {},
): Gateway {
  const file = "servers.json";
  const gateway = parseServers(JSON.stringify({ mcpServers }), { file, environment });
  const service = mcpService({ version: "1", gateway, ...options });
  closing.push(async () => await service.close("the test is over"));
  const ask = async (name: string, given: object, options: CallOptions): Promise<Seen> => {
    const tool = service.tools.find((each) => each.name === name)!;
    const answer = await service.call(tool, { ...given }, options);
    const { content, structuredContent: data = {}, isError = false } = answer;
    const text = content.map((each) => (each.type === "text" ? each.text : "")).join("");
    return { text, isError, steps: (data["steps"] ?? []) as Seen["steps"], data, content };
  };
  const { signal: never } = new AbortController();
  return {
    service,
    find: async (given = {}) => await ask("find_tools", given, { signal: never }),
    call: async (calls, { signal = never, failure, onProgress } = {}) =>
      await ask("parallel_call", { calls, failure }, { signal, onProgress }),
  };
}

/** A server of this folder, with arguments. */
export const program = (name: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: [new URL(name, import.meta.url).pathname, ...args],
});

/** How each call ended. */
export const brief = ({ steps }: Seen): readonly string[] =>
  steps.map(({ id, status }) => `${id} ${status}`);
export const outputs = ({ steps }: Seen): readonly string[] => steps.map(({ output }) => output);

/** A server of held tasks at an address. */
export async function heldServer(names: readonly string[]): Promise<{
  readonly server: { readonly url: string };
  readonly r: Rig;
  held(name: string): HeldTask<string>;
}> {
  const r = rig();
  const tasks = new Map(names.map((name) => [name, r.task<string>(name)]));
  const http = await serveHttp((mcp) => {
    registerHeld(mcp, "look", { readOnlyHint: true }, tasks);
    registerHeld(mcp, "change", { readOnlyHint: false }, tasks);
    registerHeld(mcp, "mystery", undefined, tasks);
  });
  closing.push(async () => await http.close());
  return { server: { url: http.url.href }, r, held: (name) => tasks.get(name)! };
}

/** A call of a held task. */
export const on = (tool: string, task: string, more: object = {}) => ({
  tool,
  arguments: { task },
  ...more,
});
