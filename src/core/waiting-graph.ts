/**
 * The tasks of a batch that wait for each other, as one: who comes after whom is a list of numbers, those that are ready stand in
 * line as a set of numbers, and the record of a task is made when it starts or is skipped. A hundred thousand records that only
 * wait cost more than all that is done with them.
 *
 * Whoever must see the waiting tasks one by one calls `makeRecords` first; then, and when anybody else comes to stand in line, each
 * waits for itself, as if it had always.
 */
import { edgeTo, endOf, untilOf, type Edges } from "./batch-shape.ts";
import type { Telling } from "./dependents.ts";
import type { Limit } from "./limits/limit.ts";
import { enqueue, isWaitedFor, type Crowd } from "./limits/line.ts";
import { noteEnabledBy } from "./notes.ts";
import { ReadySet } from "./ready-set.ts";
import { endDependency } from "./settle-record.ts";
import type { TaskRecord } from "./task-record.ts";
import { makeRecord, type UnstartedOptions } from "./unstarted.ts";

/** Tasks by their places in topological order, which is also their start order. */
export class WaitingGraph implements Crowd {
  readonly #options: UnstartedOptions;
  readonly #order: Edges["order"];
  /** How many edges to each task are open. */
  readonly #unmet: Uint32Array;
  /** For each task where in `#after` those begin that come after it; at last, where all end. */
  readonly #starts: Uint32Array;
  readonly #after: Uint32Array;
  /** Which tasks have had their records made. */
  readonly #made: Uint8Array;
  /** The records that were made before their time. */
  readonly #early = new Map<number, TaskRecord>();
  /** Whether those that are ready stand in line without records. Once they no longer do, they never do again. */
  #isCrowd: boolean;
  /** Ready, but not yet in line. */
  readonly #arriving: Uint32Array;
  #arrivingCount = 0;
  /** In line. */
  readonly #ready: ReadySet;
  #inLine = 0;
  /** Who came last into line. */
  #latest = 0;
  /** Since when somebody in line may have been passed over; undefined while all have come in the order of their places. */
  #passedSinceMs: number | undefined;
  /** When each came into line, for those that came since then. */
  readonly #cameAtMs: Float64Array;

  constructor(options: UnstartedOptions, edges: Edges) {
    const count = options.batch.tasks.length;
    this.#options = options;
    this.#order = edges.order;
    this.#made = new Uint8Array(count);
    this.#unmet = new Uint32Array(count);
    this.#starts = new Uint32Array(count + 1);
    this.#after = new Uint32Array(edges.before.length);
    this.#isCrowd = hasPlainLine(options.spec.limits);
    this.#arriving = new Uint32Array(count);
    this.#ready = new ReadySet(count);
    this.#cameAtMs = new Float64Array(count);
    this.#turnAround(edges);
  }

  get limits(): readonly Limit[] {
    return this.#options.spec.limits;
  }

  get waiting(): number {
    return this.#inLine;
  }

  /** Lets those go on that come after no other. */
  begin(): void {
    for (let place = 0; place < this.#unmet.length; place += 1) {
      if (this.#unmet[place] === 0) {
        this.#goOn(place, undefined);
      }
    }
  }

  /** A task has completed: those go on for which it was the last that they came after. */
  tell(record: TaskRecord): void {
    const place = this.#placeOf(record);
    const end = this.#starts[place + 1] ?? 0; // None for a task that is not of this batch.
    for (let at = this.#starts[place] ?? 0; at < end; at += 1) {
      const next = endOf(this.#after[at] as number); // All that are read here were filled in `#turnAround`.
      if (this.#made[next] === 1) {
        endDependency(this.#options.kernel, this.#makeEarly(next), record, "completed");
      } else {
        const unmet = (this.#unmet[next] as number) - 1;
        this.#unmet[next] = unmet;
        if (unmet === 0) {
          this.#goOn(next, record);
        }
      }
    }
  }

  /** Those after a task that did not complete. They have records from now on, as most of them are skipped. */
  dependentsOf(before: TaskRecord): Telling[] {
    const tellings: Telling[] = [];
    const place = this.#placeOf(before);
    const end = this.#starts[place + 1] ?? 0; // As in `tell`.
    for (let at = this.#starts[place] ?? 0; at < end; at += 1) {
      const edge = this.#after[at] as number;
      tellings.push({ before, record: this.#makeEarly(endOf(edge)), until: untilOf(edge) });
    }
    return tellings;
  }

  /** Puts those that have become ready in line: as numbers where nobody else stands there. */
  enterLine(): void {
    const limit = this.limits[0];
    if (limit === undefined || this.#arrivingCount === 0) {
      return; // They have got their records meanwhile.
    }
    if (
      this.#options.kernel.options.log.wanted ||
      !hasPlainLine(this.limits) ||
      (limit.crowd !== this && isWaitedFor(limit))
    ) {
      this.makeWay();
      return;
    }
    limit.crowd = this;
    for (let at = 0; at < this.#arrivingCount; at += 1) {
      this.#enter(this.#arriving[at] as number); // It has as many places as there are tasks.
    }
    this.#arrivingCount = 0;
  }

  startFirst(limit: Limit): boolean {
    const { spec, kernel } = this.#options;
    if (!limit.fits(spec.weight)) {
      return false;
    }
    if (this.#passedSinceMs !== undefined && kernel.hasAged(this.#passedSinceMs)) {
      this.makeWay(); // Those who have been passed over for too long go first: that is for the queue to say.
      return false;
    }
    const place = this.#take();
    if (place < 0) {
      return false;
    }
    limit.take(spec.weight);
    this.#make(place).start();
    return true;
  }

  makeWay(): void {
    this.#isCrowd = false;
    const waiting: number[] = [];
    for (let place = this.#take(); place >= 0; place = this.#take()) {
      waiting.push(place);
    }
    const since = this.#passedSinceMs;
    const cameAtMs = (place: number): number => this.#cameAtMs[place] as number; // All places are in it.
    if (since !== undefined) {
      waiting.sort((a, b) => cameAtMs(a) - cameAtMs(b)); // The longest waiting is put in line first.
    }
    for (const place of waiting) {
      const record = this.#make(place);
      record.queued = true;
      enqueue(record, since === undefined ? undefined : Math.max(since, cameAtMs(place)));
    }
    const arriving = this.#arriving.subarray(0, this.#arrivingCount);
    this.#arrivingCount = 0;
    for (const place of arriving) {
      this.#options.kernel.advance(this.#make(place));
    }
  }

  /** Makes the records of all that have none. */
  makeRecords(): void {
    this.makeWay();
    for (let place = 0; place < this.#made.length; place += 1) {
      if (this.#made[place] === 0) {
        this.#makeEarly(place);
      }
    }
  }

  #placeOf(record: TaskRecord): number {
    return record.index - this.#options.before.index - 1;
  }

  /** Those that a task came after have ended, `by` at last. */
  #goOn(place: number, by: TaskRecord | undefined): void {
    const { kernel } = this.#options;
    if (this.#isCrowd) {
      this.#arriving[this.#arrivingCount] = place;
      this.#arrivingCount += 1;
      if (this.#arrivingCount === 1) {
        kernel.ready.push(this);
      }
      return;
    }
    const record = this.#make(place);
    if (by !== undefined) {
      noteEnabledBy(kernel.options.log, record, by);
    }
    kernel.advance(record);
  }

  #enter(place: number): void {
    const { kernel } = this.#options;
    if (this.#inLine === 0) {
      this.#passedSinceMs = undefined;
    } else if (this.#passedSinceMs === undefined && place < this.#latest) {
      this.#passedSinceMs = kernel.now();
    }
    if (this.#passedSinceMs !== undefined) {
      this.#cameAtMs[place] = kernel.now();
    }
    this.#latest = place;
    this.#inLine += 1;
    this.#ready.add(place);
  }

  /** Takes the first out of the line; -1 when nobody stands there. */
  #take(): number {
    const place = this.#ready.takeFirst();
    if (place >= 0) {
      this.#inLine -= 1;
    }
    const limit = this.limits[0];
    if (this.#inLine === 0 && limit?.crowd === this) {
      limit.crowd = undefined; // A limit may live longer than the run.
    }
    return place;
  }

  #makeEarly(place: number): TaskRecord {
    let record = this.#early.get(place);
    if (record === undefined) {
      record = this.#make(place);
      record.unmet = this.#unmet[place] as number; // It has as many places as there are tasks.
      this.#early.set(place, record);
    }
    return record;
  }

  #make(place: number): TaskRecord {
    this.#made[place] = 1;
    return makeRecord(this.#options, place, this.#order?.[place] ?? place);
  }

  /** Finds who comes after whom from who comes before whom. Those after one are in the order of their places. */
  #turnAround({ starts, before, order }: Edges): void {
    const places = new Uint32Array(this.#made.length);
    for (let place = 0; place < places.length; place += 1) {
      places[order?.[place] ?? place] = place;
    }
    const ends = this.#starts;
    for (const edge of before) {
      (ends[places[endOf(edge)] as number] as number) += 1;
    }
    for (let place = 1; place < ends.length; place += 1) {
      (ends[place] as number) += ends[place - 1] as number;
    }
    // Each edge that is put in its place moves the end to where those of its task begin.
    for (let place = places.length - 1; place >= 0; place -= 1) {
      const index = order?.[place] ?? place;
      const first = starts[index] as number;
      let at = starts[index + 1] as number;
      this.#unmet[place] = at - first;
      while (at > first) {
        at -= 1;
        const edge = before[at] as number;
        const to = places[endOf(edge)] as number;
        (ends[to] as number) -= 1;
        this.#after[ends[to] as number] = edgeTo(place, untilOf(edge));
      }
    }
  }
}

/** Whether there is one line to stand in, where slots are all that is waited for. */
function hasPlainLine(limits: readonly Limit[]): boolean {
  return limits.length === 1 && limits[0]?.gate === undefined;
}
