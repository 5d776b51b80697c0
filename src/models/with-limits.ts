/** `withLimits`: a model that heeds the limits of its service. */
import type { Clock } from "../core/clock.ts";
import type { Limit } from "../core/limits/limit.ts";
import type { RetryOptions } from "../core/retry.ts";
import { asTasks, layersOf } from "./as-tasks.ts";
import { costOf } from "./cost.ts";
import { tokenEstimator, type TokenEstimator } from "./estimate.ts";
import type { Model } from "./model.ts";
import { isWorthRetrying } from "./worth-retrying.ts";

/** Options of {@link withLimits}. */
export interface WithLimitsOptions {
  /**
   * When a request that failed is made again: how many attempts there may be, the first included, or in detail; `false` for one. The default
   * `retryIf` repeats what was rejected, a service that is broken (a status from 500) or out of reach, and no request that was refused for
   * what it is. @defaultValue 3
   */
  readonly retry?: boolean | number | RetryOptions | undefined;
  /** What estimates the tokens of a request before it is made. @defaultValue a `tokenEstimator()` of its own */
  readonly estimator?: TokenEstimator | undefined;
  /** The source of time of requests that belong to no task. @defaultValue the real one */
  readonly clock?: Clock | undefined;
}

/**
 * A model whose requests wait for a limit, or several, which other models of the same service may share. Each request is a task, within the
 * task that asks where it says so.
 *
 * - It reserves its estimated tokens before it starts; what it took corrects that, and the estimates to come.
 * - A rejection by the service (429, 503, 529) pauses all who use the limit, for as long as `retry-after` asks; so do headers that say that
 *   nothing is left. A limit that only knew `concurrency` comes to know time by that.
 * - A stream holds its slot until it has been read to its end, or is no longer read. It is repeated only as long as no part of it was handed on.
 * - Around `withBudget`, or inside it, both hold together: a request never holds a slot while it waits for money.
 *
 * @throws `TypeError` or `RangeError`, as a rejection of a request, when that is estimated to take more tokens than a limit has in a minute.
 * @example
 * ```ts
 * import { all, limit, type TaskContext } from "fanfold";
 * import { withLimits } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const inner = scripted(({ prompt = "" }) => prompt.toUpperCase());
 * const model = withLimits(inner, limit({ name: "service", concurrency: 2, requestsPerMinute: 600 }));
 * const ask = (prompt: string) => ({
 *   run: async (ctx: TaskContext) => (await model.generate({ prompt }, { signal: ctx.signal, within: ctx })).text,
 * });
 * console.log(await all([ask("a"), ask("b"), ask("c")]), inner.mostInFlight);
 * ```
 */
export function withLimits(
  model: Model,
  limit: Limit | readonly Limit[],
  options: WithLimitsOptions = {},
): Model {
  const { model: inner, declared } = layersOf(model);
  const given = [limit].flat();
  given.forEach((each) => each.observe(undefined)); // From now on it counts what the service says.
  return asTasks(inner, {
    limits: [...(declared?.limits ?? []), ...given],
    budgets: declared?.budgets ?? [],
    retry: retryOptions(options.retry),
    estimator: options.estimator ?? declared?.estimator ?? tokenEstimator(),
    price: declared?.price ?? ((usage) => costOf(usage, inner.name).usd),
    clock: options.clock ?? declared?.clock,
  });
}

function retryOptions(
  retry: boolean | number | RetryOptions | undefined = true,
): RetryOptions | undefined {
  if (retry === false) {
    return undefined;
  }
  const given = typeof retry === "number" ? { attempts: retry } : retry === true ? {} : retry;
  return { ...given, retryIf: given.retryIf ?? isWorthRetrying };
}
