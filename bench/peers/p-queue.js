/** `p-queue`: a queue object that returns a promise for each function. */
import PQueue from "p-queue";

export async function run(functions, limit) {
  const queue = new PQueue({ concurrency: limit });
  const results = await queue.addAll(functions);
  return results.length;
}
