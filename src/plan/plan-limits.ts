/** The limits of a plan, and others in their place. */
import { didYouMean } from "../core/suggest.ts";
import { withItems } from "./plan-graph.ts";
import type { Plan } from "./plan.ts";

/** Limits in place of those of a plan. */
export interface OtherLimits {
  /** How many tasks run at once over all kinds. @defaultValue that of the plan */
  readonly limit?: number | undefined;
  /** How many run at once by the name of the limit. @defaultValue those of the plan */
  readonly limits?: Readonly<Record<string, number>> | undefined;
}

/**
 * The plan with other limits.
 *
 * @throws `RangeError` when one does not exist, or is too narrow for a task.
 */
export function withLimits(plan: Plan, others: OtherLimits): Plan {
  checkLimits(plan, others);
  const { limit = plan.limit, limits } = others;
  return { ...plan, limit, limits: { ...plan.limits, ...limits } };
}

/**
 * Checks that the limits exist and are wide enough for every task.
 *
 * @throws `RangeError` when one is not.
 */
export function checkLimits(
  plan: Plan,
  { limit: all = plan.limit, limits = {} }: OtherLimits,
): void {
  const names = Object.keys(plan.limits);
  const unknown = Object.keys(limits).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot change the limit "${unknown}" as the plan has no such limit${didYouMean(unknown, names)}: ${names.join(", ")}`,
    );
  }
  const widths: Readonly<Record<string, number>> = { ...plan.limits, ...limits };
  for (const { name, weight, limits: own } of withItems(plan.tasks)) {
    const narrow = own.find((each) => weight > (widths[each] ?? Infinity));
    if (narrow !== undefined || weight > (all ?? Infinity)) {
      const what = narrow === undefined ? "the limit of the run" : `the limit "${narrow}"`;
      throw new RangeError(
        `Cannot run task "${name}" as its weight is larger than ${what}: ${weight} > ${narrow === undefined ? all : widths[narrow]}`,
      );
    }
  }
}
