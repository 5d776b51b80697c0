/** `map` and `mapSettled`: one function over many items, at a limit, as a stream. */
import type { Outcome } from "../core/outcome.ts";
import type { MapFunction, MapOptions, MapRun, MapSource } from "./map-options.ts";
import { MapStream } from "./map-stream.ts";

/**
 * Calls `fn` with every item of a source, a limited number at a time, and gives its values in the order of the source.
 *
 * Items are pulled only when there is room: memory is O(limit + look-ahead) however long the source is, except for what `toArray`
 * collects. The first failure stops the run; with `failure: "continue"` the others go on, failed items are left out, and the
 * failures are thrown at the end, together. When a run is stopped, results that were not read yet are dropped.
 *
 * `timeoutMs` never ends an attempt early; while thousands start in a millisecond, it may be noticed an eighth late. A long run of
 * instant tasks lets the event loop turn at least every 8 ms; one task that gives no control back can not be interrupted.
 *
 * @throws `TypeError` or `RangeError`, at once, when an option is invalid.
 * @throws while results are read: `TasksFailedError` with every failure; `SourceFailedError` when the source itself throws;
 * `CancelledError` when the run was cancelled; `TimedOutError` when `deadlineMs` has passed.
 * @example
 * ```ts
 * import { map } from "fanfold";
 *
 * const pages = ["a", "b", "c"];
 * for await (const length of map(pages, async (page) => page.length, { limit: 2 })) {
 *   console.log(length);
 * }
 * ```
 */
export function map<I, T>(
  source: MapSource<I>,
  fn: MapFunction<I, T>,
  options: MapOptions<I> = {},
): MapRun<T> {
  return new MapStream<T>({ source, fn, options, settles: false, caller: map });
}

/**
 * Like {@link map}, and gives how each task ended: an outcome per item, `failed` and `cancelled` ones too.
 *
 * Never throws because a task failed, except with `failure: "stop"`: then, and when the run is cancelled, the outcomes of all items
 * that were pulled come first. Items that were not pulled have no outcome.
 *
 * @throws as {@link map}.
 * @example
 * ```ts
 * import { mapSettled } from "fanfold";
 *
 * for await (const outcome of mapSettled(["1", "x"], (text) => BigInt(text))) {
 *   console.log(outcome.key, outcome.status);
 * }
 * ```
 */
export function mapSettled<I, T>(
  source: MapSource<I>,
  fn: MapFunction<I, T>,
  options: MapOptions<I> = {},
): MapRun<Outcome<T>> {
  return new MapStream<Outcome<T>>({ source, fn, options, settles: true, caller: mapSettled });
}
