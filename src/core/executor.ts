/** Where an attempt runs: the seam through which work may later leave the process. */
import type { TaskContext, TaskFunction } from "./task.ts";

/** One try of a task, to be run somewhere. */
export interface Attempt {
  /** The key of the task: what a remote executor finds its function by. */
  readonly key: string;
  /** The function, for executors of this process. */
  readonly run: TaskFunction<unknown>;
  /** What the function is handed. */
  readonly ctx: TaskContext;
}

/**
 * Runs attempts.
 *
 * Contract: returns or throws what the task returns or throws. Stops when `attempt.ctx.signal` is aborted. Never runs one
 * attempt twice: the kernel decides about retries.
 */
export interface Executor {
  execute(attempt: Attempt): unknown;
}

/** Runs attempts in this process, by calling them. */
export const inProcess: Executor = {
  execute: ({ run, ctx }) => run(ctx),
};
