/**
 * The tasks of a batch that wait for each other or for a slot, as one: who comes after whom is a list of numbers, and the record of
 * a task is made when it starts or is skipped. A hundred thousand records that only wait cost more than all that is done with them.
 *
 * Whoever must see the waiting tasks one by one calls `makeRecords` first; from then on each waits for itself, as if it had always.
 */
import { edgeTo, endOf, keyOf, untilOf, type Batch, type Edges } from "./batch-shape.ts";
import type { ContextRunner } from "./context.ts";
import { skipCause } from "./dependents.ts";
import type { Kernel } from "./kernel.ts";
import { enqueue, isIdle, type Crowd, type Limit } from "./limit.ts";
import { noteEnabledBy } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { ReadySet } from "./ready-set.ts";
import { linkChild, sortChildren, TaskRecord, type Children, type Watcher } from "./task-record.ts";
import { functionOf, type TaskSpec } from "./task-spec.ts";
import type { Task } from "./task.ts";

/** What the records will be made of. */
export interface GraphOptions {
  readonly kernel: Kernel;
  readonly parent: TaskRecord;
  readonly siblings: Children;
  readonly batch: Batch;
  /** What was declared of a task that declares nothing. */
  readonly plain: TaskSpec;
  readonly specs: readonly TaskSpec[] | undefined;
  readonly edges: Edges | undefined;
  /** The longest path from each task to the end, by index. */
  readonly remaining: Float64Array | undefined;
  readonly context: ContextRunner | undefined;
  readonly watchers: readonly Watcher[];
  /** The number of the task before the first, among its siblings and in the run. */
  readonly before: { readonly index: number; readonly id: number };
}

/** Whether a task can wait without a record: in the line of its run, for nothing but a slot and the tasks before it. */
export function waitsPlainly(spec: TaskSpec, plain: TaskSpec): boolean {
  return (
    spec.limits === plain.limits &&
    spec.weight === plain.weight &&
    spec.priority === undefined &&
    spec.claims === undefined &&
    spec.deadlineMs === undefined &&
    !spec.always
  );
}

/** Tasks by their places in topological order. Those that are ready stand in line by their ranks: their numbers in start order. */
export class WaitingGraph implements Crowd {
  readonly limits: readonly Limit[];
  readonly #options: GraphOptions;
  readonly #count: number;
  /** How many edges to each task are open. */
  readonly #unmet: Uint32Array;
  /** For each task where in `#after` those begin that come after it, and where all end. */
  readonly #starts: Uint32Array;
  readonly #after: Uint32Array;
  /** Which tasks have had their records made, and how many have not. */
  readonly #made: Uint8Array;
  #left: number;
  /** The records made by `makeRecords`. */
  #records: (TaskRecord | undefined)[] | undefined;
  /** Both undefined where the start order is that of the places. */
  readonly #rankOf: Uint32Array | undefined;
  readonly #placeAt: Uint32Array | undefined;
  /** Ready, but not yet in line. */
  #arriving: number[] = [];
  /** In line, by rank. */
  readonly #ready: ReadySet;
  /** Of those the ones that were passed over for too long: they go first. */
  #aged: ReadySet | undefined;
  #inLine = 0;
  /** The ranks of all that ever stood in line, as they came. */
  readonly #arrivals: Uint32Array;
  /** Since when each was passed over, where one came that goes before others in line. */
  readonly #sinceMs: Float64Array;
  #arrived = 0;
  /** Where in `#arrivals` the present line begins. */
  #lineStart = 0;
  /** Those before this one have left the line or aged. */
  #oldest = 0;
  #isOutOfOrder = false;

  constructor(options: GraphOptions) {
    this.#options = options;
    this.limits = options.plain.limits;
    const { length } = options.batch.tasks;
    this.#count = length;
    this.#left = length;
    this.#made = new Uint8Array(length);
    this.#ready = new ReadySet(length);
    this.#arrivals = new Uint32Array(length);
    this.#sinceMs = new Float64Array(length);
    const { unmet, starts, after } = turnAround(length, options.edges);
    this.#unmet = unmet;
    this.#starts = starts;
    this.#after = after;
    const ranks = rankPlaces(options);
    this.#rankOf = ranks?.rankOf;
    this.#placeAt = ranks?.placeAt;
  }

  /** Lets those go on that come after no other. */
  begin(): void {
    for (let place = 0; place < this.#count; place += 1) {
      if (this.#unmet[place] === 0) {
        this.#goOn(place, undefined);
      }
    }
  }

  /** A task has its outcome: those after it go on or are skipped. */
  tell(record: TaskRecord, outcome: Outcome<unknown>): void {
    const { kernel, before } = this.#options;
    const place = record.index - before.index - 1;
    const end = this.#starts[place + 1] ?? 0; // None, for a task that is not of this batch.
    for (let at = this.#starts[place] ?? end; at < end; at += 1) {
      const edge = this.#after[at] ?? 0;
      const next = endOf(edge);
      const unmet = (this.#unmet[next] ?? 0) - 1;
      this.#unmet[next] = unmet;
      const made = this.#records?.[next];
      if (made !== undefined) {
        kernel.endDependency(made, record, untilOf(edge));
      } else if (this.#made[next] === 1) {
        continue; // It was skipped because of another.
      } else if (untilOf(edge) === "completed" && outcome.status !== "completed") {
        const skipped = this.#make(next);
        noteEnabledBy(kernel.options.log, skipped, record);
        kernel.skip(skipped, skipCause(record));
      } else if (unmet === 0) {
        this.#goOn(next, record);
      }
    }
  }

  /** Puts those that have become ready in line: as a crowd where nobody else stands there. */
  enterLine(): void {
    const arriving = this.#arriving;
    this.#arriving = [];
    const [limit] = this.limits;
    if (this.#options.kernel.options.log.wanted || limit === undefined) {
      for (const place of arriving) {
        this.#options.kernel.advance(this.#make(place));
      }
      return;
    }
    if (arriving.length > 0 && limit.crowd !== this && isIdle(limit)) {
      limit.crowd = this;
    }
    for (const place of arriving) {
      if (limit.crowd === this) {
        this.#arrive(this.#rankOf?.[place] ?? place);
      } else {
        const record = this.#make(place);
        record.queued = true;
        enqueue(record);
      }
    }
    this.#leaveIfDone();
  }

  startFirst(limit: Limit): boolean {
    if (this.#isOutOfOrder) {
      this.#age();
    }
    const aged = this.#aged?.first ?? -1;
    const rank = aged < 0 ? this.#ready.first : aged;
    const { weight } = this.#options.plain;
    if (rank < 0 || !limit.fits(weight)) {
      return false;
    }
    const record = this.#takeFromLine(rank);
    this.#leaveIfDone();
    limit.take(weight);
    record.start();
    return true;
  }

  makeWay(): void {
    const end = this.#arrived;
    const wasOutOfOrder = this.#isOutOfOrder;
    for (let at = this.#lineStart; at < end; at += 1) {
      const rank = this.#arrivals[at] ?? 0;
      if (this.#ready.has(rank) || this.#aged?.has(rank) === true) {
        const record = this.#takeFromLine(rank);
        if (wasOutOfOrder) {
          record.passedSinceMs = this.#sinceMs[at];
        }
        record.queued = true;
        enqueue(record);
      }
    }
  }

  /** Makes the records of all that have none, which from now on wait each for itself. */
  makeRecords(): void {
    if (this.#records !== undefined) {
      return;
    }
    const { kernel, siblings } = this.#options;
    const [limit] = this.limits;
    if (limit?.crowd === this) {
      limit.crowd = undefined;
      this.makeWay();
    }
    const arriving = this.#arriving;
    this.#arriving = [];
    const records: (TaskRecord | undefined)[] = [];
    this.#records = records;
    for (let place = 0; place < this.#count; place += 1) {
      const isMade = this.#made[place] === 1;
      const record = isMade ? undefined : this.#make(place);
      if (record !== undefined) {
        record.unmet = this.#unmet[place] ?? 0;
      }
      records.push(record);
    }
    sortChildren(siblings);
    for (const place of arriving) {
      const record = records[place];
      if (record !== undefined) {
        kernel.advance(record);
      }
    }
  }

  /** The last task that `place` came after has ended. */
  #goOn(place: number, by: TaskRecord | undefined): void {
    const { kernel } = this.#options;
    const { log } = kernel.options;
    if (this.limits.length === 0 || log.wanted) {
      const record = this.#make(place);
      if (by !== undefined) {
        noteEnabledBy(log, record, by);
      }
      kernel.advance(record);
      return;
    }
    this.#arriving.push(place);
    if (this.#arriving.length === 1) {
      kernel.pushReady(this);
    }
  }

  #arrive(rank: number): void {
    const at = this.#arrived;
    if (this.#inLine === 0) {
      this.#lineStart = at;
      this.#oldest = at;
      this.#isOutOfOrder = false;
    } else if (!this.#isOutOfOrder && rank < (this.#arrivals[at - 1] ?? 0)) {
      // Until now nobody was passed over.
      this.#isOutOfOrder = true;
      this.#sinceMs.fill(this.#options.kernel.now(), this.#lineStart, at);
    }
    if (this.#isOutOfOrder) {
      this.#sinceMs[at] = this.#options.kernel.now();
    }
    this.#arrivals[at] = rank;
    this.#arrived = at + 1;
    this.#ready.add(rank);
    this.#inLine += 1;
  }

  /** Lets those go first that have been passed over for too long. */
  #age(): void {
    const { kernel } = this.#options;
    for (; this.#oldest < this.#arrived; this.#oldest += 1) {
      const rank = this.#arrivals[this.#oldest] ?? 0;
      if (this.#ready.has(rank)) {
        if (!kernel.hasAged(this.#sinceMs[this.#oldest] ?? 0)) {
          return;
        }
        this.#aged ??= new ReadySet(this.#count);
        this.#aged.add(rank);
        this.#ready.delete(rank);
      }
    }
  }

  #takeFromLine(rank: number): TaskRecord {
    this.#inLine -= 1;
    const record = this.#make(this.#placeAt?.[rank] ?? rank);
    if (this.#aged?.has(rank) === true) {
      this.#aged.delete(rank);
      record.priority = Infinity;
    } else {
      this.#ready.delete(rank);
    }
    return record;
  }

  /** A limit may live longer than the run. */
  #leaveIfDone(): void {
    const [limit] = this.limits;
    if (this.#left === 0 && limit?.crowd === this) {
      limit.crowd = undefined;
    }
  }

  #make(place: number): TaskRecord {
    const options = this.#options;
    const { kernel, parent, siblings, batch, before } = options;
    const index = options.edges?.order?.[place] ?? place;
    const key = keyOf(batch, index);
    const run = functionOf(key, batch.tasks[index] as Task<unknown>); // An index of `tasks`.
    const spec = options.specs?.[index] ?? options.plain;
    const number = place + 1;
    const task = { key, spec, run };
    const record = new TaskRecord(kernel, parent, task, before.index + number, before.id + number);
    record.remainingMs = options.remaining?.[index] ?? 0;
    record.context = options.context;
    record.watchers = options.watchers;
    this.#made[place] = 1;
    this.#left -= 1;
    linkChild(siblings, record);
    return record;
  }
}

interface Dependents {
  readonly unmet: Uint32Array;
  readonly starts: Uint32Array;
  readonly after: Uint32Array;
}

/** Who comes after whom, from who comes before whom; by places. Those after one are in the order of their places. */
function turnAround(count: number, edges: Edges | undefined): Dependents {
  const unmet = new Uint32Array(count);
  const starts = new Uint32Array(count + 1);
  if (edges === undefined) {
    return { unmet, starts, after: new Uint32Array(0) };
  }
  const { before, order } = edges;
  const after = new Uint32Array(before.length);
  const places = order && invert(order);
  for (const edge of before) {
    const place = places?.[endOf(edge)] ?? endOf(edge);
    starts[place] = (starts[place] ?? 0) + 1;
  }
  // First where the edges of each end; each edge that is then put there moves it towards where they begin.
  let total = 0;
  for (let place = 0; place <= count; place += 1) {
    total += starts[place] ?? 0;
    starts[place] = total;
  }
  for (let place = count - 1; place >= 0; place -= 1) {
    const index = order?.[place] ?? place;
    const first = edges.starts[index] ?? 0;
    const end = edges.starts[index + 1] ?? 0;
    unmet[place] = end - first;
    for (let at = end - 1; at >= first; at -= 1) {
      const edge = before[at] ?? 0;
      const to = places?.[endOf(edge)] ?? endOf(edge);
      const slot = (starts[to] ?? 0) - 1;
      starts[to] = slot;
      after[slot] = edgeTo(place, untilOf(edge));
    }
  }
  return { unmet, starts, after };
}

/** Start order: the longest remaining path, then place. */
function rankPlaces({
  batch,
  edges,
  remaining,
}: GraphOptions): { readonly rankOf: Uint32Array; readonly placeAt: Uint32Array } | undefined {
  if (remaining === undefined) {
    return undefined;
  }
  const remainingAt = (place: number): number => remaining[edges?.order?.[place] ?? place] ?? 0;
  const placeAt = Uint32Array.from(batch.tasks.keys()).sort(
    (a, b) => remainingAt(b) - remainingAt(a) || a - b,
  );
  return { placeAt, rankOf: invert(placeAt) };
}

function invert(order: ArrayLike<number>): Uint32Array {
  const inverse = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    inverse[order[at] ?? 0] = at;
  }
  return inverse;
}
