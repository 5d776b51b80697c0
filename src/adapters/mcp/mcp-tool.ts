/** A tool of an MCP server as a tool of Fanfold. */
import type { Limit } from "../../core/limits/limit.ts";
import type { RetryOptions } from "../../core/retry.ts";
import { constantClaim } from "../../tools/constant-claim.ts";
import { defineTool, isIdempotent, type Tool } from "../../tools/tool.ts";
import type { StandardSchema } from "../../tools/standard-schema.ts";
import type { ToolDeclaration } from "../declaration.ts";
import { callMcpTool, type McpCallTarget } from "./call-mcp-tool.ts";
import { contentText } from "./content-text.ts";
import type { McpAnnotations, McpListedTool, McpOutput } from "./mcp-client.ts";
import { McpToolError } from "./mcp-tool-error.ts";

/** What all tools of a server have in common. */
export interface McpToolSettings extends Omit<McpCallTarget, "tool"> {
  readonly resource: string;
  readonly trustsHints: boolean;
  readonly limit: Limit;
  readonly timeoutMs: number | undefined;
  readonly retry: boolean | number | RetryOptions | undefined;
}

/** Makes the tool. What is declared comes before what the server says of it, and before what all tools of the server have. */
export function mcpTool(
  listed: McpListedTool,
  name: string,
  settings: McpToolSettings,
  declared: ToolDeclaration = {},
): Tool {
  const target: McpCallTarget = { ...settings, tool: listed };
  const claims = saysWhatItTouches(declared) ? {} : hintedClaims(listed.annotations, settings);
  const declaration: ToolDeclaration = {
    ...hintedIdempotence(listed.annotations, settings),
    ...claims,
    limit: settings.limit,
    timeoutMs: settings.timeoutMs,
    ...declared,
  };
  const tool: Tool<unknown, McpOutput> = {
    ...declaration,
    name,
    description: listed.description ?? listed.title ?? listed.annotations?.title,
    input: anObject,
    inputJsonSchema: listed.inputSchema,
    format: contentText,
    run: (input, ctx) => callMcpTool(target, input, ctx),
  };
  return defineTool({ ...tool, retry: declared.retry ?? retryOf(tool as Tool, settings) }) as Tool;
}

/** Any of these says it all: what a server hints at besides is not looked at. */
function saysWhatItTouches({ effect, parallel, reads, writes }: ToolDeclaration): boolean {
  return [effect, parallel, reads, writes].some((said) => said !== undefined);
}

/** A server that says nothing of a tool has declared nothing, and calls of it run alone. */
function hintedClaims(
  annotations: McpAnnotations | undefined,
  { resource, trustsHints }: McpToolSettings,
): ToolDeclaration {
  const { readOnlyHint, destructiveHint, idempotentHint } = annotations ?? {};
  const says = [readOnlyHint, destructiveHint, idempotentHint].some((hint) => hint !== undefined);
  if (!trustsHints || !says) {
    return {};
  }
  return readOnlyHint === true
    ? { effect: "read", reads: constantClaim(resource) }
    : { effect: "write", writes: constantClaim(resource) };
}

function hintedIdempotence(
  annotations: McpAnnotations | undefined,
  { trustsHints }: McpToolSettings,
): ToolDeclaration {
  return trustsHints && annotations?.idempotentHint === true ? { idempotent: true } : {};
}

/** Repeats what the server did not answer, where that is safe. What a tool has answered, it would answer again. */
function retryOf(tool: Tool, { retry }: McpToolSettings): Tool["retry"] {
  if (retry === undefined || retry === false || !isIdempotent(tool)) {
    return undefined;
  }
  const options: RetryOptions =
    typeof retry === "object" ? retry : retry === true ? {} : { attempts: retry };
  const { retryIf = () => true } = options;
  return {
    ...options,
    retryIf: (error, attempt) => !(error instanceof McpToolError) && retryIf(error, attempt),
  };
}

/** The arguments of MCP tools are objects; all else about them is for the server to check. */
const anObject: StandardSchema = {
  "~standard": {
    version: 1,
    vendor: "fanfold",
    validate: (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? { value }
        : { issues: [{ message: "must be an object" }] },
  },
};
