/** `p-queue`: a function for each item. */
import PQueue from "p-queue";

export async function run({ items, task }, limit) {
  const queue = new PQueue({ concurrency: limit });
  const results = await queue.addAll(items.map((item) => () => task(item)));
  return results.length;
}
