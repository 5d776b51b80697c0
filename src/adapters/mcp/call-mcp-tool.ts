/** One call of a tool of an MCP server, from arguments to output. */
import { describeError } from "../../core/errors.ts";
import type { TaskContext } from "../../core/task.ts";
import type {
  McpClient,
  McpListedTool,
  McpOutput,
  McpProgress,
  McpRequestOptions,
} from "./mcp-client.ts";
import { McpToolError } from "./mcp-tool-error.ts";

/** The longest time that a timer of the platform can wait, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** A tool on its server. */
export interface McpCallTarget {
  readonly client: McpClient;
  readonly server: string;
  readonly tool: McpListedTool;
  readonly idleTimeoutMs: number;
}

/**
 * Calls the tool and waits for its answer. When `ctx.signal` is aborted the server is told, and the call ends; MCP has no answer to that, so
 * what the server goes on doing is not seen.
 *
 * @throws {@link McpToolError} when the tool says that it failed.
 * @throws `Error` when there is no answer that can be understood: no connection, silence, refused arguments, garbage. Its `cause` is what the
 * client threw.
 */
export async function callMcpTool(
  target: McpCallTarget,
  input: unknown,
  ctx: TaskContext,
): Promise<McpOutput> {
  const { client, server, tool, idleTimeoutMs } = target;
  const params = { name: tool.name, arguments: input as Record<string, unknown> };
  const options: McpRequestOptions = {
    signal: ctx.signal,
    timeout: Math.min(idleTimeoutMs, LONGEST_MS),
    resetTimeoutOnProgress: true,
    onprogress: (progress) => ctx.progress(shownProgress(progress)),
  };
  const answer = await send(client, params, options).catch((cause: unknown) => {
    throw noAnswer(target, cause);
  });
  return outputOf(answer, { server, tool: tool.name });
}

function send(
  client: McpClient,
  params: { name: string; arguments: Record<string, unknown> },
  options: McpRequestOptions,
): Promise<object> {
  return client.getProtocolEra === undefined
    ? client.callTool(params, undefined, options)
    : client.callTool(params, options);
}

/** A part of a whole where that is all there is to tell, else all that was told. */
function shownProgress(told: McpProgress): unknown {
  const { progress, total, message } = told;
  return message === undefined && total !== undefined && total > 0 ? progress / total : told;
}

function noAnswer({ server, tool }: McpCallTarget, cause: unknown): Error {
  const reason = describeError(cause);
  return new Error(`Cannot call tool "${tool.name}" of MCP server "${server}": ${reason}`, {
    cause,
  });
}

/** @throws as {@link callMcpTool}. */
function outputOf(answer: object, { server, tool }: { server: string; tool: string }): McpOutput {
  const { content, structuredContent, isError } = answer as Partial<McpOutput> & {
    readonly isError?: unknown;
  };
  if (!Array.isArray(content)) {
    throw new TypeError(
      `Cannot read the answer of tool "${tool}" of MCP server "${server}" as it has no list of content: ${JSON.stringify(answer).slice(0, 200)}`,
    );
  }
  const output = structuredContent === undefined ? { content } : { content, structuredContent };
  if (isError === true) {
    throw new McpToolError(server, tool, output);
  }
  return output;
}
