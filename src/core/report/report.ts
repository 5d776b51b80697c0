/** What a run gained and where it waited. */
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
   * waiting for their children. An estimate, since running together slows each of them a little.
   */
  readonly sequentialMs: number;
  /** `sequentialMs / wallMs`; 1 when nothing ran. */
  readonly speedup: number;
  /** `sequentialMs` by the longest chain of dependencies and conflicting claims: what no number of slots could exceed. */
  readonly idealSpeedup: number;
  /** The chain that set the length of the run, from its first task to its last. */
  readonly criticalPath: readonly PathStep[];
  /** The time that tasks spent waiting, by reason, summed over the tasks. */
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  /** Each task, in the order of adding. */
  readonly timings: readonly TaskTiming[];
}

/** One task of the critical path. */
export interface PathStep {
  readonly taskId: number;
  readonly key: string;
  /** How long it ran, all attempts. */
  readonly runMs: number;
  /** How long it waited after the step before had ended, and for what. */
  readonly waitMs: number;
  readonly waitedFor: WaitReason | undefined;
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
  /** Its own running time: all attempts, without the time spent waiting for its children. */
  readonly runMs: number;
  readonly attempts: number;
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  /** The names of the limits that it waited for a slot of, with the time spent. */
  readonly limitWaits: Readonly<Record<string, number>>;
  /** The names of the limits at which it had to wait for its time, with the time spent. */
  readonly rateWaits: Readonly<Record<string, number>>;
  /** How much later it could have ended without lengthening the run, in milliseconds. */
  readonly slackMs: number;
}
