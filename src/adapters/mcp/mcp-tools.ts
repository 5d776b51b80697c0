/** The tools of an MCP server as tools of Fanfold. */
import { limit, type Limit } from "../../core/limits/limit.ts";
import type { RetryOptions } from "../../core/retry.ts";
import type { Tool } from "../../tools/tool.ts";
import { checkDeclared, type ToolDeclarations } from "../declaration.ts";
import { listMcpTools } from "./list-mcp-tools.ts";
import type { McpClient, McpListedTool } from "./mcp-client.ts";
import { mcpTool, type McpToolSettings } from "./mcp-tool.ts";
import { freeName, toolName } from "./tool-name.ts";

/** Options of {@link mcpTools}. Only `server` is needed. */
export interface McpToolsOptions {
  /** What the server is called here, in claims, reports, errors and prefixes: letters, digits, `_`, `-` and `.`, at most 64. */
  readonly server: string;
  /**
   * What the tools of the server work on, as far as their hints tell no more: a resource, such as `file:/repo` for a server of files, so that
   * other tools that claim those files and this server wait for each other. @defaultValue `mcp:` and the name of the server
   */
  readonly resource?: string | undefined;
  /**
   * Whether to believe what the server says of its tools. Ignored, every tool that `declare` does not name runs alone.
   * @defaultValue `"trusted"`
   */
  readonly hints?: "trusted" | "ignored" | undefined;
  /**
   * What you know better, by the name that the server has for the tool. `effect`, `parallel`, `reads` and `writes` are taken together: one of
   * them, and the hints about them are not looked at. A `limit` is in place of that of the server. @defaultValue nothing
   */
  readonly declare?: ToolDeclarations | undefined;
  /** How many calls the server gets at once: an integer from 1, Infinity, or a `limit()` shared with others. @defaultValue 4 */
  readonly limit?: number | Limit | undefined;
  /** The longest time that one attempt of a call may run, in milliseconds. @defaultValue that of the toolbox */
  readonly timeoutMs?: number | undefined;
  /** How long a call may go without an answer and without progress before it fails, in milliseconds. @defaultValue 60000 */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Repeat an attempt that the server did not answer, of tools that are read-only or idempotent: `true` for three attempts, or how many. What
   * a tool itself says it failed at is not repeated. @defaultValue one attempt
   */
  readonly retry?: boolean | number | RetryOptions | undefined;
  /** Stops the listing of the tools; not their calls. */
  readonly signal?: AbortSignal | undefined;
}

/** The tools of a server. */
export interface McpTools {
  /** What the server is called here. */
  readonly server: string;
  /** Its tools, in its order, as of the last listing. */
  readonly tools: readonly Tool[];
  /**
   * Lists the tools again, for when the server says that they have changed, and returns them. The limit stays the same one. Calls of tools that
   * are gone fail with what the server says. Where several run at once, `tools` is what the last to begin brought.
   *
   * @throws as {@link mcpTools}; then `tools` stays as it was.
   */
  refresh(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly Tool[]>;
}

/**
 * Lists the tools of an MCP server and makes tools of Fanfold of them.
 *
 * What a server says of a tool (its annotations) decides what its calls may overlap:
 *
 * | annotations | a call |
 * | --- | --- |
 * | none of the hints | runs alone among the calls of the toolbox |
 * | `readOnlyHint: true` | reads the resource of the server: overlaps others that only read it; effect `"read"` |
 * | any other hint | writes the resource of the server: alone on that server, in the order of the calls; effect `"write"` |
 * | `idempotentHint: true` | may also be repeated |
 *
 * Schemas go to the model as they are; the server checks the arguments. The output of a call is its blocks of content and its structured
 * content; the model reads the text of them.
 *
 * Cancellation: a call that is to stop tells the server so, and ends at once. What the server goes on doing is not seen: MCP has no answer to that.
 *
 * @throws `TypeError` when an option is invalid, or `declare` names a tool that the server does not have.
 * @throws `Error` when the tools cannot be listed: what the client threw.
 *
 * @example
 * ```ts
 * import type { McpClient } from "fanfold/mcp";
 * import { mcpTools } from "fanfold/mcp";
 *
 * // In a program: a Client of @modelcontextprotocol/client, connected.
 * const client: McpClient = {
 *   listTools: async () => ({
 *     tools: [{ name: "search", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } }],
 *   }),
 *   callTool: async () => ({ content: [{ type: "text", text: "2 issues" }] }),
 * };
 * const { tools } = await mcpTools(client, { server: "issues" });
 * console.log(tools.map(({ name, effect }) => `${name}: ${effect}`));
 * ```
 */
export async function mcpTools(client: McpClient, options: McpToolsOptions): Promise<McpTools> {
  const settings = checkedSettings(client, options);
  const { server, declare = {}, signal } = options;
  const make = (listed: readonly McpListedTool[]): readonly Tool[] =>
    named(listed).map(([name, tool]) => mcpTool(tool, name, settings, own(declare, tool.name)));

  const listed = await listMcpTools(client, { server, signal });
  checkDeclared(
    declare,
    listed.map(({ name }) => name),
    `MCP server "${server}"`,
  );
  let tools = make(listed);
  let begun = 0;
  let latest = 0;
  return {
    server,
    get tools() {
      return tools;
    },
    async refresh({ signal } = {}) {
      begun += 1;
      const number = begun;
      const fresh = make(await listMcpTools(client, { server, signal }));
      if (number > latest) {
        latest = number;
        tools = fresh;
      }
      return tools;
    },
  };
}

const SERVER = /^[A-Za-z0-9_.-]{1,64}$/;

/** @throws `TypeError` that names the option, the rule and the value. */
function checkedSettings(client: McpClient, options: McpToolsOptions): McpToolSettings {
  const { server, resource = `mcp:${server}`, hints = "trusted", idleTimeoutMs = 60_000 } = options;
  if (typeof server !== "string" || !SERVER.test(server)) {
    throw new TypeError(
      `Cannot name an MCP server as its name must have 1 to 64 letters, digits, "_", "-" or ".": ${JSON.stringify(server)}`,
    );
  }
  if (hints !== "trusted" && hints !== "ignored") {
    throw new TypeError(
      `Cannot use MCP server "${server}" as "hints" must be "trusted" or "ignored": ${JSON.stringify(hints)}`,
    );
  }
  if (!(idleTimeoutMs > 0)) {
    throw new RangeError(
      `Cannot use MCP server "${server}" as "idleTimeoutMs" must be a number above 0: ${String(idleTimeoutMs)}`,
    );
  }
  return {
    client,
    server,
    resource,
    trustsHints: hints === "trusted",
    limit: limitOf(options),
    timeoutMs: options.timeoutMs,
    idleTimeoutMs,
    retry: options.retry,
  };
}

/** As small as what servers are seen to bear. */
const DEFAULT_LIMIT = 4;

function limitOf({ server, limit: given = DEFAULT_LIMIT }: McpToolsOptions): Limit {
  return typeof given === "number" ? limit({ name: `mcp:${server}`, concurrency: given }) : given;
}

/** Each with a name that a model may call it by, and that no other has. */
function named(listed: readonly McpListedTool[]): readonly (readonly [string, McpListedTool])[] {
  const taken = new Set<string>();
  return listed.map((tool) => {
    const name = freeName(toolName(tool.name), taken);
    taken.add(name);
    return [name, tool] as const;
  });
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
