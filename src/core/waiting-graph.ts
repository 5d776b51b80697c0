/**
 * The tasks of a batch that wait for each other: who comes after whom is a list of numbers, and the record of a task is made when
 * the last of those before it has ended. A hundred thousand records that only wait cost more than all that is done with them.
 *
 * Whoever must see the waiting tasks one by one calls `makeRecords` first.
 */
import { edgeTo, endOf, untilOf, type Edges } from "./batch-shape.ts";
import type { Outcome } from "./outcome.ts";
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
  #early: (TaskRecord | undefined)[] | undefined;

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

  /** A task of the batch has its outcome: those after it go on or are skipped. */
  tell(record: TaskRecord, { status }: Outcome<unknown>): void {
    const { kernel, before } = this.#options;
    const place = record.index - before.index - 1;
    const end = this.#starts[place + 1] as number; // All that are read here were filled in `#turnAround`.
    for (let at = this.#starts[place] as number; at < end; at += 1) {
      const edge = this.#after[at] as number;
      const next = endOf(edge);
      const until = untilOf(edge);
      let dependent = this.#early?.[next];
      const unmet = this.#unmet[next] as number;
      const isNext = unmet === 1 || (until === "completed" && status !== "completed");
      if (isNext && this.#made[next] === 0) {
        dependent = this.#make(next);
      }
      this.#unmet[next] = unmet - 1;
      if (dependent !== undefined) {
        kernel.endDependency(dependent, record, until);
      }
    }
  }

  /** Makes the records of all that have none. */
  makeRecords(): void {
    if (this.#early === undefined) {
      this.#early = [];
      for (let place = 0; place < this.#made.length; place += 1) {
        this.#early.push(this.#made[place] === 0 ? this.#make(place) : undefined);
      }
    }
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
