/** `p-map`: one function over all items; no promise for each outside. */
import pMap from "p-map";

export async function run(functions, limit) {
  const results = await pMap(functions, (task) => task(), { concurrency: limit });
  return results.length;
}
