/**
 * What the kernel knows of one task.
 *
 * States and transitions:
 *
 * ```
 *            dependencies done, claims held, slots taken
 *   waiting ------------------------------------------------> running
 *      |  ^                                                      | the function returned or threw, or was abandoned
 *      |  |           retry: after its delay, claims kept        v
 *      |  +-------------------------------------------------- settling
 *      |                                                         | all children have settled
 *      +-------------------------------------------------------->|
 *        cancelled, skipped, or out of time                      v
 *                                                             settled
 * ```
 *
 * A settled task is *released* when its work and that of all its descendants has really stopped: only then do its claims end.
 * For all but abandoned work the two are the same moment.
 */
import type { Estimate } from "./budget/estimate.ts";
import type { Children } from "./children.ts";
import type { ClaimTicket } from "./claim-table.ts";
import type { Timer } from "./clock.ts";
import type { ContextRunner } from "./context.ts";
import type { Grant } from "./limits/gate.ts";
import type { Limit } from "./limits/limit.ts";
import type { SlotHolder } from "./limits/slots.ts";
import type { Dependent } from "./dependents.ts";
import type { TimedOutError } from "./errors.ts";
import type { WaitReason } from "./event.ts";
import type { Outcome, SkipCause } from "./outcome.ts";
import type { Passed } from "./passed.ts";
import type { Place } from "./start-order.ts";
import type { Waiter } from "./start-queue.ts";
import type { TaskFunction, TaskState } from "./task.ts";
import type { TaskSpec } from "./task-spec.ts";
import type { TakeBack } from "./take-back.ts";
import type { PendingWait } from "./waits.ts";

/** What decided an attempt: the first of return, throw, timeout and cancel. */
export type Decision =
  | { readonly status: "completed"; readonly value: unknown }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "cancelled"; readonly reason: unknown };

/** Is told the outcome of a record. */
export interface Watcher {
  onOutcome(outcome: Outcome<unknown>, record: TaskRecord): void;
}

/** Why an attempt is to stop, as was decided; undefined where it completed. */
export function causeOf(decision: Decision | undefined): unknown {
  switch (decision?.status) {
    case "failed":
      return decision.error;
    case "cancelled":
      return decision.reason;
    default:
      return undefined;
  }
}

/** What the kernel calls when a record's turn comes. */
export interface RecordOwner {
  begin(record: TaskRecord): void;
  /** Whether the record has now been passed over for long enough to count as of the highest priority. */
  hasAged(sinceMs: number): boolean;
  /** Whether it cannot move until another run makes room in a budget. */
  readonly isStuck: boolean;
  now(): number;
  onHeld(waiter: Waiter): void;
  refuse(waiter: Waiter, because: SkipCause): void;
}

/** Who claims something: a task, or the place of one whose record is made when its turn comes. */
export interface Claimant extends Place {
  readonly id: number;
}

/**
 * One task. The hot fields are here, those of tasks that start others in {@link Children}, those that few tasks need in
 * {@link ColdFields}: of what a task costs, the largest part is that the garbage collector copies its record.
 */
export class TaskRecord implements Waiter, Claimant, SlotHolder {
  readonly parent: TaskRecord | undefined;
  readonly index: number;
  priority: number;
  remainingMs: number;
  /** Whether it is in line for slots. */
  queued = false;
  state: TaskState = "waiting";
  /** Dependencies that have not ended. */
  unmet = 0;
  ticket: ClaimTicket<Claimant> | undefined;
  /** Another one only where its claims were narrowed. */
  spec: TaskSpec;
  readonly owner: RecordOwner;
  readonly key: string;
  readonly id: number;
  readonly run: TaskFunction<unknown>;
  outcome: Outcome<unknown> | undefined;
  decision: Decision | undefined;
  attempts = 0;
  /** Whether the function of the latest attempt has returned, thrown, or was never called. */
  stopped = true;
  released = false;
  holdsSlots = false;
  context: ContextRunner | undefined;
  /** Who comes after it: the last that was added. */
  dependents: Dependent | undefined;
  /** A list of one may be shared by the tasks of a batch, a longer one is its own. */
  watchers: readonly Watcher[] | undefined;
  children: Children | undefined;
  next: TaskRecord | undefined;
  previous: TaskRecord | undefined;
  cold: ColdFields | undefined;

  constructor(
    owner: RecordOwner,
    parent: TaskRecord | undefined,
    task: { readonly key: string; readonly spec: TaskSpec; readonly run: TaskFunction<unknown> },
    index: number,
    id: number,
  ) {
    const { spec } = task;
    this.owner = owner;
    this.parent = parent;
    this.key = task.key;
    this.index = index;
    this.id = id;
    this.spec = spec;
    this.run = task.run;
    this.priority = ownPriority(this);
    this.remainingMs = spec.expectedMs;
  }

  get limits(): readonly Limit[] {
    return this.spec.limits;
  }

  /** What a task inside it declares that declares nothing. */
  get plainSpec(): TaskSpec {
    return this.spec.defaults ?? this.spec;
  }

  get weight(): number {
    return this.spec.weight;
  }

  get estimate(): Estimate {
    return this.spec.estimate;
  }

  get count(): number {
    return 1;
  }

  get waits(): boolean {
    return this.queued;
  }

  get takesBack(): boolean {
    return false;
  }

  get place(): Place {
    return this;
  }

  get passed(): Passed | undefined {
    return this.cold?.passed;
  }

  set passed(passed: Passed | undefined) {
    coldOf(this).passed = passed;
  }

  get grants(): readonly Grant[] | undefined {
    return this.cold?.grants;
  }

  set grants(grants: readonly Grant[] | undefined) {
    coldOf(this).grants = grants;
  }

  take(): this {
    this.queued = false;
    // It may stand in line again, for another attempt, and what it starts inherits its priority: not what it was given for having waited.
    if (this.passed !== undefined) {
      this.passed = undefined;
    }
    if (this.priority === Infinity) {
      this.priority = ownPriority(this);
    }
    return this;
  }

  /** Whether its children have all settled. */
  get isAlone(): boolean {
    return this.children === undefined || this.children.open === 0;
  }

  /** Whether its running attempt was given up. */
  get abandoned(): boolean {
    return this.cold !== undefined && this.cold.abandoned;
  }

  start(): void {
    this.holdsSlots = true;
    this.owner.begin(this);
  }
}

/** What it declared, or inherits. */
function ownPriority({ spec, parent }: TaskRecord): number {
  return spec.priority ?? parent?.priority ?? 0;
}

/** The fields that few tasks need. */
export class ColdFields {
  controller: AbortController | undefined;
  timeout: Timer | undefined;
  deadline: Timer | undefined;
  grace: Timer | undefined;
  retry: Timer | undefined;
  /** Kernel waits of the running attempt that have not ended. */
  waits: Set<PendingWait> | undefined;
  /** The last wait has ended; the attempt goes on once it has its slots again. */
  takeBack: TakeBack | undefined;
  passed: Passed | undefined;
  /** With what limits that know more than slots let the latest attempt through. */
  grants: readonly Grant[] | undefined;
  /** Why the attempt before failed. */
  failure: { readonly error: unknown } | undefined;
  /** What ended the attempt that ran out of time last. */
  timedOut: TimedOutError | undefined;
  /** How often the service sent it away, which does not count as an attempt that failed. */
  rejections = 0;
  /** Whether it did so at the latest attempt. */
  rejected = false;
  abandoned = false;
  /** Whether it was cancelled when its attempt had been decided already: then that was the last. */
  unwanted = false;
  /** Its lane in the event log. */
  lane: number | undefined;
  /** The task that ended its latest wait. */
  wokenBy: number | undefined;
  /** Those that ended the waits of the pause under way. */
  awaited: number[] | undefined;
  /** The task whose end let this one start or go on. */
  enabledBy: number | undefined;
  /** What outside of the run must happen before it may start, each once. */
  holds: WaitReason[] | undefined;
  /** What it waited for when that was last written to the event log. */
  waitingFor: string | undefined;
}

/** The rare fields of a record, made when first needed. */
export function coldOf(record: TaskRecord): ColdFields {
  record.cold ??= new ColdFields();
  return record.cold;
}

/** Whether a running task waits, for others or for its slots. */
export function isPaused({ cold }: TaskRecord): boolean {
  return (cold?.waits?.size ?? 0) > 0 || cold?.takeBack !== undefined;
}

/** Has one more be told how a task ends. Thousands may wait for one task: a list of its own grows in place. */
export function addWatcher(record: TaskRecord, watcher: Watcher): void {
  const { watchers = [] } = record;
  if (watchers.length > 1) {
    (watchers as Watcher[]).push(watcher); // Its own, as it has more than one.
  } else {
    record.watchers = [...watchers, watcher];
  }
}
