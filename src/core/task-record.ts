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
import type { ClaimTable, ClaimTicket } from "./claim-table.ts";
import type { Timer } from "./clock.ts";
import type { ContextRunner } from "./context.ts";
import type { Limit, Slots } from "./limit.ts";
import type { Outcome } from "./outcome.ts";
import type { Place } from "./start-order.ts";
import type { Waiter } from "./start-queue.ts";
import type { TaskFunction, TaskState } from "./task.ts";
import type { TaskSpec } from "./task-spec.ts";

/** What decided an attempt: the first of return, throw, timeout and cancel. */
export type Decision =
  | { readonly status: "completed"; readonly value: unknown }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "cancelled"; readonly reason: unknown };

/** A task that comes after another. */
export interface Dependent {
  readonly record: TaskRecord;
  readonly until: "completed" | "settled";
}

/** What the kernel calls when a record's turn comes. */
export interface RecordOwner {
  begin(record: TaskRecord, slots: Slots | undefined): void;
  /** Whether the record has now been passed over for long enough to count as of the highest priority. */
  hasAged(sinceMs: number): boolean;
  now(): number;
}

/** One task. The hot fields are here, those that few tasks need in {@link ColdFields}. */
export class TaskRecord implements Waiter, Place {
  readonly owner: RecordOwner;
  readonly parent: TaskRecord | undefined;
  readonly key: string;
  readonly index: number;
  readonly depth: number;
  readonly id: number;
  readonly spec: TaskSpec;
  readonly run: TaskFunction<unknown>;
  state: TaskState = "waiting";
  outcome: Outcome<unknown> | undefined;
  decision: Decision | undefined;
  attempts = 0;
  /** Dependencies that have not ended. */
  unmet = 0;
  /** Children without an outcome. */
  open = 0;
  /** Children whose work may still be going on. */
  live = 0;
  /** Whether it is in line for slots. */
  queued = false;
  /** Whether the function of the latest attempt has returned, thrown, or was never called. */
  stopped = true;
  released = false;
  abandoned = false;
  priority: number;
  remainingMs: number;
  slots: Slots | undefined;
  context: ContextRunner | undefined;
  dependents: Dependent[] | undefined;
  watchers: ((outcome: Outcome<unknown>) => void)[] | undefined;
  ticket: ClaimTicket<TaskRecord> | undefined;
  /** Holds the claims of the tasks inside this one, where this one claims something or is the root. */
  table: ClaimTable<TaskRecord> | undefined;
  /** Live children in the order of adding, as an intrusive list. */
  firstChild: TaskRecord | undefined;
  lastChild: TaskRecord | undefined;
  nextSibling: TaskRecord | undefined;
  previousSibling: TaskRecord | undefined;
  cold: ColdFields | undefined;

  constructor(options: {
    readonly owner: RecordOwner;
    readonly parent: TaskRecord | undefined;
    readonly key: string;
    readonly index: number;
    readonly id: number;
    readonly spec: TaskSpec;
    readonly run: TaskFunction<unknown>;
  }) {
    const { parent, spec } = options;
    this.owner = options.owner;
    this.parent = parent;
    this.key = options.key;
    this.index = options.index;
    this.id = options.id;
    this.spec = spec;
    this.run = options.run;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.priority = spec.priority ?? parent?.priority ?? 0;
    this.remainingMs = spec.expectedMs;
  }

  get limits(): readonly Limit[] {
    return this.spec.limits;
  }

  get weight(): number {
    return this.spec.weight;
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

  notePassed(): void {
    const cold = coldOf(this);
    cold.passedSinceMs ??= this.owner.now();
    if (this.priority !== Infinity && this.owner.hasAged(cold.passedSinceMs)) {
      this.priority = Infinity;
    }
  }

  start(slots: Slots): void {
    this.queued = false;
    this.owner.begin(this, slots);
  }
}

/** The fields that few tasks need. */
export interface ColdFields {
  controller: AbortController | undefined;
  timeout: Timer | undefined;
  deadline: Timer | undefined;
  grace: Timer | undefined;
  retry: Timer | undefined;
  /** Kernel waits of the running attempt that have not ended. */
  waits: number;
  /** Ends each of those waits at once: the attempt was cancelled. */
  interrupts: Set<(reason: unknown) => void> | undefined;
  /** The last wait has ended; the attempt goes on once it has its slots again. */
  takeBack: { waits: boolean; readonly resume: () => void } | undefined;
  passedSinceMs: number | undefined;
  /** Children that are exclusive and not released, in the order of adding. */
  exclusives: TaskRecord[] | undefined;
  /** Its lane in the event log. */
  lane: number | undefined;
  /** The task whose end let this one start. */
  enabledBy: number | undefined;
  /** What it waited for when that was last written to the event log. */
  waitingFor: string | undefined;
}

/** The rare fields of a record, made when first needed. */
export function coldOf(record: TaskRecord): ColdFields {
  record.cold ??= {
    controller: undefined,
    timeout: undefined,
    deadline: undefined,
    grace: undefined,
    retry: undefined,
    waits: 0,
    interrupts: undefined,
    takeBack: undefined,
    passedSinceMs: undefined,
    exclusives: undefined,
    lane: undefined,
    enabledBy: undefined,
    waitingFor: undefined,
  };
  return record.cold;
}

/** Adds a child at the end of the list of its parent. */
export function linkChild(parent: TaskRecord, child: TaskRecord): void {
  const last = parent.lastChild;
  child.previousSibling = last;
  if (last === undefined) {
    parent.firstChild = child;
  } else {
    last.nextSibling = child;
  }
  parent.lastChild = child;
  parent.open += 1;
  parent.live += 1;
}

/** Takes a released child out of the list of its parent. */
export function unlinkChild(parent: TaskRecord, child: TaskRecord): void {
  const { previousSibling, nextSibling } = child;
  if (previousSibling === undefined) {
    parent.firstChild = nextSibling;
  } else {
    previousSibling.nextSibling = nextSibling;
  }
  if (nextSibling === undefined) {
    parent.lastChild = previousSibling;
  } else {
    nextSibling.previousSibling = previousSibling;
  }
  child.previousSibling = undefined;
  child.nextSibling = undefined;
  parent.live -= 1;
}
