/** What users write and read of `map`: sources, functions, options, and the run that comes back. */
import type { Limit } from "../core/limits/limit.ts";
import type { Report } from "../core/report/report.ts";
import type { RetryOptions } from "../core/retry.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import type { Cost } from "../core/task.ts";

/**
 * Where items come from: anything that can be iterated, or a function that makes it, called when the first result is asked for.
 * Items are handed on as they are: a promise in an iterable is not awaited.
 */
export type MapSource<I> = Iterable<I> | AsyncIterable<I> | (() => Iterable<I> | AsyncIterable<I>);

/** What is done with each item. May return a value, a promise or any thenable. */
export type MapFunction<I, T> = (item: I, ctx: MapContext) => T | PromiseLike<T>;

/**
 * What the function is handed besides the item.
 *
 * Contract: a function that takes it by another way than its second parameter (`arguments`, `...rest`, a default value) reads it
 * for the first time before its task has ended.
 */
export interface MapContext {
  /** The place of the item in the source, counted from 0. */
  readonly index: number;
  /** The key of the task in errors, outcomes and events: its index, for `map`. */
  readonly key: string;
  /** Which try this is, counted from 1. */
  readonly attempt: number;
  /** Aborted when the attempt is to stop. Made when first read, so that a task which never reads it pays nothing. */
  readonly signal: AbortSignal;
  /**
   * Tells what the attempt has really taken, as `ctx.spend` of other tasks does: for a `limit()` that counts it.
   *
   * @throws `RangeError` when a number is not from 0.
   */
  spend(spent: Cost): void;
}

/** Options of {@link map} and {@link mapSettled}. All are optional. */
export interface MapOptions<I = unknown> extends Omit<RunOptions, "limit"> {
  /**
   * How many tasks may run at once: an integer from 1, or a `limit()` shared with other runs. `Infinity`, here or in the shared
   * limit, means as many as `lookAhead`, and 1000 without it. @defaultValue 16
   */
  readonly limit?: number | Limit | undefined;
  /**
   * What an item is estimated to cost, for a `limit()` that counts it: the same for all, or by item. An item that
   * costs more than such a limit ever allows fails. @defaultValue nothing
   */
  readonly cost?: Cost | ((item: I, index: number) => Cost) | undefined;
  /** In which order results come: that of the source, or that in which tasks end. @defaultValue "source" */
  readonly order?: "source" | "completion" | undefined;
  /**
   * How many results may wait for the reader, or for an earlier result, before no further item is pulled: an integer from 0. Never
   * more than this and the limit together are held. `toArray` holds everything, and ignores it. @defaultValue the limit
   */
  readonly lookAhead?: number | undefined;
  /**
   * Works in groups of so many items: the next group is begun when every task of the one before has ended. An integer from 1.
   * Slower than the default wherever tasks differ in length. @defaultValue no groups: an item is begun as soon as another has ended
   */
  readonly batch?: number | undefined;
  /** Repeat failed attempts. Only for work that is safe to repeat. The delay holds no slot. @defaultValue one attempt */
  readonly retry?: boolean | number | RetryOptions | undefined;
}

/**
 * A `map` under way, or still to begin: nothing is pulled before its results are asked for, by a loop, `toArray` or `forEach`, and
 * that can be done once.
 *
 * A loop that ends early, by `break`, `return` or `throw`, cancels what runs, calls the source's `return()` and waits for both.
 */
export interface MapRun<out T> extends AsyncIterable<T, undefined> {
  /**
   * Every result, as an array.
   *
   * @throws as a rejection, what a loop over the run throws; `TypeError` when the results were asked for before.
   */
  toArray(): Promise<T[]>;
  /**
   * Calls `fn` with every result, one after the other, and waits where it returns a promise. What `fn` throws ends the run like the
   * body of a loop, and is thrown unchanged.
   *
   * @throws as a rejection, what a loop over the run throws; `TypeError` when the results were asked for before.
   */
  forEach(fn: (value: T) => unknown): Promise<void>;
  /** Asks everything to stop, the source too. A second call does nothing. */
  cancel(reason?: unknown): void;
  /** What was done, as of now. */
  readonly report: Report;
  /**
   * The events of the run, as in {@link Run}. They are made only where somebody wants them before the first result is asked for:
   * by `observe`, `report: "full"`, or a loop over them that has begun; a loop begun later is over at once.
   */
  readonly events: Run<unknown>["events"];
}
