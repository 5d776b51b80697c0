/** What the options of a run mean for its tasks. */
import { systemClock } from "./clock.ts";
import { PLAIN_ESTIMATE } from "./budget/estimate.ts";
import { Limit, limit } from "./limits/limit.ts";
import type { RunOptions } from "./run-options.ts";
import { together, useLimits, type TaskSpec } from "./task-spec.ts";

/**
 * The declarations of a task that declares nothing.
 *
 * @throws `RangeError` that names the option, the rule and the value.
 */
export function plainSpec(options: RunOptions, defaultFailure: "stop" | "continue"): TaskSpec {
  const { graceMs = 5000, timeoutMs, failure = defaultFailure } = options;
  checkAtLeast("graceMs", graceMs, 0);
  checkAtLeast("timeoutMs", timeoutMs, 0);
  checkAtLeast("deadlineMs", options.deadlineMs, 0);
  checkAtLeast("agingMs", options.agingMs, 0);
  const { clock = systemClock } = options;
  const limits = limitsGiven(options.limit, "run");
  useLimits(limits, clock);
  return {
    limits,
    weight: 1,
    estimate: PLAIN_ESTIMATE,
    budgets: together([], options.budget),
    clock,
    priority: undefined,
    claims: undefined,
    exclusive: false,
    always: false,
    failure,
    detached: false,
    isGroup: false,
    timeoutMs,
    deadlineMs: undefined,
    graceMs,
    retry: undefined,
    expectedMs: 0,
    reads: [],
    writes: [],
  };
}

/** The limits that an option stands for: a number is a limit of its own, of that name; nothing and Infinity are none. */
export function limitsGiven(given: RunOptions["limit"], name: string): readonly Limit[] {
  if (given === undefined || given === Infinity) {
    return [];
  }
  return [given instanceof Limit ? given : limit({ name, concurrency: given })];
}

function checkAtLeast(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && !(value >= least)) {
    throw new RangeError(
      `Cannot run as "${name}" must be a number from ${least}: ${String(value)}`,
    );
  }
}
