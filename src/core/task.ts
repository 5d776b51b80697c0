/** What users write and hold: tasks, the context handed to them, and the handles they get back. */
import type { Budget } from "./budget/budget.ts";
import type { Limit } from "./limits/limit.ts";
import type { Outcome } from "./outcome.ts";
import type { RetryOptions } from "./retry.ts";

/** A unit of work: a function, or an object with a function and its declarations. */
export type Task<T> = TaskFunction<T> | TaskDefinition<T>;

/** The work itself. May return a value, a promise or any thenable. */
export type TaskFunction<T> = (ctx: TaskContext) => T | PromiseLike<T>;

/** A task with declarations. */
export interface TaskDefinition<T> extends TaskOptions {
  /** The work itself. */
  readonly run: TaskFunction<T>;
}

/** A task to come after: its handle, or its key where tasks are given together. */
export type TaskReference = TaskHandle<unknown> | string;

/**
 * A task to come after. By itself: this task starts when that one completed, and is skipped when it did not.
 * With `until: "settled"`: this task starts whatever happened to that one.
 */
export type Dependency =
  | TaskReference
  | { readonly task: TaskReference; readonly until: "completed" | "settled" };

/** What a task takes besides time. */
export interface Cost {
  /** Money, in US dollars or whatever else all of a program's costs are given in: a number from 0, counted to the billionth. */
  readonly usd?: number | undefined;
  /** Tokens of a model, those that go in and those that come out: a number from 0. */
  readonly tokens?: number | undefined;
  /** Calls of whatever is paid for by the call: a number from 0. */
  readonly calls?: number | undefined;
}

/** What a task declares. Every field is optional; one that is absent costs nothing. */
export interface TaskOptions {
  /** Tasks of the same scope that must end first. */
  readonly after?: readonly Dependency[] | undefined;
  /** Resources that the task reads, such as `file:/repo/src`; `*` is all of them. It overlaps other readers, and no writer. */
  readonly reads?: readonly string[] | undefined;
  /** Resources that the task writes; `*` is all of them. It overlaps nobody who reads or writes them, above or below. */
  readonly writes?: readonly string[] | undefined;
  /** Runs alone among the tasks of its scope. @defaultValue false */
  readonly exclusive?: boolean | undefined;
  /** Limits to obey, besides that of the run. All are taken together or none. */
  readonly limit?: Limit | readonly Limit[] | undefined;
  /** How many units it takes of each of its limits: an integer from 1 to the smallest of their concurrencies. @defaultValue 1 */
  readonly weight?: number | undefined;
  /**
   * What an attempt is estimated to take, for limits that count it. Its tokens are at most what such a limit holds in a minute.
   * @defaultValue nothing
   */
  readonly cost?: Cost | undefined;
  /** The budget, or budgets, that it is paid from, besides those of the run. What is inside it is paid from them too. @defaultValue none */
  readonly budget?: Budget | readonly Budget[] | undefined;
  /** Higher starts first among tasks that wait for a limit. Children inherit it. @defaultValue 0 */
  readonly priority?: number | undefined;
  /** The longest time that one attempt may run, in milliseconds, counted from its start. @defaultValue none */
  readonly timeoutMs?: number | undefined;
  /** The longest time from adding to settling, in milliseconds: waiting and retries included. @defaultValue none */
  readonly deadlineMs?: number | undefined;
  /** Repeat a failed attempt: `true` for three attempts, or how many. Only for work that is safe to repeat. @defaultValue one attempt */
  readonly retry?: boolean | number | RetryOptions | undefined;
  /**
   * Whether it may run more than once, also at the same time, with the same effect as once. `hedge` asks for it; nothing else reads
   * it. @defaultValue false
   */
  readonly idempotent?: boolean | undefined;
  /** Runs although its scope was cancelled or stopped: for teardown. @defaultValue false */
  readonly always?: boolean | undefined;
  /** How long a cancelled attempt may take to stop before it is abandoned, in milliseconds. @defaultValue that of the run */
  readonly graceMs?: number | undefined;
  /** How long it is expected to run, in milliseconds: among equals the longest remaining path starts first. @defaultValue unknown */
  readonly expectedMs?: number | undefined;
}

/** What a running task is handed. */
export interface TaskContext extends Starter {
  /** The key of the task. */
  readonly key: string;
  /** Which try this is, counted from 1. */
  readonly attempt: number;
  /** Aborted when the attempt is to stop. Made when first read, so that a task which never reads it pays nothing. */
  readonly signal: AbortSignal;
  /** Tells observers how far the task has come. Any value; a number from 0 to 1 is shown as a percentage. */
  progress(progress: unknown): void;
  /**
   * Tells what the attempt has really taken, besides what it told before. While it runs it counts for its declared `cost` at the least;
   * when it has ended, for what it told, or for its `cost` where it told nothing.
   *
   * @throws `RangeError` when a number is not from 0.
   */
  spend(spent: Cost): void;
  /**
   * Ends this task as `skipped`, with `condition` as the reason, by throwing. Tasks after it are skipped in turn; what it has
   * started is cancelled; it is not repeated.
   *
   * @throws `SkippedError`, always: let it pass.
   */
  skip(condition: string): never;
}

/** Something that can start tasks which belong to it. */
export interface Starter {
  /**
   * Starts a task inside this one. It belongs to this scope or task, which does not settle before it.
   *
   * @throws `ScopeClosedError` when the scope has ended or was cancelled.
   * @throws `TypeError` or `RangeError` when a declaration is invalid, among them a claim outside what this task claims.
   */
  start<T>(key: string, task: Task<T>): TaskHandle<T>;
}

/** Where a task is on its way. */
export type TaskState = "waiting" | "running" | "settling" | "settled";

/**
 * A started task. Await it for its value.
 *
 * A rejection that nobody awaits is not an unhandled rejection: the scope reports it.
 */
export interface TaskHandle<out T> extends PromiseLike<T> {
  readonly key: string;
  readonly state: TaskState;
  /**
   * The value of a completed task.
   *
   * @throws when the task has not completed: its error, or a `TypeError` while it has no outcome yet.
   */
  readonly value: T;
  /** How it ended; undefined until then. */
  readonly outcome: Outcome<T> | undefined;
  /**
   * Waits for the outcome; never rejects because the task failed.
   *
   * Cancellation: rejects at once, as every wait, when the scope or task that waits is to stop, and the outcome is not there yet. `outcome` has
   * it later.
   */
  settled(): Promise<Outcome<T>>;
  /** Asks the task, and all that it started, to stop. A second call does nothing. */
  cancel(reason?: unknown): void;
  catch<U>(onRejected: (error: unknown) => U | PromiseLike<U>): Promise<T | U>;
  finally(onFinally: () => void): Promise<T>;
}
