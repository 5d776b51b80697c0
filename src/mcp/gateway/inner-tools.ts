/** The tools of a server behind the gateway as tools of Fanfold: what is configured comes before what the server says of them. */
import type { McpListedTool, McpOutput } from "../../adapters/mcp/mcp-client.ts";
import { mcpTool, type McpToolSettings } from "../../adapters/mcp/mcp-tool.ts";
import type { ToolDeclaration } from "../../adapters/declaration.ts";
import type { Limit } from "../../core/limits/limit.ts";
import { declaredClaims } from "../../tools/coding/claims.ts";
import type { RootFolder } from "../../system/root-folder.ts";
import { constantClaim } from "../../tools/constant-claim.ts";
import type { Tool } from "../../tools/tool.ts";
import type { HeldAnswers } from "./held-answers.ts";
import type { InnerServer } from "./inner-server.ts";
import type { InnerTool } from "./inner-settings.ts";

/** What tools are made with. */
export interface InnerToolOptions {
  /** What calls of the server share. */
  readonly limit: Limit;
  /** Paths in claims are relative to it. */
  readonly root: RootFolder;
  /** Where its answers are taken to. */
  readonly answers: Pick<HeldAnswers, "take" | "takeFailure">;
}

/** Makes the tool, under a name of its own among those of a batch. */
export function innerTool(
  server: InnerServer,
  listed: McpListedTool,
  name: string,
  { limit, root, answers }: InnerToolOptions,
): Tool {
  const { settings, client } = server;
  const shared: McpToolSettings = {
    client,
    server: settings.name,
    resource: resourceOf(server),
    trustsHints: true,
    limit,
    timeoutMs: settings.timeoutMs,
    idleTimeoutMs: Infinity, // The time that a call may take is all that counts.
    retry: settings.attempts > 1 ? settings.attempts : undefined,
  };
  const declared = declarationOf(server, listed, root);
  const tool = mcpTool(listed, name, shared, declared);
  return {
    ...tool,
    format: () => "", // What is shown depends on the other calls of the batch.
    run: async (input, ctx) => {
      try {
        return await answers.take(ctx.key, (await tool.run(input, ctx)) as McpOutput);
      } catch (error) {
        throw await answers.takeFailure(ctx.key, error);
      }
    },
  };
}

/** A tool in place of one of a server that cannot be started: each call of it says so. */
export function missingTool(name: string, error: Error): Tool {
  return {
    name,
    effect: "read",
    parallel: true,
    run: () => {
      throw error;
    },
  };
}

/** Whether a server says that a tool changes nothing. */
export function onlyReads({ annotations }: McpListedTool): boolean {
  return annotations?.readOnlyHint === true;
}

const resourceOf = ({ settings }: InnerServer): string => `mcp:${settings.name}`;

/** Of a tool of which nobody says anything it is taken that it changes something of its server, and of nobody else. */
function declarationOf(
  server: InnerServer,
  listed: McpListedTool,
  root: RootFolder,
): ToolDeclaration {
  const { tools } = server.settings;
  const { timeoutMs, ...said }: InnerTool = Object.hasOwn(tools, listed.name)
    ? (tools[listed.name] ?? {})
    : {};
  const resource = resourceOf(server);
  const time = timeoutMs === undefined ? {} : { timeoutMs };
  const effect =
    onlyReads(listed) && said.writes === undefined ? ({ effect: "read" } as const) : {};
  if (said.parallel === true) {
    return { ...time, ...effect, parallel: true };
  }
  if (said.parallel === false) {
    return { ...time, writes: constantClaim(resource) };
  }
  const { reads, writes } = said;
  if (reads !== undefined || writes !== undefined) {
    return {
      ...time,
      ...effect,
      ...(reads === undefined ? {} : { reads: constantClaim(declaredClaims(root, reads)) }),
      ...(writes === undefined ? {} : { writes: constantClaim(declaredClaims(root, writes)) }),
    };
  }
  const { readOnlyHint, destructiveHint, idempotentHint } = listed.annotations ?? {};
  const hints = [readOnlyHint, destructiveHint, idempotentHint];
  return hints.every((hint) => hint === undefined)
    ? { ...time, writes: constantClaim(resource) }
    : time;
}
