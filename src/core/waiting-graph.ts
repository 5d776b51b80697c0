/**
 * The tasks of a batch that wait for each other: who comes after whom is a list of numbers, and the record of a task is made when
 * the last of those before it has ended. A hundred thousand records that only wait cost more than all that is done with them.
 *
 * Whoever must see the waiting tasks one by one calls `makeRecords` first.
 */
import { edgeTo, endOf, untilOf, type Edges } from "./batch-shape.ts";
import type { Telling } from "./dependents.ts";
import { endDependency } from "./settle-record.ts";
import type { TaskRecord } from "./task-record.ts";
import { makeRecord, type UnstartedOptions } from "./unstarted.ts";

/** Tasks by their places in topological order. */
export class WaitingGraph {
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

  constructor(options: UnstartedOptions, edges: Edges) {
    const count = options.batch.tasks.length;
    this.#options = options;
    this.#order = edges.order;
    this.#made = new Uint8Array(count);
    this.#unmet = new Uint32Array(count);
    this.#starts = new Uint32Array(count + 1);
    this.#after = new Uint32Array(edges.before.length);
    this.#turnAround(edges);
  }

  /** Lets those go on that come after no other. */
  begin(): void {
    for (let place = 0; place < this.#unmet.length; place += 1) {
      if (this.#unmet[place] === 0) {
        this.#options.kernel.advance(this.#make(place));
      }
    }
  }

  /** A task has completed: those after it go on when it was the last that they came after. */
  tell(record: TaskRecord): void {
    const { kernel } = this.#options;
    const [first, end] = this.#edgesFrom(record);
    for (let at = first; at < end; at += 1) {
      const next = endOf(this.#after[at] as number);
      const unmet = this.#unmet[next] as number;
      const dependent = this.#early.get(next) ?? (unmet === 1 ? this.#make(next) : undefined);
      this.#unmet[next] = unmet - 1;
      if (dependent !== undefined) {
        endDependency(kernel, dependent, record, "completed");
      }
    }
  }

  /** Those after a task that did not complete. They have records from now on, as most of them are skipped. */
  dependentsOf(before: TaskRecord): Telling[] {
    const tellings: Telling[] = [];
    const [first, end] = this.#edgesFrom(before);
    for (let at = first; at < end; at += 1) {
      const edge = this.#after[at] as number;
      tellings.push({ before, record: this.#makeEarly(endOf(edge)), until: untilOf(edge) });
    }
    return tellings;
  }

  /** Makes the records of all that have none. */
  makeRecords(): void {
    for (let place = 0; place < this.#made.length; place += 1) {
      if (this.#made[place] === 0) {
        this.#makeEarly(place);
      }
    }
  }

  /** Where in `#after` those stand that come after a task. */
  #edgesFrom(record: TaskRecord): readonly [first: number, end: number] {
    const place = record.index - this.#options.before.index - 1;
    // None for one that is not of this batch.
    return [this.#starts[place] ?? 0, this.#starts[place + 1] ?? 0];
  }

  #makeEarly(place: number): TaskRecord {
    let record = this.#early.get(place);
    if (record === undefined) {
      record = this.#make(place);
      this.#early.set(place, record);
    }
    return record;
  }

  #make(place: number): TaskRecord {
    this.#made[place] = 1;
    const record = makeRecord(this.#options, place, this.#order?.[place] ?? place);
    record.unmet = this.#unmet[place] as number; // It has as many places as there are tasks.
    return record;
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
