/** `map` at a shared `limit()`: through the kernel. */
import { limit, map } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, concurrency: number): Promise<number> {
  const shared = limit(concurrency);
  const results = await map(items, task, { limit: shared }).toArray();
  return results.length;
}
