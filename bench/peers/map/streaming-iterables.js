/** `streaming-iterables`: `parallelMap`, collected. */
import { collect, parallelMap } from "streaming-iterables";

export async function run({ items, task }, limit) {
  const results = await collect(parallelMap(limit, task, items));
  return results.length;
}
