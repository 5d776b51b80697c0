/**
 * What happens in a run, as past-tense facts. Progress, report, timeline and recording are functions of these events.
 *
 * ```
 * run-started
 *   task-added                      once a task
 *     claims-narrowed               once at most, of a call of a tool whose arguments came from others
 *     task-waiting                  each time that what it waits for changes
 *     attempt-started
 *       task-progressed             what the task reports of itself
 *       attempt-paused              it waits for other tasks or a mutex; its slots are lent
 *       attempt-resumed
 *     attempt-completed | attempt-failed | attempt-abandoned
 *     attempt-retrying              then attempt-started again
 *   task-settled                    once a task
 * run-settled
 * ```
 *
 * An attempt whose function has returned before its children have settled is paused, and ends without being resumed.
 */
import type { OutcomeStatus, SkipCause } from "./outcome.ts";

/**
 * What a task waits for: before it starts, or for `mutex` in the middle of an attempt. Calls of tools also wait for an `approval`, and for the
 * `commit` of the response that they are part of.
 */
export type WaitReason =
  | "dependency"
  | "claim"
  | "limit"
  | "rate"
  | "budget"
  | "retry"
  | "mutex"
  | "approval"
  | "commit";

/** Anything that happened in a run. */
export type RunEvent =
  | RunStartedEvent
  | TaskAddedEvent
  | ClaimsNarrowedEvent
  | TaskWaitingEvent
  | TaskProgressedEvent
  | AttemptStartedEvent
  | AttemptPausedEvent
  | AttemptResumedEvent
  | AttemptCompletedEvent
  | AttemptFailedEvent
  | AttemptRetryingEvent
  | AttemptAbandonedEvent
  | TaskSettledEvent
  | RunSettledEvent;

interface EventBase {
  /** The run that it happened in. */
  readonly runId: string;
  /** Its place among the events of the run, counted from 0 without gaps. */
  readonly sequence: number;
  /** When it happened, in milliseconds since the run started. */
  readonly atMs: number;
}

interface TaskEventBase extends EventBase {
  /** The task, numbered from 1 in the order of adding. */
  readonly taskId: number;
}

interface AttemptEventBase extends TaskEventBase {
  /** Which try, counted from 1. */
  readonly attempt: number;
}

/** The run began. Always the first event. */
export interface RunStartedEvent extends EventBase {
  readonly type: "run-started";
  /** The name given in the options. */
  readonly name?: string | undefined;
}

/** A task was added, with its declarations. */
export interface TaskAddedEvent extends TaskEventBase {
  readonly type: "task-added";
  readonly key: string;
  /** The task inside which it was started; absent at the top. */
  readonly parentTaskId?: number | undefined;
  /**
   * The task that made the code go on which added it, or whose own code that was. Absent where the code of the parent had not
   * waited, and where more work was pulled as there was room.
   */
  readonly enabledBy?: number | undefined;
  /** The tasks that it comes after. */
  readonly after: readonly number[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly exclusive: boolean;
  /** Whether it runs whatever happened to its scope. */
  readonly always: boolean;
  readonly limits: readonly { readonly name: string; readonly weight: number }[];
  readonly priority: number;
}

/** What a task claims turned out to be less than it had claimed, before it could start. */
export interface ClaimsNarrowedEvent extends TaskEventBase {
  readonly type: "claims-narrowed";
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** A task began to wait for something else than before. */
export interface TaskWaitingEvent extends TaskEventBase {
  readonly type: "task-waiting";
  readonly reason: WaitReason;
  /** For `claim`: tasks that hold it up, at most a few of them. For `dependency`, see `after` of {@link TaskAddedEvent}. */
  readonly on: readonly number[];
  /** For `limit`: the name of the first limit that is full. For `rate`: of the first at which it is not yet time. */
  readonly limit?: string | undefined;
}

/** A task said how far it has come. */
export interface TaskProgressedEvent extends TaskEventBase {
  readonly type: "task-progressed";
  /** What the task handed to `progress()`. */
  readonly progress: unknown;
}

/** An attempt began. */
export interface AttemptStartedEvent extends AttemptEventBase {
  readonly type: "attempt-started";
  /** Its lane: the smallest number that no other running attempt has, from 0; kept across retries where possible. */
  readonly slot: number;
  /** The task whose end, release or freed slot let this one start; absent when it never waited. */
  readonly enabledBy?: number | undefined;
}

/** The attempt waits for other tasks, or for a mutex; its slots are lent. */
export interface AttemptPausedEvent extends AttemptEventBase {
  readonly type: "attempt-paused";
  /** The name of the mutex that it waits for. */
  readonly mutex?: string | undefined;
}

/** The attempt goes on: without having been paused where what it waited for had settled, and without its slots where it was cancelled meanwhile. */
export interface AttemptResumedEvent extends AttemptEventBase {
  readonly type: "attempt-resumed";
  /** The tasks that it waited for, as they ended, or that held the mutex. */
  readonly after?: readonly number[] | undefined;
  /** The task whose end, release or freed slot let it go on: not the last of `after` where it had to wait for its slots. */
  readonly enabledBy?: number | undefined;
}

/** The attempt returned, or ended its task as skipped. */
export interface AttemptCompletedEvent extends AttemptEventBase {
  readonly type: "attempt-completed";
}

/** The attempt threw, ran out of time, or was cancelled, and its work has stopped. */
export interface AttemptFailedEvent extends AttemptEventBase {
  readonly type: "attempt-failed";
  readonly error: unknown;
}

/** Another attempt will follow after a delay. */
export interface AttemptRetryingEvent extends AttemptEventBase {
  readonly type: "attempt-retrying";
  readonly delayMs: number;
}

/** The work ignored its signal for the whole grace; nobody waits for it any more. */
export interface AttemptAbandonedEvent extends AttemptEventBase {
  readonly type: "attempt-abandoned";
}

/** The task has its outcome. */
export interface TaskSettledEvent extends TaskEventBase {
  readonly type: "task-settled";
  readonly status: OutcomeStatus;
  /** The value, for `completed`. */
  readonly value?: unknown;
  /** The error or reason, for `failed` and `cancelled`. */
  readonly error?: unknown;
  /** The cause, for `skipped`. */
  readonly because?: SkipCause | undefined;
  /** Whether its work was abandoned. */
  readonly abandoned: boolean;
}

/** The run has ended. Always the last event. */
export interface RunSettledEvent extends EventBase {
  readonly type: "run-settled";
  readonly status: "completed" | "failed" | "cancelled";
}
