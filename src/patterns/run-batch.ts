/** Runs a batch of tasks as one run and hands their outcomes on, in the order given. */
import { addBatch } from "../core/batch.ts";
import { InternalError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import { startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import type { TaskRecord } from "../core/task-record.ts";
import { shapeOf, type Tasks } from "./entries.ts";

/** What became of a batch. */
export interface BatchEnd {
  readonly outcomes: readonly Outcome<unknown>[];
  /** How the run itself ended: by itself, stopped by a failure, or cancelled. */
  readonly run: Outcome<unknown>;
  readonly kernel: Kernel;
  /** Gives results the shape in which the tasks were given. */
  fold(results: readonly unknown[]): unknown;
}

/** Starts a batch. Its checks happen now: misuse is thrown, not returned. */
export function runBatch<T>(
  tasks: Tasks,
  options: RunOptions,
  defaultFailure: "stop" | "continue",
  result: (end: BatchEnd) => T,
): Run<T> {
  const { entries, fold } = shapeOf(tasks);
  let records: readonly TaskRecord[] = [];
  let misuse: { readonly error: unknown } | undefined;
  const run = startRun(
    options,
    defaultFailure,
    (kernel, record) => {
      try {
        records = addBatch(kernel, record, entries);
      } catch (error) {
        misuse = { error };
        throw error;
      }
    },
    (outcome, kernel) => {
      if (misuse !== undefined) {
        throw misuse.error;
      }
      return result({ outcomes: records.map(outcomeOf), run: outcome, kernel, fold });
    },
  );
  return run;
}

function outcomeOf({ key, outcome }: TaskRecord): Outcome<unknown> {
  if (outcome === undefined) {
    throw new InternalError(`Cannot return results as task "${key}" has no outcome`);
  }
  return outcome;
}
