/** What the tasks of a model declare before a request, and tell after it. */
import type { Budget } from "../core/budget/budget.ts";
import type { Clock } from "../core/clock.ts";
import { answersIn } from "../core/http-answer.ts";
import type { Limit } from "../core/limits/limit.ts";
import type { RetryOptions } from "../core/retry.ts";
import type { TaskContext, TaskOptions } from "../core/task.ts";
import type { TokenEstimator } from "./estimate.ts";
import type { ModelRequest, ModelResponse, ModelUsage } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";

/** What the tasks of a model have in common. */
export interface Declared {
  readonly limits: readonly Limit[];
  readonly budgets: readonly Budget[];
  readonly retry: RetryOptions | undefined;
  readonly estimator: TokenEstimator;
  /** In US dollars; undefined where it is not known. */
  readonly price: (usage: ModelUsage) => number | undefined;
  /** Of requests that belong to no task. */
  readonly clock: Clock | undefined;
}

/** What the task of a request declares. */
export function taskOptions(request: ModelRequest, declared: Declared): TaskOptions {
  const { limits, budgets, retry, estimator, price } = declared;
  const estimate = estimator.estimate(request);
  const tokens = estimate.inputTokens + estimate.outputTokens;
  const usd = budgets.length === 0 ? undefined : price(estimate);
  return { limit: limits, budget: budgets, retry, cost: { tokens, usd } };
}

/** Makes a request inside its task, and tells limits, budgets and the estimator what comes of it. */
export async function tell(
  ctx: TaskContext,
  request: ModelRequest,
  declared: Declared,
  call: () => Promise<ModelResponse | undefined>,
): Promise<ModelResponse | undefined> {
  try {
    const response = await call();
    if (response !== undefined) {
      tellResponse(ctx, request, declared, response);
    }
    return response;
  } catch (error) {
    if (ModelOutputError.isInstance(error) && error.response !== undefined) {
      tellResponse(ctx, request, declared, error.response);
    } else {
      tellFailure(ctx, declared, error);
    }
    throw error;
  }
}

function tellResponse(
  ctx: TaskContext,
  request: ModelRequest,
  { limits, budgets, estimator, price }: Declared,
  { usage, headers }: ModelResponse,
): void {
  const { inputTokens, outputTokens } = usage;
  estimator.learn(request, usage);
  limits.forEach((limit) => limit.observe(headers));
  if (inputTokens !== undefined && outputTokens !== undefined) {
    const usd = budgets.length === 0 ? undefined : price(usage);
    ctx.spend({ tokens: inputTokens + outputTokens, usd });
  }
}

/** Services charge nothing for what they refuse. Of a request that was lost on the way nobody knows: its estimate stands. */
function tellFailure(ctx: TaskContext, { limits, budgets }: Declared, error: unknown): void {
  const answers = answersIn(error);
  for (const headers of answers.flatMap((answer) => answer.headers)) {
    limits.forEach((limit) => limit.observe(headers));
  }
  if (answers.some(({ status = 0 }) => status >= 400)) {
    ctx.spend({ tokens: 0, ...(budgets.length === 0 ? {} : { usd: 0 }) });
  }
}
