/** What a call throws when the tool of an MCP server says that it failed. */
import { contentText } from "./content-text.ts";
import type { McpOutput } from "./mcp-client.ts";

/** A tool ran and answered that it failed (`isError`). Its message is what the tool said, word for word. */
export class McpToolError extends Error {
  override readonly name = "McpToolError";
  /** What the adapter calls the server. */
  readonly server: string;
  /** What the server calls the tool. */
  readonly tool: string;
  /** The whole answer. */
  readonly output: McpOutput;

  constructor(server: string, tool: string, output: McpOutput) {
    super(
      contentText(output) || `Tool "${tool}" of MCP server "${server}" failed and did not say why`,
    );
    this.server = server;
    this.tool = tool;
    this.output = output;
  }
}
