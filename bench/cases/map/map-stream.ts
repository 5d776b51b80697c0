/** `map`, read by a loop, in the order of the source. */
import { map } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  let count = 0;
  for await (const value of map(items, task, { limit })) {
    count += value < 0 ? 0 : 1;
  }
  return count;
}
