/** `@supercharge/promise-pool`. */
import { PromisePool } from "@supercharge/promise-pool";

export async function run({ items, task }, limit) {
  const { results } = await PromisePool.withConcurrency(limit).for(items).process(task);
  return results.length;
}
