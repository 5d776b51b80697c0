/** The root entry: the kernel and the patterns. No dependencies, no Node built-ins. */
export {
  budget,
  type Budget,
  type BudgetOptions,
  type BudgetStats,
  type CostTotals,
} from "./core/budget/budget.ts";
export { systemClock, type Clock, type Timer } from "./core/clock.ts";
export {
  CancelledError,
  FanfoldError,
  InternalError,
  ScopeClosedError,
  SkippedError,
  SourceFailedError,
  TasksFailedError,
  TimedOutError,
  WaitRefusedError,
  type FanfoldErrorCode,
  type TaskFailure,
} from "./core/errors.ts";
export type {
  AttemptAbandonedEvent,
  AttemptCompletedEvent,
  AttemptFailedEvent,
  AttemptPausedEvent,
  AttemptResumedEvent,
  AttemptRetryingEvent,
  AttemptStartedEvent,
  ClaimsNarrowedEvent,
  RunEvent,
  RunSettledEvent,
  RunStartedEvent,
  TaskAddedEvent,
  TaskProgressedEvent,
  TaskSettledEvent,
  TaskWaitingEvent,
  WaitReason,
} from "./core/event.ts";
export { inProcess, type Attempt, type Executor } from "./core/executor.ts";
export { mutexBy, type KeyedMutex } from "./core/keyed-mutex.ts";
export { limit, type Limit, type LimitOptions, type LimitStats } from "./core/limits/limit.ts";
export { limitBy, type KeyedLimit } from "./core/limits/limit-by.ts";
export { mutex, type Lock, type LockOptions, type Mutex, type MutexOptions } from "./core/mutex.ts";
export type {
  CancelledOutcome,
  CompletedOutcome,
  FailedOutcome,
  Outcome,
  OutcomeStatus,
  SkipCause,
  SkippedOutcome,
} from "./core/outcome.ts";
export { describeReport } from "./core/report/describe-report.ts";
export type { Bottleneck, FullReport, PathStep, Report, TaskTiming } from "./core/report/report.ts";
export type { RetryOptions } from "./core/retry.ts";
export { retryBudget, type RetryBudget, type RetryBudgetOptions } from "./core/retry-budget.ts";
export type { Run, RunOptions } from "./core/run-options.ts";
export { scope, type Scope } from "./core/scope.ts";
export type {
  Cost,
  Dependency,
  Starter,
  Task,
  TaskContext,
  TaskDefinition,
  TaskFunction,
  TaskHandle,
  TaskOptions,
  TaskReference,
  TaskState,
} from "./core/task.ts";
export { all } from "./patterns/all.ts";
export {
  bestOf,
  type BestOfOptions,
  type BestResult,
  type ScoredAnswer,
} from "./patterns/best-of.ts";
export type { Outcomes, Tasks, ValueOfTask, Values } from "./patterns/entries.ts";
export { first, type FirstOptions, type Winner } from "./patterns/first.ts";
export { firstValid, type FirstValidOptions, type ValidResult } from "./patterns/first-valid.ts";
export { hedge, type HedgeOptions } from "./patterns/hedge.ts";
export { hedging, type Hedging, type HedgingOptions } from "./patterns/hedging.ts";
export type { Percentile } from "./patterns/percentile.ts";
export { beta, type BetaOptions } from "./patterns/rules/beta.ts";
export { lead } from "./patterns/rules/lead.ts";
export { majority } from "./patterns/rules/majority.ts";
export type {
  Ballot,
  VoteCount,
  VoteKey,
  VoteReason,
  VoteRule,
  VoteRuling,
  VoteTally,
} from "./patterns/rules/rule.ts";
export { threshold } from "./patterns/rules/threshold.ts";
export { unanimous } from "./patterns/rules/unanimous.ts";
export { window } from "./patterns/rules/window.ts";
export type { Sample, Sampling, SamplingOptions } from "./patterns/sampling.ts";
export { map, mapSettled } from "./patterns/map.ts";
export type { ChunkOptions } from "./patterns/chunks.ts";
export {
  mapReduce,
  type ChunkedMapReduceOptions,
  type MapReduceOptions,
} from "./patterns/map-reduce.ts";
export type {
  MapContext,
  MapFunction,
  MapOptions,
  MapRun,
  MapSource,
} from "./patterns/map-options.ts";
export { settle } from "./patterns/settle.ts";
export { vote, type VoteOptions, type VoteRun } from "./patterns/vote.ts";
export type { TiedVote, UndecidedVote, VoteResult, WonVote } from "./patterns/vote-result.ts";
