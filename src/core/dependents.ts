/** Tasks that come after others: each knows who waits for its end. */
import { InternalError } from "./errors.ts";
import type { SkipCause } from "./outcome.ts";
import type { TaskRecord } from "./task-record.ts";

/** Which end of a task another waits for: its success, or any. */
export type Until = "completed" | "settled";

/** A task to come after. */
export interface Predecessor {
  readonly record: TaskRecord;
  readonly until: Until;
}

/** A task that comes after another: a linked list, as an array that grows by `push` takes seventeen places for two. */
export interface Dependent {
  readonly record: TaskRecord;
  readonly until: Until;
  next: Dependent | undefined;
}

/** Lets `record` wait for the end of `before`, which has not settled. */
export function addDependent(before: TaskRecord, record: TaskRecord, until: Until): void {
  before.dependents = { record, until, next: before.dependents };
  record.unmet += 1;
}

/** Takes the tasks that wait for the end of `record`, in the order in which they were added. */
export function takeDependents(record: TaskRecord): Dependent | undefined {
  let rest = record.dependents;
  record.dependents = undefined;
  let first: Dependent | undefined;
  while (rest !== undefined) {
    const { next } = rest;
    rest.next = first;
    first = rest;
    rest = next;
  }
  return first;
}

/** Why a task is skipped that comes after one which did not complete. */
export function skipCause(before: TaskRecord): SkipCause {
  const status = before.outcome?.status;
  if (status === undefined || status === "completed") {
    throw new InternalError(`Cannot skip a task because of "${before.key}" as that one completed`);
  }
  return { kind: "dependency", task: before.key, status };
}
