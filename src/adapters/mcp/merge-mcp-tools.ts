/** The tools of several MCP servers, under names that tell them apart. */
import { firstRepeated } from "../../core/first-repeated.ts";
import type { Tool } from "../../tools/tool.ts";
import type { McpTools } from "./mcp-tools.ts";
import { freeName, toolName } from "./tool-name.ts";

/** Options of {@link mergeMcpTools}. */
export interface MergeMcpToolsOptions {
  /** Names that other tools of the toolbox have. @defaultValue none */
  readonly taken?: Iterable<string> | undefined;
}

/**
 * Puts the tools of several servers together. A name that two of them have, or that is taken, gets its server in front, in each of them:
 * `search` becomes `github_search` and `wiki_search`. All other names stay as they are, and so does the order.
 *
 * @throws `TypeError` when two servers have the same name.
 */
export function mergeMcpTools(
  servers: readonly McpTools[],
  { taken = [] }: MergeMcpToolsOptions = {},
): readonly Tool[] {
  checkDistinct(servers.map(({ server }) => server));
  const reserved = new Set(taken);
  const claimed = countNames(servers);
  const clashes = (name: string): boolean => reserved.has(name) || (claimed.get(name) ?? 0) > 1;
  const used = new Set([...reserved, ...[...claimed.keys()].filter((name) => !clashes(name))]);
  return servers.flatMap(({ server, tools }) =>
    tools.map((tool) => {
      if (!clashes(tool.name)) {
        return tool;
      }
      const name = freeName(toolName(`${server}_${tool.name}`), used);
      used.add(name);
      return { ...tool, name };
    }),
  );
}

function countNames(servers: readonly McpTools[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of servers.flatMap(({ tools }) => tools)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function checkDistinct(names: readonly string[]): void {
  const twice = firstRepeated(names);
  if (twice !== undefined) {
    throw new TypeError(
      `Cannot merge the tools of MCP servers as each must have a name of its own: "${twice}" twice`,
    );
  }
}
