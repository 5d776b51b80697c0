/** `fanfold/models`: models, and what many calls of them make together. */
export { ask, type AskOptions, type ObjectRequest, type ObjectResponse } from "./ask.ts";
export { costOf, type ModelCost } from "./cost.ts";
export { tokenEstimator, type TokenEstimate, type TokenEstimator } from "./estimate.ts";
export { fromAiSdk, type FromAiSdkOptions } from "./from-ai-sdk.ts";
export type {
  AiSdkCallOptions,
  AiSdkContent,
  AiSdkFinishReason,
  AiSdkJson,
  AiSdkLanguageModel,
  AiSdkMessage,
  AiSdkPart,
  AiSdkProviderOptions,
  AiSdkReader,
  AiSdkResult,
  AiSdkStream,
  AiSdkStreamResult,
  AiSdkUsage,
} from "./ai-sdk/specification.ts";
export { memoryStore, type MemoryStoreOptions, type ModelStore } from "./memory-store.ts";
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
export { openaiCompatible, type OpenaiCompatibleOptions } from "./openai-compatible.ts";
export { streamOf } from "./stream-of.ts";
export { withBudget, type WithBudgetOptions } from "./with-budget.ts";
export { withCache } from "./with-cache.ts";
export { withLimits, type WithLimitsOptions } from "./with-limits.ts";
