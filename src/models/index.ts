/** `fanfold/models`: models, and what many calls of them make together. */
export { agent } from "./agent.ts";
export type {
  Agent,
  AgentEvent,
  AgentFinish,
  AgentOptions,
  AgentResult,
  AgentRun,
  AgentRunOptions,
  AgentToolOptions,
} from "./agent-run.ts";
export { ask, type AskOptions, type ObjectRequest, type ObjectResponse } from "./ask.ts";
export type {
  AssistantMessage,
  FinishReason,
  Model,
  ModelCallOptions,
  ModelMessage,
  ModelPart,
  ModelRequest,
  ModelResponse,
  ModelSchema,
  ModelUsage,
  ToolMessage,
  UserMessage,
} from "./model.ts";
export { ModelOutputError } from "./model-output-error.ts";
export { readObject } from "./read-object.ts";
