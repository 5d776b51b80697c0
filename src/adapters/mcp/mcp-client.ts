/** The parts of an MCP client that the adapter uses: written out, so that the types of this package bring no other package. */
import type { JsonSchema } from "../../tools/tool.ts";

/**
 * A connected MCP client: the `Client` of `@modelcontextprotocol/client` (2.x) or of `@modelcontextprotocol/sdk` (1.x).
 *
 * Contract: a client that has `getProtocolEra`, as those of 2.x have, takes the options of `callTool` as the second argument; any other
 * takes them as the third, after a schema.
 */
export interface McpClient {
  listTools(
    params?: { readonly cursor?: string },
    options?: McpRequestOptions,
  ): Promise<{
    readonly tools: readonly McpListedTool[];
    readonly nextCursor?: string | undefined;
  }>;
  callTool(
    params: McpCallParams,
    schemaOrOptions?: object,
    options?: McpRequestOptions,
  ): Promise<object>;
  getProtocolEra?(): unknown;
}

/** A call as it goes to the server. */
export interface McpCallParams {
  name: string;
  arguments?: Record<string, unknown>;
}

/** What goes with a request besides its content. */
export interface McpRequestOptions {
  signal?: AbortSignal;
  /** The longest time without an answer, in milliseconds. */
  timeout?: number;
  /** Whether progress counts as an answer for `timeout`. */
  resetTimeoutOnProgress?: boolean;
  onprogress?: (progress: McpProgress) => void;
  /** Whether a list that was kept from before may be the answer. */
  cacheMode?: "refresh";
}

/** How far a call has come, as its server tells. */
export interface McpProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** A tool as its server lists it. */
export interface McpListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: JsonSchema;
  readonly annotations?: McpAnnotations | undefined;
}

/** What a server says of a tool. Hints: a server may be wrong, or lie. */
export interface McpAnnotations {
  readonly title?: string | undefined;
  /** Whether it changes nothing. */
  readonly readOnlyHint?: boolean | undefined;
  /** Whether it may destroy something, rather than only add. */
  readonly destructiveHint?: boolean | undefined;
  /** Whether calling it twice is as calling it once. */
  readonly idempotentHint?: boolean | undefined;
  /** Whether it reaches beyond its server. */
  readonly openWorldHint?: boolean | undefined;
}

/** What a tool returned, as its server sent it. */
export interface McpOutput {
  /** Blocks of text, images, sound, resources and links to them. */
  readonly content: readonly McpContent[];
  /** The same as data, where the tool says it. */
  readonly structuredContent?: unknown;
}

/** One block of content. */
export interface McpContent {
  /** `text`, `image`, `audio`, `resource`, `resource_link`, or what a later version of the protocol adds. */
  readonly type: string;
  readonly [field: string]: unknown;
}
