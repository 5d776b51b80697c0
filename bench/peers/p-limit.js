/** `p-limit`: a function that queues functions and returns a promise for each. */
import pLimit from "p-limit";

export async function run(functions, limit) {
  const queue = pLimit(limit);
  const results = await Promise.all(functions.map((task) => queue(task)));
  return results.length;
}
