/** `withBudget`: a model that is paid from a budget. */
import type { Budget } from "../core/budget/budget.ts";
import type { Clock } from "../core/clock.ts";
import { asTasks, layersOf } from "./as-tasks.ts";
import { costOf } from "./cost.ts";
import { tokenEstimator, type TokenEstimator } from "./estimate.ts";
import type { Model, ModelUsage } from "./model.ts";

/** Options of {@link withBudget}. */
export interface WithBudgetOptions {
  /** What a call costs, in US dollars; undefined where that is not known. @defaultValue by `costOf` and the name of the model */
  readonly price?: ((usage: ModelUsage) => number | undefined) | undefined;
  /** What estimates the tokens of a request before it is made. @defaultValue a `tokenEstimator()` of its own */
  readonly estimator?: TokenEstimator | undefined;
  /** The source of time of requests that belong to no task. @defaultValue the real one */
  readonly clock?: Clock | undefined;
}

/**
 * A model whose requests are paid from a budget. What a request is estimated to cost is reserved before it starts, and corrected by what it
 * took; one that does not fit waits as long as others may turn out cheaper, and then rejects with a `SkippedError`.
 *
 * - Give requests a `maxOutputTokens`: then no answer can cost more than was reserved for it, but for the error of the estimate of what goes in.
 * - A request that the service refused (a status from 400) costs nothing. One that was lost on the way, stopped, or did not say what it took,
 *   counts as it was estimated.
 * - Retries cost again. Streams hold their reservation until they end.
 *
 * @throws `TypeError` when the budget counts money, and the price of the model is not known.
 * @example
 * ```ts
 * import { budget } from "fanfold";
 * import { withBudget } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const usage = { inputTokens: 1000, outputTokens: 100 };
 * const research = budget({ usd: 0.01 });
 * const model = withBudget(scripted(() => "answer", { name: "openai/gpt-4o", usage }), research);
 * await model.generate({ prompt: "Hello", maxOutputTokens: 200 }, { signal: new AbortController().signal });
 * console.log(research.stats().spent.usd);
 * ```
 */
export function withBudget(model: Model, budget: Budget, options: WithBudgetOptions = {}): Model {
  const { model: inner, declared } = layersOf(model);
  const { price = (usage: ModelUsage) => costOf(usage, inner.name).usd } = options;
  const isMoney = budget.stats().left.usd < Infinity;
  if (isMoney && price({ inputTokens: 0, outputTokens: 0 }) === undefined) {
    throw new TypeError(
      `Cannot pay model "${inner.name}" from budget "${budget.name}" as its price is not known: give "price"`,
    );
  }
  return asTasks(inner, {
    limits: declared?.limits ?? [],
    budgets: [...(declared?.budgets ?? []), budget],
    retry: declared?.retry,
    estimator: options.estimator ?? declared?.estimator ?? tokenEstimator(),
    price,
    clock: options.clock ?? declared?.clock,
  });
}
