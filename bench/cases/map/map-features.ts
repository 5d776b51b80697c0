/** `map` with timeout, retry, collected errors and a signal, none of which is needed. */
import { map } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  const { signal } = new AbortController();
  const options = { limit, timeoutMs: 60_000, retry: 3, failure: "continue", signal } as const;
  const results = await map(items, task, options).toArray();
  return results.length;
}
