/** What a plan would ask of models, and what that would cost: as far as it can be known before anything runs. */
import { estimateTask, type Range, type TaskEstimate } from "./estimate-task.ts";
import { foreseenValues } from "./foreseen-values.ts";
import { asksModels } from "./kinds.ts";
import { ModelEstimates, unpricedOf, type ModelEstimate } from "./model-estimates.ts";
import type { PlanModelOptions } from "./plan-models.ts";
import type { Plan } from "./plan.ts";

/** What a plan would ask. */
export interface PlanEstimate {
  /** The tasks that ask models, in the order of the plan. */
  readonly tasks: readonly TaskEstimate[];
  readonly total: Omit<TaskEstimate, "name" | "models" | "notes">;
  readonly models: readonly ModelEstimate[];
  /** What all calls may cost, in US dollars. */
  readonly budget: number | undefined;
  /** Why it cannot be run as it is: a key that is missing, a price that a budget needs. */
  readonly problems: readonly string[];
}

/**
 * Estimates a plan. Nothing is run, and nothing sent: each task is rehearsed with answers of 500 tokens, or what `maxOutputTokens` allows. Files that
 * `read` tasks name are read, and folders of agents looked at.
 *
 * Tokens are those of `tokenEstimator`: without a tokenizer, off by half for prose. Not in it: requests that the service rejects, which cost nothing
 * with most.
 */
export async function estimatePlan(
  plan: Plan,
  options: PlanModelOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<PlanEstimate> {
  const { signal = new AbortController().signal } = options;
  const values = await foreseenValues(plan, signal);
  const known = new ModelEstimates(plan, options);
  const tasks: TaskEstimate[] = [];
  for (const task of plan.tasks) {
    if (asksModels((task.item ?? task).kind)) {
      tasks.push(await estimateTask(task, { plan, values, known, signal }));
    }
  }
  const budget = budgetOf(plan, options);
  const models = known.all;
  return {
    tasks,
    total: totalOf(tasks),
    models,
    budget,
    problems: [...known.problems, ...unpricedOf(models, budget)],
  };
}

/** In US dollars: of a budget that is shared with others what is left; undefined where none counts money. */
function budgetOf({ budget: own }: Plan, { budget = own }: PlanModelOptions): number | undefined {
  const usd = typeof budget === "object" ? budget.stats().left.usd : budget;
  return usd === Infinity ? undefined : usd;
}

function totalOf(tasks: readonly TaskEstimate[]): PlanEstimate["total"] {
  const sum = (ranges: readonly Range[]): Range => ({
    from: ranges.reduce((total, { from }) => total + from, 0),
    to: ranges.reduce<number | undefined>(
      (total, { to }) => (total === undefined || to === undefined ? undefined : total + to),
      0,
    ),
  });
  const prices = tasks.map(({ usd }) => usd);
  return {
    requests: sum(tasks.map(({ requests }) => requests)),
    inputTokens: sum(tasks.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(tasks.map(({ outputTokens }) => outputTokens)),
    usd: prices.includes(undefined) ? undefined : sum(prices.filter((each) => each !== undefined)),
    unknown: [...new Set(tasks.flatMap(({ unknown }) => unknown))],
  };
}
