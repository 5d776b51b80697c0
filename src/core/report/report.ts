/**
 * What a run gained and where it waited.
 *
 * Tasks form a tree, and the words of scheduling are meant as follows.
 *
 * - A task *runs* from the start of an attempt until its function has ended, without the stretches in which it waits for other
 *   tasks or a mutex. One whose function has ended before its children runs no more. It *settles* after its children, so that
 *   the end of the last of them is its own.
 * - Each stretch comes after what made it possible: the place in the code of its parent where the task was started, the ends of
 *   those that it comes after, of those whose claims conflict with its own, and of those that it awaited, the release of a mutex, the
 *   delay before a retry. A group of tasks `within` a task is a child of it.
 * - All that holds on any number of slots; the *longest chain* goes through it. Only slots make it longer: a task that starts, or
 *   goes on, in the slot that another gave back comes after that one, but did not have to.
 * - The *critical path* is the chain that set the length of this run, slots included: from the last end back, each time to what came
 *   true last. What a task ran on it, and waited on it after that, add up to the time from its first task to its last.
 * - *Slack* is the room around a task in all of these, with the slots going from hand to hand as they did.
 *
 * The code around all tasks, such as the body of a `scope`, is no task: what it does before, between and after them is counted as
 * waiting, and left out of the longest chain. Code that runs beside a pending wait of its task is not counted as running.
 */
import type { OutcomeStatus } from "../outcome.ts";
import type { WaitReason } from "../event.ts";

/** What a run gained and where it waited. */
export interface Report {
  /** From the start of the run to its end, or to now. */
  readonly wallMs: number;
  /** How many tasks ended in which way. */
  readonly tasks: Readonly<Record<OutcomeStatus, number>>;
  /** The rest; absent with `report: "totals"`. */
  readonly full?: FullReport | undefined;
}

/** What only a full event log can tell. */
export interface FullReport {
  /**
   * The time that the tasks would have taken one after another: the sum of their own running times, without the time spent
   * waiting for other tasks. An estimate, since running together slows each of them a little.
   */
  readonly sequentialMs: number;
  /** `sequentialMs / wallMs`; 1 when nothing ran. */
  readonly speedup: number;
  /**
   * `sequentialMs` by the longest chain of tasks that have to wait for each other, as they come after each other, conflict, start
   * or await each other: what no number of slots could exceed. At least 1.
   */
  readonly idealSpeedup: number;
  /**
   * The chain that set the length of the run, from its first task to its last. Each is named once: one that went on after its
   * children stands before them, with all that it ran on the path.
   */
  readonly criticalPath: readonly PathStep[];
  /** The limits that were waited for on the critical path, and what that cost; the dearest first. */
  readonly bottlenecks: readonly Bottleneck[];
  /** The time that tasks spent waiting, by reason, summed over the tasks. */
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  /** Each task, in the order of adding. */
  readonly timings: readonly TaskTiming[];
}

/** One task of the critical path. */
export interface PathStep {
  readonly taskId: number;
  readonly key: string;
  /** How long it ran on the path: not while another on the path did. */
  readonly runMs: number;
  /** How long it waited on the path: after all that it is known to have waited for. */
  readonly waitMs: number;
  /** What it waited for longest on the path, were it only for the step before. */
  readonly waitedFor: WaitReason | undefined;
}

/** A limit that held the run back. */
export interface Bottleneck {
  /** Its name. */
  readonly limit: string;
  /**
   * How much shorter the run would have been with room for all at this limit, in milliseconds. An estimate: the other limits go from
   * hand to hand as they did, and running together slows nobody.
   */
  readonly costMs: number;
}

/** When a task ran and what it waited for. */
export interface TaskTiming {
  readonly taskId: number;
  readonly key: string;
  readonly parentTaskId: number | undefined;
  readonly status: OutcomeStatus | "unfinished";
  readonly addedAtMs: number;
  /** When its first attempt began. */
  readonly startedAtMs: number | undefined;
  readonly settledAtMs: number | undefined;
  /** Its own running time: all attempts, without the time spent waiting for other tasks. */
  readonly runMs: number;
  readonly attempts: number;
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  /** The names of the limits that it waited for a slot of, with the time spent. */
  readonly limitWaits: Readonly<Record<string, number>>;
  /** The names of the limits at which it had to wait for its time, with the time spent. */
  readonly rateWaits: Readonly<Record<string, number>>;
  /**
   * How much later it could have begun, gone on or ended without the last task ending later, in milliseconds. 0 on the critical path.
   * Never more than that with the slots in the same hands; more room may be there.
   */
  readonly slackMs: number;
}
