/** `effect`: `forEach` with a concurrency. */
import { Effect } from "effect";

export async function run({ items, task }, limit) {
  const each = (item) => Effect.promise(() => task(item));
  const results = await Effect.runPromise(Effect.forEach(items, each, { concurrency: limit }));
  return results.length;
}
