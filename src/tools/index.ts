/** `fanfold/tools`: the calls of a model's response, as parallel as is safe. */
export { fileClaim } from "./call-claims.ts";
export type { CallWait, ResultStatus, ToolCall, ToolResult } from "./result.ts";
export type { OutputOf, StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
export { defineTool, type JsonSchema, type Tool, type ToolDefinition } from "./tool.ts";
export { describeTurn } from "./describe-turn.ts";
export { toolbox, type Toolbox, type ToolboxOptions, type ToolDescription } from "./toolbox.ts";
export type { Approval, ApprovalRequest, Approve, Turn, TurnOptions } from "./turn.ts";
export type { CallReport, TurnReport } from "./turn-report.ts";
