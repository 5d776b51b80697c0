/** What a task costs beside a hand-written queue and beside peers: time and memory. */
import type { Benchmark } from "./support/benchmark.ts";
import { compare, peerCase } from "./support/compare.ts";
import { installedPeers } from "./support/peers.ts";
import { printTitle } from "./support/table.ts";

const LIMIT = 16;

/** A short run, most of which is spent in code that is not compiled yet, and a long one. */
const SIZES = [1_000, 100_000];

export const overhead: Benchmark = {
  name: "overhead",
  async run({ isSmoke }) {
    const peers = installedPeers(isSmoke ? [] : ["p-limit", "p-queue", "p-map"]);
    for (const size of isSmoke ? [2_000] : SIZES) {
      printTitle(`Overhead: ${size} asynchronous tasks that do nothing, limit ${LIMIT}`);
      await compare({
        input: import.meta.resolve("./cases/overhead/input.ts"),
        cases: [
          {
            title: "hand-written slot loop",
            module: import.meta.resolve("./cases/overhead/slot-loop.ts"),
          },
          {
            title: "hand-written, a promise a task",
            module: import.meta.resolve("./cases/overhead/promise-queue.ts"),
          },
          { title: "settle", module: import.meta.resolve("./cases/overhead/settle.ts") },
          { title: "scope.start", module: import.meta.resolve("./cases/overhead/scope-start.ts") },
          {
            title: "scope.start, handles awaited",
            module: import.meta.resolve("./cases/overhead/scope-handles.ts"),
          },
          ...peers.map((name) => peerCase(name)),
        ],
        size,
        limit: LIMIT,
        rounds: isSmoke ? 1 : 11,
      });
    }
  },
};
