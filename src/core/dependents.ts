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

/**
 * A task that comes after another. They form a ring, of which the record holds the last: an array that grows by `push` takes
 * seventeen places for two.
 */
export interface Dependent {
  readonly record: TaskRecord;
  readonly until: Until;
  next: Dependent | undefined;
}

/** Somebody who is told of the end of `before`. */
export interface Telling {
  readonly before: TaskRecord;
  readonly record: TaskRecord;
  readonly until: Until;
}

/** Lets `record` wait for the end of `before`, which has not settled. */
export function addDependent(before: TaskRecord, record: TaskRecord, until: Until): void {
  const last = before.dependents;
  const added: Dependent = { record, until, next: last?.next };
  (last ?? added).next = added;
  before.dependents = added;
  record.unmet += 1;
}

/** Takes the tasks that wait for the end of `record` as a list, in the order in which they were added. */
export function takeDependents(record: TaskRecord): Dependent | undefined {
  const last = record.dependents;
  const first = last?.next;
  if (last !== undefined) {
    last.next = undefined;
    record.dependents = undefined;
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
