/** `p-map`. */
import pMap from "p-map";

export async function run({ items, task }, limit) {
  const results = await pMap(items, task, { concurrency: limit });
  return results.length;
}
