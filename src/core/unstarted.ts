/**
 * The tasks of a batch that stand in one line and wait for nothing but a slot, as one: the record of each is made when its turn
 * comes. It then dies before the garbage collector has to copy it, which halves what such a task costs. Claims are entered at once,
 * for the places of the tasks; where something is in the way of one of them, each gets its record.
 *
 * Whoever must see the waiting tasks one by one calls `makeRecords` first.
 */
import { keyOf, type Batch } from "./batch-shape.ts";
import type { Estimate } from "./budget/estimate.ts";
import type { ClaimTable, ClaimTicket } from "./claim-table.ts";
import type { ContextRunner } from "./context.ts";
import type { Kernel } from "./kernel.ts";
import type { Limit } from "./limits/limit.ts";
import { enqueue } from "./limits/line.ts";
import { stepAside } from "./limits/start-waiting.ts";
import type { Passed } from "./passed.ts";
import type { Waiter } from "./start-queue.ts";
import { linkChild, type Children } from "./children.ts";
import { TaskRecord, type Claimant, type Watcher } from "./task-record.ts";
import { functionOf, type TaskSpec } from "./task-spec.ts";
import type { Task } from "./task.ts";

/** What the records will be made of. */
export interface UnstartedOptions {
  readonly kernel: Kernel;
  readonly parent: TaskRecord;
  readonly siblings: Children;
  readonly batch: Batch;
  readonly spec: TaskSpec;
  /** What was declared of each, which waits as `spec` does; undefined where nothing was of any. */
  readonly specs?: readonly TaskSpec[] | undefined;
  readonly context: ContextRunner | undefined;
  readonly watchers: readonly [Watcher];
  /** The number of the task before the first, among its siblings and in the run. */
  readonly before: { readonly index: number; readonly id: number };
}

/** Plain tasks that have not started. Their places are side by side, so that in start order nobody stands among them. */
export class Unstarted implements Waiter {
  readonly takesBack = false;
  readonly remainingMs = 0;
  readonly place: { readonly parent: TaskRecord; index: number };
  readonly owner: Kernel;
  priority: number;
  passed: Passed | undefined;
  readonly #options: UnstartedOptions;
  /** The claims of each, until it has a record. */
  readonly #tickets: (ClaimTicket<Claimant> | undefined)[] = [];
  /** Whether it stands in line for slots itself. */
  #inLine = false;
  #taken = 0;

  constructor(options: UnstartedOptions) {
    const { kernel, parent, spec, before } = options;
    this.#options = options;
    this.owner = kernel;
    this.place = { parent, index: before.index + 1 };
    this.priority = spec.priority ?? parent.priority;
  }

  get limits(): readonly Limit[] {
    return this.#options.spec.limits;
  }

  get weight(): number {
    return this.#options.spec.weight;
  }

  get estimate(): Estimate {
    return this.#options.spec.estimate;
  }

  get count(): number {
    return this.#options.batch.tasks.length - this.#taken;
  }

  get waits(): boolean {
    return this.#taken < this.#options.batch.tasks.length;
  }

  /** Enters what is claimed, and takes it if nothing is in the way. Returns whether it did. */
  claim(table: ClaimTable<Claimant>, specs: readonly TaskSpec[]): boolean {
    const { parent, before } = this.#options;
    let isClear = true;
    for (let at = 0; at < specs.length; at += 1) {
      const claims = specs[at]?.claims;
      const claimant = { parent, index: before.index + at + 1, id: before.id + at + 1 };
      const ticket = claims && table.add(claimant, claims);
      isClear &&= ticket?.clear ?? true;
      this.#tickets.push(ticket);
    }
    if (isClear) {
      this.#tickets.forEach((ticket) => ticket?.hold());
    }
    return isClear;
  }

  take(): TaskRecord {
    const { siblings } = this.#options;
    const record = makeRecord(this.#options, this.#taken, this.#taken);
    const ticket = this.#tickets[this.#taken];
    if (ticket !== undefined) {
      ticket.task = record;
      record.ticket = ticket;
    }
    this.passed?.restart();
    this.#taken += 1;
    this.place.index += 1;
    if (!this.waits) {
      siblings.unstarted = undefined;
    }
    return record;
  }

  /** Makes the records of all that are left, which are to be settled at once: they stand in no line. */
  takeAll(): readonly TaskRecord[] {
    const records: TaskRecord[] = [];
    while (this.waits) {
      records.push(this.take());
    }
    return records;
  }

  enterLine(): void {
    if (this.#options.kernel.options.log.wanted) {
      this.makeRecords();
    }
    if (this.waits) {
      this.#inLine = true;
      enqueue(this);
    }
  }

  /** Makes the records of all that are left, which from now on wait each for itself. */
  makeRecords(): void {
    const { kernel } = this.#options;
    if (this.#inLine) {
      stepAside(this);
    }
    const { passed } = this;
    this.passed = undefined; // Taking them would forget it.
    const records = this.takeAll();
    if (passed !== undefined && records[0] !== undefined) {
      records[0].passed = passed; // What is known of them is known of the first.
    }
    for (const record of records) {
      if (this.#inLine) {
        record.queued = true;
        record.priority = this.priority;
        enqueue(record);
      } else {
        kernel.advance(record);
      }
    }
  }
}

/** Makes the record of the task at a place of the order of adding. */
export function makeRecord(options: UnstartedOptions, place: number, index: number): TaskRecord {
  const { kernel, parent, siblings, batch, specs, before } = options;
  const key = keyOf(batch, index);
  const spec = specs?.[index] ?? options.spec;
  const run = functionOf(key, batch.tasks[index] as Task<unknown>); // An index of `tasks`.
  const task = { key, spec, run };
  const number = place + 1;
  const record = new TaskRecord(kernel, parent, task, before.index + number, before.id + number);
  record.context = options.context;
  record.watchers = options.watchers;
  linkChild(siblings, record);
  return record;
}
