/** Where a task waits that is paid from budgets: at the nearest account around it in each. */
import type { Limit } from "../limits/limit.ts";
import type { TaskRecord } from "../task-record.ts";
import type { TaskSpec } from "../task-spec.ts";
import type { Budget } from "./budget.ts";
import { OpenAccount } from "./open-account.ts";

/** The declarations of a task below `parent`, with the lines among its limits of its own budgets and of those around it. */
export function withLines(spec: TaskSpec, parent: TaskRecord): TaskSpec {
  const lines = new Map<Budget, Limit>();
  for (let at: TaskRecord | undefined = parent; at !== undefined; at = at.parent) {
    for (const grant of at.grants ?? []) {
      if (grant instanceof OpenAccount && !lines.has(grant.budget)) {
        lines.set(grant.budget, grant.line);
      }
    }
  }
  for (const budget of spec.budgets) {
    if (!lines.has(budget)) {
      lines.set(budget, budget.root.line);
    }
  }
  return lines.size === 0
    ? spec
    : { ...spec, limits: [...spec.limits, ...lines.values()], defaults: spec.defaults ?? spec };
}
