/**
 * The kernel of one run: decides which task may start, starts it, and carries its end to whoever waited for it.
 * Everything that runs is a record in a tree; the root is the run itself. How attempts go is in `attempt.ts`, how they are
 * stopped in `cancel.ts`, how tasks wait for each other in `waits.ts`.
 */
import { beginAttempt, finishAttempt, leaveAttempt } from "./attempt.ts";
import { withLines } from "./budget/lines.ts";
import { cancelRecord } from "./cancel.ts";
import { ClaimTable } from "./claim-table.ts";
import type { Clock } from "./clock.ts";
import { keyOf, type Edges } from "./batch-shape.ts";
import { captureContext, type ContextRunner } from "./context.ts";
import { ScopeClosedError, TimedOutError, type TaskFailure } from "./errors.ts";
import type { EventLog } from "./event-log.ts";
import { addDependent, skipCause, type Predecessor } from "./dependents.ts";
import type { WaitReason } from "./event.ts";
import type { Executor } from "./executor.ts";
import type { Limit } from "./limits/limit.ts";
import { startWaiting } from "./limits/start-waiting.ts";
import type { Outcome, SkipCause } from "./outcome.ts";
import { hold, noteUnmet } from "./holds.ts";
import { claimingAncestor, isHeldByExclusive } from "./held-by.ts";
import { Lanes } from "./lanes.ts";
import { Listeners } from "./listeners.ts";
import { noteAdded, noteEnabledBy, noteLimited, noteWaiting } from "./notes.ts";
import { Ready } from "./ready.ts";
import { settleRecord } from "./settle-record.ts";
import { skipStalled } from "./stall.ts";
import { isWithin, precedes } from "./start-order.ts";
import type { Waiter } from "./start-queue.ts";
import { childrenOf, type Children, linkChild } from "./children.ts";
import { causeOf, type Claimant, coldOf, TaskRecord, type Watcher } from "./task-record.ts";
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
  /** What outside of the run must happen first, each once: see `releaseHold`. */
  readonly holds?: readonly WaitReason[] | undefined;
  /** For the event log: see `startedBy`. */
  readonly enabledBy?: number | undefined;
  readonly watchers?: readonly [Watcher] | undefined;
}

let roots = 0;

const NO_PREDECESSORS: readonly Predecessor[] = [];

/** One run. */
export class Kernel {
  readonly options: KernelOptions;
  readonly root: TaskRecord;
  /** Failures in the order in which they happened. */
  readonly failures: TaskFailure[] = [];
  /** For each of them, what the task was in. */
  readonly failedIn: TaskRecord[] = [];
  /** How many tasks ended in which way. */
  readonly counts = { completed: 0, failed: 0, cancelled: 0, skipped: 0 };
  /** Attempts and retries that can still move by themselves: when none is left, waiting for abandoned work is hopeless. */
  moving = 0;
  /** Whether it was found to wait for other runs to make room in a budget when nothing moved. */
  waitsForOthers = false;
  /** Abandoned work that has not stopped. */
  readonly abandoned: TaskRecord[] = [];
  readonly lanes = new Lanes();
  readonly listeners = new Listeners(this);
  readonly ready = new Ready(this);
  #tasks = 0;
  /** Whose slots are being handed on. */
  handsOn: TaskRecord | undefined;
  /** Whether tasks wait, or have waited, for budgets. */
  #hasBudgets = false;

  constructor(
    options: KernelOptions,
    root: { readonly key: string; readonly run: TaskFunction<unknown> },
  ) {
    this.options = options;
    roots += 1;
    const defaults = options.plainSpec;
    const spec = { ...defaults, limits: [], budgets: [], timeoutMs: undefined, defaults };
    this.root = new TaskRecord(this, undefined, { ...root, spec }, roots, 0);
  }

  now(): number {
    return this.options.clock.now();
  }

  hasAged(sinceMs: number): boolean {
    return this.now() - sinceMs >= this.options.agingMs;
  }

  get isStuck(): boolean {
    return this.waitsForOthers && this.moving === 0;
  }

  /** A waiter has its turn, but at one of its limits not its time. */
  onHeld(waiter: Waiter): void {
    noteLimited(this.options.log, waiter);
  }

  /** A waiter has its turn, and can never start: it is skipped, or fails as it did before where it was to be repeated. */
  refuse(waiter: Waiter, because: SkipCause): void {
    if (waiter instanceof TaskRecord) {
      const { key, attempts, cold } = waiter;
      this.settle(
        waiter,
        cold?.failure === undefined
          ? { status: "skipped", key, attempts, because }
          : { status: "failed", key, attempts, error: cold.failure.error, abandoned: false },
      );
    }
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
    const record = new TaskRecord(
      this,
      parent,
      this.#paid(task, parent),
      siblings.added,
      this.#tasks,
    );
    record.context = context ?? captureContext();
    record.watchers = task.watchers;
    linkChild(siblings, record);
    noteAdded(this.options.log, record, task);
    this.#declare(record, owner, task);
    this.advance(record);
    return record;
  }

  /**
   * Adds the tasks of a batch that all stand in one line, or of which only was declared who comes after whom, without making their
   * records. Returns false, and adds nothing, where each must be seen: whoever listens is told of every one, and without a limit or
   * `edges` all start.
   */
  addUnstarted(
    parent: TaskRecord,
    options: Pick<UnstartedOptions, "batch" | "spec" | "specs" | "context" | "watchers">,
    edges: Edges | undefined,
  ): boolean {
    const siblings = childrenOf(parent);
    const count = options.batch.tasks.length;
    if (
      count === 0 ||
      (edges === undefined && options.spec.limits.length === 0) ||
      (options.specs !== undefined && claimingAncestor(parent).spec.claims !== undefined) ||
      options.spec.budgets.length > 0 ||
      this.#hasBudgets ||
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
      const unstarted = new Unstarted(all);
      siblings.unstarted = unstarted;
      const { specs } = options;
      if (specs === undefined || unstarted.claim(this.#tableOf(this.root), specs)) {
        this.ready.push(unstarted);
      } else {
        unstarted.makeRecords();
      }
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
    this.ready.push(record);
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
    settleRecord(this, record, outcome);
  }

  /** Gives back what the running attempt of a record holds. The limits are to be handed on once its end has been told. */
  leave(record: TaskRecord): readonly Limit[] {
    return leaveAttempt(this, record);
  }

  /** Hands the slots that `from` freed on: to those who were told of its end as well. */
  handOn(from: TaskRecord, limits: readonly Limit[]): void {
    const outer = this.handsOn;
    this.handsOn = from;
    this.ready.drain();
    startWaiting(limits);
    this.handsOn = outer;
  }

  /** Repeats a record whose work and children have ended, or settles it as was decided. */
  finish(record: TaskRecord): void {
    const outcome = this.endAttempts(record);
    if (outcome !== undefined) {
      this.settle(record, outcome);
    }
  }

  /** Repeats a record whose work and children have ended, or returns its outcome. */
  endAttempts(record: TaskRecord): Outcome<unknown> | undefined {
    return finishAttempt(this, record);
  }

  /** Asks a record, and all below it, to stop. */
  cancel(record: TaskRecord, reason: unknown): void {
    cancelRecord(this, record, { status: "cancelled", reason });
  }

  /** The failures of tasks below `record`, when `error` is one of them: it came from a task, not from the body around them. */
  failuresBelow(record: TaskRecord, error: unknown): readonly TaskFailure[] {
    const below = this.failures.filter((_failure, index) =>
      isWithin(this.failedIn[index] as TaskRecord, record),
    );
    return below.some((failure) => failure.error === error) ? below : [];
  }

  /** Settles a task that never ran. */
  skip(record: TaskRecord, because: SkipCause): void {
    this.settle(record, { status: "skipped", key: record.key, attempts: record.attempts, because });
  }

  /** Looks, when nothing can move any more, for tasks that wait for abandoned work alone, or for a budget that nobody frees. */
  checkStalled(): void {
    if (
      this.moving === 0 &&
      (this.abandoned.length > 0 || this.#hasBudgets) &&
      this.ready.isQuiet
    ) {
      skipStalled(this);
    }
  }

  /** A task with the lines of the budgets that it is paid from. */
  #paid(task: NewTask, parent: TaskRecord): NewTask {
    const { spec } = task;
    this.#hasBudgets ||= spec.budgets.length > 0;
    return this.#hasBudgets && !spec.isGroup ? { ...task, spec: withLines(spec, parent) } : task;
  }

  #declare(record: TaskRecord, owner: TaskRecord, task: NewTask): void {
    const { spec, parent } = record;
    if (spec.exclusive && parent !== undefined) {
      const siblings = childrenOf(parent);
      siblings.exclusives ??= [];
      siblings.exclusives.push(record);
    }
    if (spec.claims !== undefined) {
      record.ticket = this.#tableOf(owner).add(record, spec.claims);
    }
    if (spec.deadlineMs !== undefined) {
      const { deadlineMs } = spec;
      coldOf(record).deadline = this.options.clock.schedule(deadlineMs, () => {
        const error = new TimedOutError(record.key, "deadline", deadlineMs);
        cancelRecord(this, record, { status: "failed", error });
      });
    }
    const { after = NO_PREDECESSORS } = task;
    for (let at = 0; at < after.length; at += 1) {
      const { record: before, until } = after[at] as Predecessor; // An index of it.
      if (before.state !== "settled") {
        addDependent(before, record, until);
      } else if (until === "completed" && before.outcome?.status !== "completed") {
        this.skip(record, skipCause(before));
        return;
      }
    }
    if (task.holds !== undefined) {
      hold(this, record, task.holds);
    }
    noteUnmet(this, record);
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

  /** The claims inside a task that claims something, or inside the root. */
  #tableOf(owner: TaskRecord): ClaimTable<Claimant> {
    const children = childrenOf(owner);
    children.table ??= new ClaimTable<Claimant>({
      precedes,
      onClear: (waiter, by) => {
        // Who waits for claims, and who gives them back, has a record.
        noteEnabledBy(this.options.log, waiter as TaskRecord, by as TaskRecord);
        this.advance(waiter as TaskRecord);
      },
    });
    return children.table;
  }
}
