/** Runs a batch of tasks as one run and hands their outcomes on, in the order given. */
import { addBatch } from "../core/batch.ts";
import { InternalError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import { startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
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
  const { batch, fold } = shapeOf(tasks);
  let outcomes: readonly (Outcome<unknown> | undefined)[] = [];
  let misuse: { readonly error: unknown } | undefined;
  const run = startRun(
    options,
    defaultFailure,
    (kernel, record) => {
      try {
        outcomes = addBatch(kernel, record, batch);
      } catch (error) {
        misuse = { error };
        throw error;
      }
    },
    (outcome, kernel) => {
      if (misuse !== undefined) {
        throw misuse.error;
      }
      return result({ outcomes: complete(outcomes), run: outcome, kernel, fold });
    },
  );
  return run;
}

function complete(
  outcomes: readonly (Outcome<unknown> | undefined)[],
): readonly Outcome<unknown>[] {
  const missing = outcomes.indexOf(undefined);
  if (missing >= 0) {
    throw new InternalError(`Cannot return results as task number ${missing} has no outcome`);
  }
  return outcomes as readonly Outcome<unknown>[]; // None is missing.
}
