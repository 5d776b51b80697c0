/** `fanfold/tools`: the calls of a model's response, as parallel as is safe. */
export type { CallWait, ResultStatus, ToolCall, ToolResult } from "./result.ts";
export type { OutputOf, StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
export { defineTool, type JsonSchema, type Tool, type ToolDefinition } from "./tool.ts";
export type {
  Approval,
  ApprovalRequest,
  Approve,
  Toolbox,
  ToolboxOptions,
  ToolDescription,
  Turn,
  TurnOptions,
} from "./toolbox.ts";
export type { CallReport, TurnReport } from "./turn-report.ts";
