/** What counts as a failure where tasks are told of together. */
import { SkippedError, type TaskFailure } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";

/** The failure of a task that failed or was skipped; undefined for one that completed or was cancelled. */
export function failureOf(outcome: Outcome<unknown>): TaskFailure | undefined {
  const { key, attempts: attempt } = outcome;
  switch (outcome.status) {
    case "failed":
      return { key, attempt, error: outcome.error };
    case "skipped":
      return { key, attempt, error: new SkippedError(key, outcome.because) };
    case "cancelled":
    case "completed":
      return undefined;
  }
}
