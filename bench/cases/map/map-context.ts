/** `map` with a function that takes the context, and does not read its signal. */
import { map, type MapContext } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  let contexts = 0;
  const withContext = (item: number, ctx: MapContext): Promise<number> => {
    contexts += ctx === undefined ? 0 : 1;
    return task(item);
  };
  const results = await map(items, withContext, { limit }).toArray();
  return Math.min(results.length, contexts);
}
