/** The tools of a gateway as clients see them. */
import type { McpSettings } from "../server-options.ts";
import { FAILURE, RESULT, object, text, type ListedTool } from "../listed-tool.ts";

/** How many servers are named: the others are found. */
const MOST_NAMES = 20;

/** The tools that find tools of other servers, and call them. */
export function gatewayTools({ gateway, readOnly }: McpSettings): readonly ListedTool[] {
  const names = gateway.map(({ name }) => name);
  const left = names.length - MOST_NAMES;
  const servers = `${names.slice(0, MOST_NAMES).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
  return [
    {
      name: "find_tools",
      description: `Finds tools of other servers: ${servers}. "query" says in words what you want to do; "tools" names those whose arguments you need; without either it lists all names.`,
      inputSchema: object(
        {
          query: text(),
          server: text("Only of this one"),
          tools: {
            type: "array",
            items: text(),
            description: `Names, as in "${names[0]}/search"`,
          },
        },
        [],
      ),
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: true,
      },
    },
    {
      name: "parallel_call",
      description: `Calls tools that find_tools has found, all that you want to call next in one call. They run at the same time, except: "after" names calls that must complete before; tools that may change something keep their order with other calls of their server. Example: {"calls": [{"id": "s", "tool": "${names[0]}/search", "arguments": {"query": "x"}}, {"tool": "${names[0]}/get", "arguments": {"id": {"$from": "s", "path": "/data/items/0/id"}}}]}. $from stands for a result: /text, or /data/… where it is JSON.`,
      inputSchema: object(
        {
          calls: {
            type: "array",
            items: object(
              {
                id: text("For after and $from. Default: its number, from 1"),
                tool: text("server/tool, or tool with server"),
                server: text(),
                arguments: { type: "object" },
                after: { type: "array", items: text() },
              },
              ["tool"],
            ),
          },
          failure: FAILURE,
        },
        ["calls"],
      ),
      outputSchema: RESULT,
      annotations: {
        readOnlyHint: readOnly,
        destructiveHint: !readOnly,
        idempotentHint: readOnly,
        openWorldHint: true,
      },
    },
  ];
}
