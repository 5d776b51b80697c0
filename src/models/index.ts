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
export type { AgentProgress } from "./agent-progress.ts";
export {
  conversationsIn,
  type AgentConversation,
  type UnfinishedCall,
} from "./conversations-in.ts";
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
export { namedModel, type NamedModelOptions } from "./named-model.ts";
export { openaiCompatible, type OpenaiCompatibleOptions } from "./openai-compatible.ts";
export { streamOf } from "./stream-of.ts";
export { withBudget, type WithBudgetOptions } from "./with-budget.ts";
export { withCache } from "./with-cache.ts";
export { withLimits, type WithLimitsOptions } from "./with-limits.ts";
export type { Claim, ConflictStrategy } from "./conflict.ts";
export {
  merge,
  type Merged,
  type MergeConflict,
  type MergedNumber,
  type MergeOptions,
} from "./merge.ts";
export { numericConsensus, type NumericConsensus } from "./numeric-consensus.ts";
export {
  fromOutcomes,
  type MissingResult,
  type SourceResult,
  type SourceResults,
} from "./source-result.ts";
export { describeSpent, type SpentFacts } from "./describe-spent.ts";
export type { ModelSpent, TimeSaved } from "./meter.ts";
export type { ModelRun, ModelRunFacts, ModelRunOptions } from "./model-run.ts";
export { fillPrompt, type FilledPrompt, type Prompt } from "./prompt.ts";
export { SYNTHESIS_PROMPT } from "./prompts/synthesis.ts";
export {
  synthesize,
  type Synthesis,
  type SynthesisConflict,
  type SynthesisGap,
  type SynthesisOptions,
} from "./synthesize.ts";
export { SECTION_PROMPT } from "./prompts/section.ts";
export {
  sections,
  type Section,
  type SectionsOptions,
  type SectionsResult,
  type SectionsRun,
} from "./sections.ts";
export type { SectionContent, SectionDefinition, SectionWriting } from "./write-section.ts";
export type { AnswerKind, AnswerOf, Opinion } from "./answer-kind.ts";
export {
  consensus,
  type CastVote,
  type Consensus,
  type ConsensusOptions,
  type ConsensusRun,
  type ConsensusVoter,
} from "./consensus.ts";
export { OPINION_PROMPT } from "./prompts/opinion.ts";
export { thresholds, type AnswerThreshold } from "./thresholds.ts";
export type { Voter, VoterOptions } from "./voters.ts";
export {
  bestAnswer,
  type BestAnswer,
  type BestAnswerOptions,
  type Judge,
  type JudgedAnswer,
} from "./best-answer.ts";
export { JUDGEMENT_PROMPT } from "./prompts/judgement.ts";
export { condense, type Condensed, type CondenseOptions } from "./condense.ts";
export type { SourceDocument } from "./document-parts.ts";
export { CONDENSE_PROMPT, EXTRACT_PROMPT } from "./prompts/condensing.ts";
export type { Statement } from "./statements.ts";
export {
  aspects,
  type AspectDefinition,
  type AspectsOptions,
  type AspectsResult,
  type KnownAspect,
} from "./aspects.ts";
export {
  foldFindings,
  SEVERITIES,
  type Finding,
  type FindingPlace,
  type Severity,
} from "./fold-findings.ts";
export { ASPECT_PROMPT, ASPECTS } from "./prompts/aspect.ts";
export type { Complaint, Verdict } from "./checking.ts";
export { guard, type Guarded, type GuardOptions } from "./guard.ts";
export { VALIDATION_PROMPT } from "./prompts/validation.ts";
export { validate, type ValidateOptions } from "./validate.ts";
export type { CodeValidator, Complaints, ModelValidator, Validator } from "./validator.ts";
export { warmUp, type WarmUp, type WarmUpOptions, type WarmUpStats } from "./warm-up.ts";
