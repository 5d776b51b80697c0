/** `fanfold/plan`: plan files, read, checked and run. */
export { loadPlan, parsePlan, type LoadOptions } from "./load-plan.ts";
export { PlanError, type Place, type PlanProblem } from "./plan-error.ts";
export type { Combine, Plan, PlanTask } from "./plan.ts";
export { runPlan, type PlanResult, type PlanRunOptions } from "./run-plan.ts";
export { planJsonSchema } from "./schema.ts";
