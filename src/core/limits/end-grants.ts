/** What the end of an attempt says to the limits that let it through. */
import { coldOf, type Decision, type TaskRecord } from "../task-record.ts";
import type { GrantEnd } from "./gate.ts";
import { endOfError } from "./rejection.ts";

/**
 * How often a service may send one task away without that counting as an attempt that failed. With the longest pauses that is a
 * quarter of an hour; a service that is down for longer, or rejects this one task only, must not be asked for ever.
 */
const MOST_REJECTIONS = 20;

const COMPLETED: GrantEnd = { kind: "completed" };

const OTHER: GrantEnd = { kind: "other" };

/** Tells those who let the attempt of a record through how it ended, while it still holds its slots. */
export function endGrants(record: TaskRecord): void {
  const { grants } = record;
  if (grants === undefined) {
    return;
  }
  const end = endOf(record.decision);
  for (const each of grants) {
    each.end(end);
  }
  const cold = coldOf(record);
  cold.rejected = end.kind === "rejected" && cold.rejections < MOST_REJECTIONS;
  cold.rejections += cold.rejected ? 1 : 0;
}

/** Tells them that all it started has ended too. */
export function closeGrants(record: TaskRecord): void {
  for (const each of record.grants ?? []) {
    each.close?.();
  }
}

function endOf(decision: Decision | undefined): GrantEnd {
  switch (decision?.status) {
    case "completed":
      return COMPLETED;
    case "failed":
      return endOfError(decision.error);
    default:
      return OTHER;
  }
}
