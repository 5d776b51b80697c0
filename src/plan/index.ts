/** `fanfold/plan`: plan files, read, checked and run. */
export { loadPlan, parsePlan, type LoadOptions } from "./load-plan.ts";
export { PlanError, type Place, type PlanProblem } from "./plan-error.ts";
export type { Combine, Plan, PlanTask } from "./plan.ts";
export { estimatePlan, type PlanEstimate } from "./estimate-plan.ts";
export type { Range, TaskEstimate } from "./estimate-task.ts";
export type { ModelEstimate } from "./model-estimates.ts";
export type { PlanModelOptions } from "./plan-models.ts";
export type { PlanVote } from "./goal.ts";
export type { ModelDefinition, RuleEntry } from "./model-settings.ts";
export { runPlan, type PlanResult, type PlanRunOptions } from "./run-plan.ts";
export { planJsonSchema } from "./schema.ts";
export type {
  AfterEntry,
  CommandSettings,
  Declarations,
  EachSettings,
  HttpSettings,
  KindName,
  ModuleSettings,
  PlanValue,
  ReadSettings,
  RetryEntry,
  SearchSettings,
  Settings,
  TaskBody,
  WriteSettings,
} from "./settings.ts";
export type { CommandValue } from "./kinds/command.ts";
export type { EachValue } from "./kinds/each.ts";
export type { HttpValue } from "./kinds/http.ts";
export type { ModuleContext } from "./kinds/module.ts";
export type { ReadValue } from "./kinds/read.ts";
export type { SearchValue } from "./kinds/search.ts";
export type { WriteValue } from "./kinds/write.ts";
export { CommandError } from "../system/command-error.ts";
export type { CommandResult } from "../system/run-command.ts";
export type { Output } from "../system/output-file.ts";
