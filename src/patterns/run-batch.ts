/** Runs a batch of tasks as one run and hands their outcomes on, in the order given. */
import { addBatch } from "../core/batch.ts";
import type { Batch } from "../core/batch-shape.ts";
import { InternalError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import { startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";

/** What became of a batch. */
export interface BatchEnd {
  readonly outcomes: readonly Outcome<unknown>[];
  /** How the run itself ended: by itself, stopped by a failure, or cancelled. */
  readonly run: Outcome<unknown>;
  readonly kernel: Kernel;
}

/** What is run, and how. */
export interface BatchRun<T> {
  readonly options: RunOptions;
  readonly defaultFailure: "stop" | "continue";
  /** The tasks, once the kernel is there that they are given to. */
  batch(kernel: Kernel): Batch;
  /** Turns the outcomes into what the run returns. */
  result(end: BatchEnd): T;
}

/** Starts a batch. What is wrong with its tasks rejects the run as it was thrown, and nothing has started then. */
export function runBatch<T>({ options, defaultFailure, batch, result }: BatchRun<T>): Run<T> {
  let outcomes: readonly (Outcome<unknown> | undefined)[] = [];
  let misuse: { readonly error: unknown } | undefined;
  return startRun(
    options,
    defaultFailure,
    (kernel, record) => {
      try {
        outcomes = addBatch(kernel, record, batch(kernel));
      } catch (error) {
        misuse = { error };
        throw error;
      }
    },
    (outcome, kernel) => {
      if (misuse !== undefined) {
        throw misuse.error;
      }
      return result({ outcomes: complete(outcomes), run: outcome, kernel });
    },
  );
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
