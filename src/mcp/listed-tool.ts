/** Tools as clients see them, and what their schemas have in common. */
import type { JsonSchema } from "../tools/tool.ts";

/** The name of a tool. */
export type ToolName =
  | "parallel_read"
  | "parallel_run"
  | "start_run"
  | "run_status"
  | "cancel_run"
  | "run_plan"
  | "check_plan"
  | GatewayToolName;

/** The name of a tool of a gateway. */
export type GatewayToolName = "find_tools" | "parallel_call";

/** A tool of the protocol. */
export interface ListedTool {
  readonly name: ToolName;
  readonly description: string;
  readonly inputSchema: JsonSchema & { readonly type: "object" };
  readonly outputSchema?: JsonSchema & { readonly type: "object" };
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
}

/** A text in a schema. */
export const text = (description?: string): JsonSchema => ({
  type: "string",
  ...(description === undefined ? {} : { description }),
});

/** An object in a schema, with these properties and no others. */
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): ListedTool["inputSchema"] => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** What a failure does to the others of a batch. */
export const FAILURE = {
  enum: ["continue", "stop"],
  description: "stop: a step that fails cancels the others. Default: continue",
};

/** The result of a batch. */
export const RESULT: ListedTool["inputSchema"] = {
  type: "object",
  properties: {
    summary: text(),
    wallMs: { type: "number" },
    sequentialMs: { type: "number" },
    speedup: { type: "number" },
    steps: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: text(),
          kind: text(),
          status: text(),
          ms: { type: "number" },
          waited: text(),
          note: text(),
          output: text(),
          fullOutput: text("File with all of it"),
        },
        required: ["id", "kind", "status", "ms", "output"],
      },
    },
  },
  required: ["summary", "steps"],
};
