/** `fanfold/models`: models, and what many calls of them make together. */
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
