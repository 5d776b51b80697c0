/** `fastq`: its promise queue, a promise for each item. */
import fastq from "fastq";

export async function run({ items, task }, limit) {
  const queue = fastq.promise(task, limit);
  const results = await Promise.all(items.map((item) => queue.push(item)));
  return results.length;
}
