/** `Readable.map` of Node: experimental, and with an object for each item. */
import { Readable } from "node:stream";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  const results = await Readable.from(items)
    .map((item: number) => task(item), { concurrency: limit })
    .toArray();
  return results.length;
}
