/** What `map` costs beside a hand-written loop and beside peers: time and memory, over an array, a stream, and turns of the event loop. */
import type { Benchmark } from "./support/benchmark.ts";
import { compare, peerCase, type Case } from "./support/compare.ts";
import { installedPeers } from "./support/peers.ts";
import { printTitle } from "./support/table.ts";

const PEERS = [
  "async",
  "p-map",
  "p-limit",
  "p-queue",
  "p-all",
  "fastq",
  "@supercharge/promise-pool",
  "effect",
  "streaming-iterables",
] as const;

const SOURCE_PEERS = ["async", "p-map", "streaming-iterables", "effect"] as const;

export const map: Benchmark = {
  name: "map",
  async run({ isSmoke }) {
    const rounds = isSmoke ? 1 : 7;
    const peers = installedPeers(isSmoke ? [] : PEERS);
    const instant = isSmoke ? 2_000 : 1_000_000;
    printTitle(`Map: ${instant} asynchronous tasks that do nothing, limit 16`);
    await compare({
      input: import.meta.resolve("./cases/map/input.ts"),
      cases: [
        own("hand-written slot loop", "map/slot-loop"),
        own("map", "map/map"),
        own("map, timeout, retry, errors, signal", "map/map-features"),
        own("map, context", "map/map-context"),
        own("map, read by a loop", "map/map-stream"),
        own("mapSettled", "map/map-settled"),
        own("map, shared limit", "map/map-shared"),
        ...peers.map((name) => peerCase(name, "map")),
        ...(isSmoke ? [] : [own("Readable.map of Node", "map/node-readable")]),
      ],
      size: instant,
      limit: 16,
      rounds,
    });
    const streamed = isSmoke ? 2_000 : 1_000_000;
    printTitle(
      `Map: an async generator of ${streamed}, limit 16, each result handed to a function`,
    );
    await compare({
      input: import.meta.resolve("./cases/map-source/input.ts"),
      cases: [
        own("hand-written loop", "map-source/slot-loop"),
        own("map, as completed", "map-source/map"),
        own("map, in order", "map-source/map-ordered"),
        ...SOURCE_PEERS.filter((name) => peers.includes(name)).map((name) =>
          peerCase(name, "map-source"),
        ),
      ],
      size: streamed,
      limit: 16,
      rounds,
    });
    const turns = isSmoke ? 2_000 : 300_000;
    printTitle(`Map: ${turns} tasks that wait for a turn of the event loop, limit 100`);
    await compare({
      input: import.meta.resolve("./cases/map-immediate/input.ts"),
      cases: [
        own("hand-written slot loop", "map/slot-loop"),
        own("map", "map/map"),
        own("map, timeout, retry, errors, signal", "map/map-features"),
        ...peers
          .filter((name) => ["async", "p-map", "p-limit", "fastq"].includes(name))
          .map((name) => peerCase(name, "map")),
      ],
      size: turns,
      limit: 100,
      rounds,
    });
  },
};

function own(title: string, path: string): Case {
  return { title, module: import.meta.resolve(`./cases/${path}.ts`) };
}
