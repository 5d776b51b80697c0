/** `fanfold/mcp`: the tools of MCP servers, as parallel as they say is safe. */
export type { ToolDeclaration, ToolDeclarations } from "../declaration.ts";
export type {
  McpAnnotations,
  McpCallParams,
  McpClient,
  McpContent,
  McpListedTool,
  McpOutput,
  McpProgress,
  McpRequestOptions,
} from "./mcp-client.ts";
export { McpToolError } from "./mcp-tool-error.ts";
export { mcpTools, type McpTools, type McpToolsOptions } from "./mcp-tools.ts";
export { mergeMcpTools, type MergeMcpToolsOptions } from "./merge-mcp-tools.ts";
