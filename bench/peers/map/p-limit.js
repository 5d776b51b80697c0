/** `p-limit`: its `map`. */
import pLimit from "p-limit";

export async function run({ items, task }, limit) {
  const results = await pLimit(limit).map(items, task);
  return results.length;
}
