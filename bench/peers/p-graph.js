/** `p-graph`: functions by key, and pairs of keys. Its nodes have no results, so the ends are counted. */
import { PGraph } from "p-graph";

export function prepare(nodes) {
  const pairs = nodes.flatMap(({ key, after }) => after.map((before) => [before, key]));
  const functions = {};
  const ends = { count: 0 };
  for (const { key, task } of nodes) {
    functions[key] = {
      run: async () => {
        await task();
        ends.count += 1;
      },
    };
  }
  return { functions, pairs, ends };
}

export async function run({ functions, pairs, ends }, limit) {
  await new PGraph(functions, pairs).run({ concurrency: limit });
  return ends.count;
}
