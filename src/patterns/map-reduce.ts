/** `mapReduce`: a source in chunks, a value from each, and one value from all. */
import type { Run } from "../core/run-options.ts";
import { Chunks, Items, type ChunkOptions } from "./chunks.ts";
import type { MapContext, MapFunction, MapOptions, MapSource } from "./map-options.ts";
import { mapSettings } from "./map-settings.ts";
import { MapStream } from "./map-stream.ts";
import { ReduceJobs, runJob, type ReduceJob, type ReduceResult } from "./reduce-jobs.ts";
import {
  AnyReduction,
  LeftReduction,
  TreeReduction,
  type Initial,
  type Reduction,
} from "./reduction.ts";

/** Options of `mapReduce` besides `map` and `chunk`. */
interface ReduceOptions<T> extends Omit<MapOptions, "order" | "batch" | "failure" | "cost"> {
  /**
   * Makes one value of two. Runs at the same limit as `map`, and goes before it.
   *
   * Contract: associative, except with `reduction: "left"`; also commutative with `"any"`. Leaves its arguments unchanged where a
   * failed attempt may be repeated.
   */
  readonly reduce: (left: T, right: T, ctx: MapContext) => T | PromiseLike<T>;
  /** Stands before all other values, and is the result for an empty source. @defaultValue none: an empty source is an error */
  readonly initial?: T | undefined;
  /**
   * What is reduced with what. `"tree"`: neighbours, as soon as both are there; left stands before right in the source, and the
   * result is the same in every run, whatever ends first. `"any"`: any two that are there. `"left"`: one after the other, from the
   * first to the last. @defaultValue "tree"
   */
  readonly reduction?: "tree" | "any" | "left" | undefined;
}

/** Options of `mapReduce` for a value from each item. */
export interface MapReduceOptions<I, T> extends ReduceOptions<T> {
  /** Makes a value of an item. `ctx.index` is the place of the item. */
  readonly map: MapFunction<I, T>;
  readonly chunk?: undefined;
}

/** Options of `mapReduce` for a value from each chunk. */
export interface ChunkedMapReduceOptions<I, T> extends ReduceOptions<T> {
  /** Makes a value of a chunk, which has at least one item. `ctx.index` is the place of the chunk. */
  readonly map: MapFunction<readonly I[], T>;
  /** How large chunks are: so many items, or as {@link ChunkOptions} say. */
  readonly chunk: number | ChunkOptions<I>;
}

/**
 * Makes a value of each item or chunk of a source, and one value of all of them, while they arrive.
 *
 * Holds O(limit · log n) values with the default `reduction`, O(limit + look-ahead) with `"left"`. A failure stops the run, as a
 * total without a part of it would be wrong.
 *
 * For an empty source the result is `initial`; without one it is a `TypeError`, as for `Array.prototype.reduce`.
 *
 * @throws `TypeError` or `RangeError`, at once, when an option is invalid.
 * @throws as a rejection: what `map` throws; the keys of failures are `map 3`, by the place of the chunk, and `reduce 0-7`, by those of
 * the chunks below.
 * @example
 * ```ts
 * import { mapReduce } from "fanfold";
 *
 * const lines = ["error a", "ok", "error b", "ok", "error c"];
 * const errors = await mapReduce(lines, {
 *   chunk: 2,
 *   map: (chunk) => chunk.filter((line) => line.startsWith("error")).length,
 *   reduce: (a, b) => a + b,
 * });
 * console.log(errors);
 * ```
 */
export function mapReduce<I, T>(
  source: MapSource<I>,
  options: ChunkedMapReduceOptions<I, T>,
): Run<T>;
export function mapReduce<I, T>(source: MapSource<I>, options: MapReduceOptions<I, T>): Run<T>;
export function mapReduce<I, T>(
  source: MapSource<I>,
  options: MapReduceOptions<I, T> | ChunkedMapReduceOptions<I, T>,
): Run<T> {
  const { map, reduce, chunk, initial, reduction: kind, ...rest } = options;
  checkFunction("map", map);
  checkFunction("reduce", reduce);
  const { window } = mapSettings(rest, false);
  const reduction = reductionOf(
    kind,
    initial === undefined ? undefined : { value: initial },
    window,
  );
  const reader =
    chunk === undefined
      ? new Items(source)
      : new Chunks(source, chunk as number | ChunkOptions<unknown>); // Its items are those of the source.
  const jobs = new ReduceJobs({ reader, reduction, map, reduce });
  const stream = new MapStream<ReduceResult>({
    source: jobs,
    fn: (job: ReduceJob, ctx) => runJob(job, ctx),
    options: { ...rest, order: "completion", failure: "stop" },
    settles: false,
    caller: mapReduce,
    keyOf: (number) => jobs.keyOf(number),
  });
  const promise = stream.forEach((result) => jobs.add(result)).then(() => resultOf(reduction) as T); // `map` and `reduce` made it.
  return Object.defineProperties(promise, {
    events: { get: () => stream.events },
    report: { get: () => stream.report },
    cancel: { value: (reason?: unknown): void => stream.cancel(reason) },
  }) as Run<T>; // The three properties defined here are all that Run adds.
}

function reductionOf(
  kind: ReduceOptions<unknown>["reduction"],
  initial: Initial,
  window: number,
): Reduction {
  switch (kind) {
    case undefined:
    case "tree":
      return new TreeReduction(initial);
    case "any":
      return new AnyReduction(initial);
    case "left":
      return new LeftReduction(initial, window);
    default:
      throw new TypeError(
        `Cannot reduce as "reduction" must be "tree", "any" or "left": ${String(kind)}`,
      );
  }
}

function resultOf(reduction: Reduction): unknown {
  if (reduction.result === undefined) {
    throw new TypeError('Cannot reduce an empty source as there is no "initial"');
  }
  return reduction.result.value;
}

function checkFunction(name: string, given: unknown): void {
  if (typeof given !== "function") {
    throw new TypeError(`Cannot reduce as "${name}" must be a function: ${typeof given}`);
  }
}
