/** The work of a `mapReduce` as one source: a reduction that has become possible goes before the next chunk. */
import { isThenable } from "../core/thenable.ts";
import type { MapContext } from "./map-options.ts";
import type { ChunkReader } from "./chunks.ts";
import { PlacedContext } from "./placed-context.ts";
import type { Pair, Place, Reduction } from "./reduction.ts";

/** One call of `map` or `reduce`. */
export interface ReduceJob {
  /** In the order of starts, over both kinds. */
  readonly number: number;
  /** Where its result goes. */
  readonly place: Place;
  readonly key: string;
  readonly run: (ctx: MapContext) => unknown;
}

/** A job that has ended. */
export interface ReduceResult {
  readonly job: ReduceJob;
  readonly value: unknown;
}

/** What the jobs are made of. */
export interface ReduceWork {
  readonly reader: ChunkReader;
  readonly reduction: Reduction;
  readonly map: (item: never, ctx: MapContext) => unknown;
  readonly reduce: (left: never, right: never, ctx: MapContext) => unknown;
}

type Step = IteratorResult<ReduceJob, undefined>;

/** Hands out jobs, one at a time, until all is one value. */
export class ReduceJobs implements AsyncIterableIterator<ReduceJob, undefined> {
  readonly #work: ReduceWork;
  /** The keys of jobs that have not ended, by number. */
  readonly #keys = new Map<number, string>();
  #started = 0;
  #chunks = 0;
  #isReading = false;
  #isRead = false;
  #read: { readonly item: unknown } | undefined;
  #failed: { readonly error: unknown } | undefined;
  #waiting: { resolve(step: Step): void; reject(error: unknown): void } | undefined;

  constructor(work: ReduceWork) {
    this.#work = work;
  }

  keyOf(number: number): string {
    return this.#keys.get(number) ?? String(number);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  async return(): Promise<Step> {
    const step: Step = { done: true, value: undefined };
    this.#isRead = true;
    this.#waiting?.resolve(step);
    this.#waiting = undefined;
    await this.#work.reader.close();
    return step;
  }

  /** A job has ended. */
  add({ job, value }: ReduceResult): void {
    this.#keys.delete(job.number);
    this.#work.reduction.add(job.place, value);
    this.#serve();
  }

  /** Answers whoever waits for the next job, if there is an answer. */
  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      return;
    }
    const { reduction } = this.#work;
    const pair = reduction.take();
    if (pair !== undefined) {
      this.#give(pair.place, pair.key, this.#reduceJob(pair));
    } else if (this.#failed !== undefined) {
      this.#waiting = undefined;
      waiting.reject(this.#failed.error);
    } else if (this.#read !== undefined) {
      const { item } = this.#read;
      const index = this.#chunks;
      this.#read = undefined;
      this.#chunks += 1;
      const { map } = this.#work;
      this.#give({ level: 0, position: index }, `map ${index}`, (ctx) => map(item as never, ctx)); // Its items are those of the source.
    } else if (!this.#isRead && !this.#isReading && reduction.hasRoom(this.#chunks)) {
      this.#readOn().catch((error: unknown) => this.#fail(error));
    } else if (this.#isRead && this.#keys.size === 0) {
      this.#waiting = undefined;
      waiting.resolve({ done: true, value: undefined });
    }
  }

  #reduceJob({ left, right }: Pair): (ctx: MapContext) => unknown {
    const { reduce } = this.#work;
    return (ctx) => reduce(left as never, right as never, ctx); // Both came from `map` or `reduce`.
  }

  #give(place: Place, key: string, run: (ctx: MapContext) => unknown): void {
    const job = { number: this.#started, place, key, run };
    this.#keys.set(job.number, key);
    this.#started += 1;
    this.#waiting?.resolve({ done: false, value: job });
    this.#waiting = undefined;
  }

  async #readOn(): Promise<void> {
    this.#isReading = true;
    this.#read = await this.#work.reader.next();
    this.#isReading = false;
    if (this.#read === undefined && !this.#isRead) {
      this.#isRead = true;
      this.#work.reduction.end(this.#chunks);
    }
    this.#serve();
  }

  #fail(error: unknown): void {
    this.#isReading = false;
    this.#isRead = true;
    this.#failed = { error };
    this.#serve();
  }
}

/** Runs a job, and says which it was with what it gave. */
export function runJob(job: ReduceJob, ctx: MapContext): ReduceResult | PromiseLike<ReduceResult> {
  // The place among chunks, or reductions, in place of that among jobs.
  const index = Math.max(0, job.place.position);
  const value = job.run(new PlacedContext(index, job.key, ctx));
  return isThenable(value) ? value.then((result) => ({ job, value: result })) : { job, value };
}
