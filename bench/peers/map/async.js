/** `async`: `mapLimit`, with the function wrapped by the package, as plain functions that return promises hang. */
import async from "async";

export async function run({ items, task }, limit) {
  const results = await async.mapLimit(items, limit, async.asyncify(task));
  return results.length;
}
