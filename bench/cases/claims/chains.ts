/**
 * The least that keeps writers of a path apart from all others at it: a chain of promises for each path. It knows exact paths
 * only, nothing of the folders above, and has no limit.
 */
import type { ClaimingTask } from "./input.ts";

interface Chain {
  write: Promise<unknown>;
  reads: Promise<unknown>[];
}

export async function run(tasks: readonly ClaimingTask[]): Promise<number> {
  const chains = new Map<string, Chain>();
  const chainOf = (path: string): Chain => {
    const chain = chains.get(path) ?? { write: Promise.resolve(), reads: [] };
    chains.set(path, chain);
    return chain;
  };
  const results = await Promise.all(
    tasks.map(({ task, reads, writes }) => {
      const read = chainOf(reads);
      const written = chainOf(writes);
      const result = Promise.all([read.write, written.write, ...written.reads]).then(task);
      read.reads.push(result);
      written.write = result;
      written.reads = [];
      return result;
    }),
  );
  return results.length;
}
