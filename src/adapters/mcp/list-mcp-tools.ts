/** All tools of an MCP server, page after page. */
import type { McpClient, McpListedTool } from "./mcp-client.ts";

/** A server that never comes to an end is told apart from a long list by this. */
const MOST_PAGES = 100;

/**
 * Asks for all tools.
 *
 * @throws `Error` when the list does not end, and whatever the client throws.
 */
export async function listMcpTools(
  client: McpClient,
  options: { readonly server: string; readonly signal: AbortSignal | undefined },
): Promise<readonly McpListedTool[]> {
  const { server, signal } = options;
  const request = { cacheMode: "refresh", ...(signal !== undefined && { signal }) } as const;
  const tools: McpListedTool[] = [];
  let cursor: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await client.listTools(cursor === undefined ? undefined : { cursor }, request);
    tools.push(...answer.tools);
    cursor = answer.nextCursor;
    if (cursor === undefined || cursor === "") {
      return tools;
    }
  }
  throw new Error(
    `Cannot list the tools of MCP server "${server}" as they must fit ${MOST_PAGES} pages: there are more`,
  );
}
