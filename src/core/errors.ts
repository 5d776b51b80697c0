/**
 * The errors that callers may catch.
 * Misuse throws `TypeError` or `RangeError` at once; everything here is an expected failure, or our own bug.
 */

import type { SkipCause } from "./outcome.ts";

/** Every code that an error of this package may carry. Each has a section in `docs/errors.md`. */
export type FanfoldErrorCode =
  | "CANCELLED"
  | "TIMED_OUT"
  | "TASKS_FAILED"
  | "SKIPPED"
  | "SOURCE_FAILED"
  | "SCOPE_CLOSED"
  | "WAIT_REFUSED"
  | "PLAN_INVALID"
  | "COMMAND_FAILED"
  | "RECORDING_INVALID"
  | "MODEL_OUTPUT_INVALID"
  | "INTERNAL";

const brand = Symbol.for("fanfold.error");

/**
 * The base of all errors of this package.
 *
 * Recognise one with {@link FanfoldError.isInstance}, or that of a class below, which also work when two copies of the package are
 * loaded; `instanceof` does not.
 */
export class FanfoldError extends Error {
  override readonly name: string = "FanfoldError";
  /** Why it happened, in upper snake case; stable across versions. */
  readonly code: FanfoldErrorCode;
  /** Marks errors of every loaded copy of the package. */
  readonly [brand] = true;

  constructor(
    code: FanfoldErrorCode,
    message: string,
    options?: { readonly cause?: unknown } | undefined,
  ) {
    super(message, options);
    this.code = code;
  }

  /** Whether `error` is an error of this package, whichever loaded copy made it. */
  static isInstance(error: unknown): error is FanfoldError {
    return typeof error === "object" && error !== null && brand in error;
  }
}

/** Whether `error` is an error of this package with that code, whichever loaded copy made it. */
export function hasCode(error: unknown, code: FanfoldErrorCode): boolean {
  return FanfoldError.isInstance(error) && error.code === code;
}

/** Work was cancelled: by a signal, by `cancel()`, or because a sibling failed under `failure: "stop"`. */
export class CancelledError extends FanfoldError {
  override readonly name = "CancelledError";
  /** What was handed to `cancel`, or the reason of the signal. */
  readonly reason: unknown;

  constructor(message: string, reason: unknown) {
    super("CANCELLED", message, { cause: reason });
    this.reason = reason;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is CancelledError {
    return hasCode(error, "CANCELLED");
  }
}

/** One attempt took longer than `timeoutMs`, or a task longer than `deadlineMs`. */
export class TimedOutError extends FanfoldError {
  override readonly name = "TimedOutError";
  /** Which of the two clocks ran out. */
  readonly clock: "timeout" | "deadline";
  /** The time that was allowed, in milliseconds. */
  readonly limitMs: number;

  constructor(key: string, clock: "timeout" | "deadline", limitMs: number) {
    super(
      "TIMED_OUT",
      clock === "timeout"
        ? `Cannot finish task "${key}" as it timed out: an attempt may take ${limitMs} ms`
        : `Cannot finish "${key}" as its deadline passed: it may take ${limitMs} ms, waiting included`,
    );
    this.clock = clock;
    this.limitMs = limitMs;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is TimedOutError {
    return hasCode(error, "TIMED_OUT");
  }
}

/** One failure of a task. */
export interface TaskFailure {
  /** The key of the task. */
  readonly key: string;
  /** The attempt that failed, counted from 1; 0 when none had started. */
  readonly attempt: number;
  /** What was thrown, unchanged (`===`). */
  readonly error: unknown;
}

/** One or more tasks failed. Always an array, also for one failure, so that handling it never depends on luck. */
export class TasksFailedError extends FanfoldError {
  override readonly name = "TasksFailedError";
  /** Every failure, the first to happen first. Its error is also the `cause`. */
  readonly errors: readonly TaskFailure[];

  constructor(errors: readonly TaskFailure[]) {
    super("TASKS_FAILED", failureMessage(errors), { cause: errors[0]?.error });
    this.errors = errors;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is TasksFailedError {
    return hasCode(error, "TASKS_FAILED");
  }
}

function failureMessage(errors: readonly TaskFailure[]): string {
  const names = errors.slice(0, 5).map(({ key, error }) => `"${key}" (${describeError(error)})`);
  const more = errors.length > 5 ? ` and ${errors.length - 5} more` : "";
  return `Cannot return a value as ${errors.length === 1 ? "a task" : `${errors.length} tasks`} failed: ${names.join(", ")}${more}`;
}

/** The source of a `map` failed: it threw while it was read or closed. No task did this. */
export class SourceFailedError extends FanfoldError {
  override readonly name = "SourceFailedError";
  /** Failures of tasks besides, the first to happen first; often none. The error of the source is the `cause`. */
  readonly errors: readonly TaskFailure[];

  constructor(cause: unknown, errors: readonly TaskFailure[]) {
    super("SOURCE_FAILED", `Cannot read on as the source failed: ${describeError(cause)}`, {
      cause,
    });
    this.errors = errors;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is SourceFailedError {
    return hasCode(error, "SOURCE_FAILED");
  }
}

/** One line about a thrown value, whatever it is; never throws itself. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error);
  } catch {
    return "a value that cannot be shown";
  }
}

/** A skipped task was awaited: it did not do its work. Also what `ctx.skip` throws. */
export class SkippedError extends FanfoldError {
  override readonly name = "SkippedError";
  /** The key of the task that was skipped. */
  readonly task: string;
  /** Why it was skipped. */
  readonly because: SkipCause;

  constructor(key: string, because: SkipCause) {
    super(
      "SKIPPED",
      `Cannot return the value of task "${key}" as it was skipped: ${describeSkip(because)}`,
    );
    this.task = key;
    this.because = because;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is SkippedError {
    return hasCode(error, "SKIPPED");
  }
}

/** One phrase about why a task never ran. */
export function describeSkip(because: SkipCause): string {
  switch (because.kind) {
    case "dependency":
      return `task "${because.task}" before it was ${because.status === "failed" ? "a failure" : because.status}`;
    case "abandoned":
      return `it waited for what abandoned task "${because.task}" still holds`;
    case "budget":
      return `budget "${because.budget}" has ${because.left} ${because.unit} left${because.needed > 0 ? `, and it needs ${because.needed}` : ""}`;
    case "condition":
      return `its condition was not met: ${because.condition}`;
  }
}

/** A task was started in a scope that has ended or was cancelled. */
export class ScopeClosedError extends FanfoldError {
  override readonly name = "ScopeClosedError";

  constructor(key: string, why: "ended" | "cancelled", reason?: unknown) {
    super(
      "SCOPE_CLOSED",
      `Cannot start task "${key}" as its scope has ${why === "ended" ? "ended" : "been cancelled"}`,
      {
        cause: reason,
      },
    );
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is ScopeClosedError {
    return hasCode(error, "SCOPE_CLOSED");
  }
}

/** A running task waited for one that may in turn have to wait for it. */
export class WaitRefusedError extends FanfoldError {
  override readonly name = "WaitRefusedError";
  /** The task that wanted to wait. */
  readonly waiter: string;
  /** The task that it wanted to wait for. */
  readonly target: string;

  constructor(waiter: string, target: string, rule: string) {
    super("WAIT_REFUSED", `Cannot let task "${waiter}" wait for task "${target}" as ${rule}`);
    this.waiter = waiter;
    this.target = target;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is WaitRefusedError {
    return hasCode(error, "WAIT_REFUSED");
  }
}

/** A bug of this package. Please report it. */
export class InternalError extends FanfoldError {
  override readonly name = "InternalError";

  constructor(message: string, options?: { readonly cause?: unknown } | undefined) {
    super("INTERNAL", message, options);
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is InternalError {
    return hasCode(error, "INTERNAL");
  }
}
