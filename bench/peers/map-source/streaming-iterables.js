/** `streaming-iterables`: `parallelMap`, in order. */
import { parallelMap } from "streaming-iterables";

export async function run({ source, task }, limit) {
  let count = 0;
  for await (const value of parallelMap(limit, task, source())) {
    count += value < 0 ? 0 : 1;
  }
  return count;
}
