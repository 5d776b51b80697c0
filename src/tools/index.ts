/** `fanfold/tools`: the calls of a model's response, as parallel as is safe. */
export { fileClaim } from "./call-claims.ts";
export { codingTools } from "./coding/coding-tools.ts";
export type { EditFileOutput } from "./coding/edit-file.ts";
export type { FetchUrlOutput } from "./coding/fetch-url.ts";
export type { ListedEntry, ListFilesOutput } from "./coding/list-files.ts";
export type { ReadFileOutput, ReadFilesOutput } from "./coding/read-files.ts";
export type { CommandOutput, CommandStreams, RunCommandsOutput } from "./coding/run-commands.ts";
export type { SearchOutput } from "./coding/search.ts";
export type { CodingLimits, CodingToolsOptions, KindLimit } from "./coding/settings.ts";
export type { WriteFileOutput } from "./coding/write-file.ts";
export type { CallWait, ResultStatus, ToolCall, ToolResult } from "./result.ts";
export type { OutputOf, StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
export { defineTool, type JsonSchema, type Tool, type ToolDefinition } from "./tool.ts";
export { describeTurn } from "./describe-turn.ts";
export { toolbox, type Toolbox, type ToolboxOptions, type ToolDescription } from "./toolbox.ts";
export type { Approval, ApprovalRequest, Approve, Turn, TurnOptions } from "./turn.ts";
export type { CallReport, TurnReport } from "./turn-report.ts";
