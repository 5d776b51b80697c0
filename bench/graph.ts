/** What a node of a graph costs beside a hand-written loop and beside a peer. */
import type { Benchmark, Settings } from "./support/benchmark.ts";
import { compare, peerCase } from "./support/compare.ts";
import { installedPeers } from "./support/peers.ts";
import { printTitle } from "./support/table.ts";

const LIMIT = 16;

export const graph: Benchmark = {
  name: "graph",
  async run({ isSmoke }) {
    // Two sizes, since a cost that grows with the size hides in one.
    for (const size of isSmoke ? [1_000] : [10_000, 100_000]) {
      await compareAt(size, { isSmoke });
    }
  },
};

async function compareAt(size: number, { isSmoke }: Settings): Promise<void> {
  printTitle(`Graph: ${size} nodes, mean in-degree 2, limit ${LIMIT}`);
  const peers = installedPeers(isSmoke ? [] : ["p-graph"]);
  await compare({
    input: import.meta.resolve("./cases/graph/input.ts"),
    cases: [
      {
        title: "hand-written Kahn loop",
        module: import.meta.resolve("./cases/graph/kahn-loop.ts"),
      },
      { title: "settle with after", module: import.meta.resolve("./cases/graph/settle.ts") },
      {
        title: "scope with handles",
        module: import.meta.resolve("./cases/graph/scope-handles.ts"),
      },
      ...peers.map((name) => peerCase(name)),
    ],
    size,
    limit: LIMIT,
    rounds: isSmoke ? 1 : 11,
  });
}
