/** What `vote`, `bestOf` and `firstValid` have in common: one task, run as often as needed. */
import type { TaskFailure } from "../core/errors.ts";
import type { RunOptions } from "../core/run-options.ts";
import type { TaskDefinition, TaskFunction } from "../core/task.ts";

/**
 * The task that is run for each sample: a function, or an object with `run` and declarations. The key of its context is the number
 * of the sample, from 0. `ctx.skip` abstains.
 */
export type Sample<A> = TaskFunction<A> | Omit<TaskDefinition<A>, "after">;

/** Options that all ways of sampling share. */
export interface SamplingOptions extends Omit<RunOptions, "failure"> {
  /**
   * How many samples more may be under way than are needed at the least. 0 wastes none; more buy fewer rounds with samples that
   * may be cancelled. An integer from 0, or Infinity. @defaultValue 0
   */
  readonly ahead?: number | undefined;
}

/** What sampling took. */
export interface Sampling {
  /** How many samples were started. */
  readonly asked: number;
  /** How many of `of` were not. */
  readonly saved: number;
  /** How many of those asked were cancelled, as they could no longer matter. */
  readonly cancelled: number;
  /** How many had nothing to say. */
  readonly abstained: number;
  /** Those that failed, the first to fail first. Each counts as one of `of`; none is replaced. */
  readonly failures: readonly TaskFailure[];
  /** The longest chain of samples of which each started after the one before it had ended: 1 where all ran together. */
  readonly rounds: number;
}
