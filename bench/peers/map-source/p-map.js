/** `p-map`: `pMapIterable`, in order. */
import { pMapIterable } from "p-map";

export async function run({ source, task }, limit) {
  let count = 0;
  for await (const value of pMapIterable(source(), task, { concurrency: limit })) {
    count += value < 0 ? 0 : 1;
  }
  return count;
}
