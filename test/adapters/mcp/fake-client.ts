/** An MCP client without a server: a list of tools, and a function that answers calls. */
import type {
  McpAnnotations,
  McpCallParams,
  McpClient,
  McpListedTool,
  McpRequestOptions,
} from "../../../src/adapters/mcp/index.ts";

export type Answer = (
  call: Required<McpCallParams>,
  options: McpRequestOptions,
) => object | Promise<object>;

/** Of the kind that takes options second. */
export function fakeClient(
  tools: readonly McpListedTool[],
  answer: Answer = () => text(""),
): McpClient {
  return {
    listTools: () => Promise.resolve({ tools }),
    callTool: async ({ name, arguments: input = {} }, options) =>
      await answer({ name, arguments: input }, options ?? {}),
    getProtocolEra: () => "modern",
  };
}

export function listed(name: string, annotations?: McpAnnotations): McpListedTool {
  return { name, inputSchema: { type: "object" }, ...(annotations && { annotations }) };
}

export function text(words: string): object {
  return { content: [{ type: "text", text: words }] };
}
