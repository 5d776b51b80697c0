/**
 * The kernel of one run: decides which task may start, starts it, and carries its end to whoever waited for it.
 * Everything that runs is a record in a tree; the root is the run itself. How attempts go is in `attempt.ts`, how they are
 * stopped in `cancel.ts`, how tasks wait for each other in `waits.ts`.
 */
import { beginAttempt, finishAttempt, leaveAttempt } from "./attempt.ts";
import { cancelRecord, failParent } from "./cancel.ts";
import { ClaimTable } from "./claim-table.ts";
import type { Clock } from "./clock.ts";
import { keyOf, type Edges } from "./batch-shape.ts";
import { captureContext, type ContextRunner } from "./context.ts";
import { InternalError, ScopeClosedError, TimedOutError, type TaskFailure } from "./errors.ts";
import type { EventLog } from "./event-log.ts";
import {
  addDependent,
  skipCause,
  takeDependents,
  type Predecessor,
  type Until,
} from "./dependents.ts";
import type { Executor } from "./executor.ts";
import { enqueue, startWaiting, type Limit } from "./limit.ts";
import type { Outcome, SkipCause } from "./outcome.ts";
import { claimingAncestor, freedBy, isHeldByExclusive } from "./held-by.ts";
import { Lanes } from "./lanes.ts";
import { Listeners } from "./listeners.ts";
import { noteAdded, noteEnabledBy, noteLimited, noteSettled, noteWaiting } from "./notes.ts";
import { skipStalled } from "./stall.ts";
import { precedes } from "./start-order.ts";
import {
  causeOf,
  childrenOf,
  type Children,
  coldOf,
  linkChild,
  TaskRecord,
  unlinkChild,
  type Watcher,
} from "./task-record.ts";
import { checkWithin, type TaskSpec } from "./task-spec.ts";
import type { TaskFunction } from "./task.ts";
import { Unstarted, type UnstartedOptions } from "./unstarted.ts";
import { WaitingGraph } from "./waiting-graph.ts";

/** The settings of a run, checked, with all defaults filled in. */
export interface KernelOptions {
  readonly clock: Clock;
  readonly executor: Executor;
  readonly log: EventLog;
  readonly onAbandon: "release" | "hold";
  readonly agingMs: number;
  readonly plainSpec: TaskSpec;
}

/** A task to add. */
export interface NewTask {
  readonly key: string;
  readonly spec: TaskSpec;
  readonly run: TaskFunction<unknown>;
  readonly after?: readonly Predecessor[] | undefined;
  /** For the event log: see `startedBy`. */
  readonly enabledBy?: number | undefined;
  readonly watchers?: readonly Watcher[] | undefined;
}

let roots = 0;

const NO_LIMITS: readonly Limit[] = [];

/** One run. */
export class Kernel {
  readonly options: KernelOptions;
  readonly root: TaskRecord;
  /** Failures in the order in which they happened. */
  readonly failures: TaskFailure[] = [];
  /** How many tasks ended in which way. */
  readonly counts = { completed: 0, failed: 0, cancelled: 0, skipped: 0 };
  /** Attempts and retries that can still move by themselves: when none is left, waiting for abandoned work is hopeless. */
  moving = 0;
  /** Abandoned work that has not stopped. */
  readonly abandoned: TaskRecord[] = [];
  readonly lanes = new Lanes();
  readonly listeners = new Listeners(this);
  #tasks = 0;
  /** Tasks whose dependencies and claims are done, in the order in which that happened. */
  #ready: (TaskRecord | Unstarted)[] = [];
  /** Those of them that need no slot, the last first. */
  readonly #free: TaskRecord[] = [];
  #scheduled = false;
  /** Whose slots are being handed on. */
  handsOn: TaskRecord | undefined;
  #draining = false;

  constructor(
    options: KernelOptions,
    root: { readonly key: string; readonly run: TaskFunction<unknown> },
  ) {
    this.options = options;
    roots += 1;
    const spec = { ...options.plainSpec, limits: [], timeoutMs: undefined };
    this.root = new TaskRecord(this, undefined, { ...root, spec }, roots, 0);
  }

  now(): number {
    return this.options.clock.now();
  }

  hasAged(sinceMs: number): boolean {
    return this.now() - sinceMs >= this.options.agingMs;
  }

  /** Adds a task under `parent`. It starts, at the earliest, when the code that runs now has ended. */
  add(parent: TaskRecord, task: NewTask, context?: ContextRunner): TaskRecord {
    this.#checkOpen(parent, task.key, task.spec);
    const owner = claimingAncestor(parent);
    if (owner.spec.claims !== undefined && task.spec.claims !== undefined) {
      checkWithin(task.key, task.spec, owner.key, owner.spec);
    }
    const siblings = childrenOf(parent);
    siblings.unstarted?.makeRecords(); // Those before this one are linked before it.
    siblings.graph?.makeRecords();
    this.#count(siblings, 1);
    const record = new TaskRecord(this, parent, task, siblings.added, this.#tasks);
    record.context = context ?? captureContext();
    record.watchers = task.watchers;
    linkChild(siblings, record);
    noteAdded(this.options.log, record, task);
    this.#declare(record, owner, task);
    this.advance(record);
    return record;
  }

  /**
   * Adds the tasks of a batch of which nothing was declared, or only who comes after whom, without making their records. Returns
   * false, and adds nothing, where each must be seen: whoever listens is told of every one, and without a limit or `edges` all start.
   */
  addUnstarted(
    parent: TaskRecord,
    options: Pick<UnstartedOptions, "batch" | "spec" | "context" | "watchers">,
    edges: Edges | undefined,
  ): boolean {
    const siblings = childrenOf(parent);
    const count = options.batch.tasks.length;
    if (
      count === 0 ||
      (edges === undefined && options.spec.limits.length === 0) ||
      this.options.log.wanted ||
      siblings.live > 0
    ) {
      return false;
    }
    this.#checkOpen(parent, keyOf(options.batch, 0), options.spec);
    const before = { index: siblings.added, id: this.#tasks };
    this.#count(siblings, count);
    const all = { kernel: this, parent, siblings, before, ...options };
    if (edges === undefined) {
      siblings.unstarted = new Unstarted(all);
      this.#pushReady(siblings.unstarted);
    } else {
      siblings.graph = new WaitingGraph(all, edges);
      siblings.graph.begin();
    }
    return true;
  }

  /** Moves a waiting task on as far as it can go: dependencies, then claims, then slots. */
  advance(record: TaskRecord): void {
    if (record.state !== "waiting" || record.queued || record.unmet > 0) {
      return;
    }
    if (isHeldByExclusive(record)) {
      noteWaiting(this.options.log, record, "claim");
      return;
    }
    const { ticket } = record;
    if (ticket !== undefined) {
      if (!ticket.clear) {
        noteWaiting(this.options.log, record, "claim");
        return;
      }
      ticket.hold();
    }
    record.queued = true;
    this.#pushReady(record);
  }

  /** One of those that a task comes after has its outcome. */
  endDependency(record: TaskRecord, before: TaskRecord, until: Until): void {
    record.unmet -= 1;
    if (record.state === "waiting") {
      noteEnabledBy(this.options.log, record, before);
      if (until === "completed" && before.outcome?.status !== "completed") {
        this.skip(record, skipCause(before));
      } else {
        this.advance(record);
      }
    }
  }

  /** Starts an attempt whose slots, if it needs any, are already charged to it. */
  begin(record: TaskRecord): void {
    if (record.cold?.waitingFor?.startsWith("limit") === true) {
      noteEnabledBy(this.options.log, record, this.handsOn);
    }
    record.state = "running";
    beginAttempt(this, record);
  }

  /** Gives a record its outcome. Its children have all settled. */
  settle(record: TaskRecord, outcome: Outcome<unknown>): void {
    if (record.state === "settled") {
      throw new InternalError(`Cannot settle task "${record.key}" twice`);
    }
    record.state = "settled";
    record.queued = false;
    record.outcome = outcome;
    this.#clearTimers(record);
    if (record.parent !== undefined) {
      this.counts[outcome.status] += 1;
      noteSettled(this.options.log, record, outcome);
      childrenOf(record.parent).open -= 1;
    }
    if (outcome.status === "failed" && record.parent !== undefined && !record.spec.detached) {
      this.failures.push({ key: record.key, attempt: record.attempts, error: outcome.error });
    }
    this.tryRelease(record);
    const { watchers } = record;
    record.watchers = undefined;
    watchers?.forEach((watcher) => watcher.onOutcome(outcome, record));
    // The failure stops its siblings before its dependents are looked at: with "stop" they are cancelled, not skipped.
    if (outcome.status === "failed" && record.parent !== undefined) {
      if (record.parent.spec.failure === "stop" && !record.spec.detached) {
        failParent(this, record.parent, outcome.error);
      }
    }
    this.#tellDependents(record, outcome);
    if (record.parent !== undefined) {
      this.childSettled(record.parent);
    }
  }

  /** Ends the claims of a settled task once its work, and that of its descendants, has really stopped. */
  tryRelease(record: TaskRecord): void {
    if (
      record.released ||
      record.state !== "settled" ||
      !record.stopped ||
      (record.children !== undefined && record.children.live > 0)
    ) {
      return;
    }
    record.released = true;
    record.ticket?.release();
    const { parent } = record;
    if (parent === undefined) {
      return;
    }
    const siblings = childrenOf(parent);
    siblings.live -= 1;
    unlinkChild(siblings, record);
    const { exclusives } = siblings;
    if (exclusives !== undefined) {
      for (const freed of freedBy(siblings, record, exclusives)) {
        noteEnabledBy(this.options.log, freed, record);
        this.advance(freed);
      }
    }
    this.tryRelease(parent);
  }

  /** Lets a parent settle whose function has ended, when the last of its children has settled. */
  childSettled(parent: TaskRecord): void {
    if (parent.state === "settling" && parent.isAlone) {
      this.finish(parent);
    }
  }

  /** Gives back what the running attempt of a record holds. The limits are to be handed on once its end has been told. */
  leave(record: TaskRecord): readonly Limit[] {
    return leaveAttempt(this, record);
  }

  /** Hands the slots that `from` freed on: to those who were told of its end as well. */
  handOn(from: TaskRecord, limits: readonly Limit[]): void {
    const outer = this.handsOn;
    this.handsOn = from;
    this.drain();
    startWaiting(limits);
    this.handsOn = outer;
  }

  /** Repeats a record whose work and children have ended, or settles it as was decided. */
  finish(record: TaskRecord): void {
    finishAttempt(this, record);
  }

  /** Asks a record, and all below it, to stop. */
  cancel(record: TaskRecord, reason: unknown): void {
    cancelRecord(this, record, { status: "cancelled", reason });
  }

  /** The failures of tasks, when `error` is one of them: it came from a task, not from the body around them. */
  failuresBelow(error: unknown): readonly TaskFailure[] {
    return this.failures.some((failure) => failure.error === error) ? this.failures : [];
  }

  /** Settles a task that never ran. */
  skip(record: TaskRecord, because: SkipCause): void {
    this.settle(record, { status: "skipped", key: record.key, attempts: record.attempts, because });
  }

  /** Looks, when nothing can move any more, for tasks that wait for abandoned work alone. */
  checkStalled(): void {
    if (
      this.moving === 0 &&
      this.abandoned.length > 0 &&
      this.#ready.length === 0 &&
      !this.#draining
    ) {
      skipStalled(this);
    }
  }

  /** Starts what has become ready: those that need slots take their place in line first, then slots are handed out. */
  readonly drain = (): void => {
    this.#scheduled = false;
    const limits = this.#enqueueReady();
    startWaiting(limits);
    if (!this.#draining) {
      this.#draining = true;
      for (let record = this.#free.pop(); record !== undefined; record = this.#free.pop()) {
        if (record.queued) {
          record.queued = false;
          this.begin(record);
        }
      }
      this.#draining = false;
    }
    this.checkStalled();
  };

  #pushReady(ready: TaskRecord | Unstarted): void {
    this.#ready.push(ready);
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.drain);
    }
  }

  #enqueueReady(): readonly Limit[] {
    if (this.#ready.length === 0) {
      return NO_LIMITS;
    }
    const limits: Limit[] = [];
    const free: TaskRecord[] = [];
    // The loop also sees those that are added while it runs, as it makes records for who listens since a moment ago.
    for (const each of this.#ready) {
      if (each instanceof Unstarted) {
        this.#enqueueUnstarted(each);
      } else if (each.queued && each.limits.length === 0) {
        free.push(each);
        continue;
      } else if (each.queued) {
        enqueue(each);
        noteLimited(this.options.log, each);
      }
      for (const limit of each.limits) {
        if (!limits.includes(limit)) {
          limits.push(limit);
        }
      }
    }
    this.#ready = [];
    for (const record of free.toReversed()) {
      this.#free.push(record);
    }
    return limits;
  }

  #enqueueUnstarted(unstarted: Unstarted): void {
    if (this.options.log.wanted) {
      unstarted.makeRecords();
    }
    if (unstarted.waits) {
      unstarted.inLine = true;
      enqueue(unstarted);
    }
  }

  #declare(record: TaskRecord, owner: TaskRecord, task: NewTask): void {
    const { spec, parent } = record;
    if (spec.exclusive && parent !== undefined) {
      const siblings = childrenOf(parent);
      siblings.exclusives ??= [];
      siblings.exclusives.push(record);
    }
    if (spec.claims !== undefined) {
      const inside = childrenOf(owner);
      inside.table ??= this.#newTable();
      record.ticket = inside.table.add(record, spec.claims);
    }
    if (spec.deadlineMs !== undefined) {
      const { deadlineMs } = spec;
      coldOf(record).deadline = this.options.clock.schedule(deadlineMs, () => {
        const error = new TimedOutError(record.key, "deadline", deadlineMs);
        cancelRecord(this, record, { status: "failed", error });
      });
    }
    for (const { record: before, until } of task.after ?? []) {
      if (before.state !== "settled") {
        addDependent(before, record, until);
      } else if (until === "completed" && before.outcome?.status !== "completed") {
        this.skip(record, skipCause(before));
        return;
      }
    }
    if (record.unmet > 0) {
      noteWaiting(this.options.log, record, "dependency");
    }
  }

  #tellDependents(record: TaskRecord, outcome: Outcome<unknown>): void {
    for (let at = takeDependents(record); at !== undefined; at = at.next) {
      this.endDependency(at.record, record, at.until);
    }
    record.parent?.children?.graph?.tell(record, outcome);
  }

  #checkOpen(parent: TaskRecord, key: string, spec: TaskSpec): void {
    if (parent.state === "settled" || (parent.stopped && parent !== this.root && parent.isAlone)) {
      throw new ScopeClosedError(key, "ended");
    }
    if (parent.decision !== undefined && parent.decision.status !== "completed" && !spec.always) {
      throw new ScopeClosedError(key, "cancelled", causeOf(parent.decision));
    }
  }

  #count(siblings: Children, added: number): void {
    this.#tasks += added;
    siblings.added += added;
    siblings.open += added;
    siblings.live += added;
  }

  #newTable(): ClaimTable<TaskRecord> {
    return new ClaimTable<TaskRecord>({
      precedes,
      onClear: (record, by) => {
        noteEnabledBy(this.options.log, record, by);
        this.advance(record);
      },
    });
  }

  #clearTimers({ cold }: TaskRecord): void {
    cold?.timeout?.cancel();
    cold?.deadline?.cancel();
    cold?.grace?.cancel();
    cold?.retry?.cancel();
  }
}
