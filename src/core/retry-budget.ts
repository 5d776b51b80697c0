/**
 * A bound on retries over many tasks, so that a service that is down is not hammered: a bucket of tokens, as in the standard retry
 * mode of the AWS SDKs ("Retry behavior", AWS SDKs and Tools Reference Guide, "retry quota").
 */

/** Options of {@link retryBudget}. */
export interface RetryBudgetOptions {
  /** How many tokens there are at first, and at most: from `cost`. @defaultValue 500 */
  readonly tokens?: number | undefined;
  /** How many a retry costs: from 1. A retry that succeeds gives them back. @defaultValue 5 */
  readonly cost?: number | undefined;
  /** How many a success at the first attempt earns: from 0. @defaultValue 1 */
  readonly earned?: number | undefined;
}

/** A bound on retries, shared by all tasks that name it. */
export interface RetryBudget {
  /** What is left. */
  readonly tokens: number;
  /** Takes what one retry costs; false when there is too little, and then takes nothing. */
  take(): boolean;
  /** A task succeeded: at a retry, or at its first attempt. */
  succeed(atRetry: boolean): void;
}

/**
 * Makes a budget for retries. Share one over all tasks that use the same service: when it is down, each fails at its first attempt
 * once the budget is spent, and when it is back, successes fill the budget again.
 *
 * @throws RangeError - when a number is out of its range.
 *
 * @example
 * const payments = retryBudget({ tokens: 100 });
 * const pay = { retry: { attempts: 3, budget: payments }, run: () => fetch("https://example.com/pay") };
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { tokens: most = 500, cost = 5, earned = 1 } = options;
  for (const [name, value, least] of [
    ["cost", cost, 1],
    ["earned", earned, 0],
    ["tokens", most, cost],
  ] as const) {
    if (!(value >= least && value < Infinity)) {
      throw new RangeError(
        `Cannot make a retry budget as "${name}" must be a finite number from ${least}: ${value}`,
      );
    }
  }
  let tokens = most;
  return {
    get tokens() {
      return tokens;
    },
    take: () => {
      const isEnough = tokens >= cost;
      tokens -= isEnough ? cost : 0;
      return isEnough;
    },
    succeed: (atRetry) => {
      tokens = Math.min(most, tokens + (atRetry ? cost : earned));
    },
  };
}
