/** `map`, with nothing but a limit. */
import { map } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  const results = await map(items, task, { limit }).toArray();
  return results.length;
}
