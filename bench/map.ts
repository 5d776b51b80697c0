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

/** `effect` took more than a minute a sample, and is left out. */
const SOURCE_PEERS = ["async", "p-map", "streaming-iterables"] as const;

/** So long that what is spent before the code is compiled hardly counts. Peers would take minutes. */
const LONG_STREAM = 10_000_000;

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
        own("hand-written slot loop", import.meta.resolve("./cases/map/slot-loop.ts")),
        own("map", import.meta.resolve("./cases/map/map.ts")),
        own(
          "map, timeout, retry, errors, signal",
          import.meta.resolve("./cases/map/map-features.ts"),
        ),
        own("map, context", import.meta.resolve("./cases/map/map-context.ts")),
        own("map, read by a loop", import.meta.resolve("./cases/map/map-stream.ts")),
        own("mapSettled", import.meta.resolve("./cases/map/map-settled.ts")),
        own("map, shared limit", import.meta.resolve("./cases/map/map-shared.ts")),
        ...peers.map((name) => peerCase(name, "map")),
        ...(isSmoke
          ? []
          : [own("Readable.map of Node", import.meta.resolve("./cases/map/node-readable.ts"))]),
      ],
      size: instant,
      limit: 16,
      rounds,
    });
    for (const streamed of isSmoke ? [2_000] : [1_000_000, LONG_STREAM]) {
      printTitle(
        `Map: an async generator of ${streamed}, limit 16, each result handed to a function`,
      );
      const measured = SOURCE_PEERS.filter((name) => peers.includes(name));
      await compare({
        input: import.meta.resolve("./cases/map-source/input.ts"),
        cases: [
          own("hand-written loop", import.meta.resolve("./cases/map-source/slot-loop.ts")),
          own("map, as completed", import.meta.resolve("./cases/map-source/map.ts")),
          own("map, in order", import.meta.resolve("./cases/map-source/map-ordered.ts")),
          ...(streamed === LONG_STREAM ? [] : measured).map((name) => peerCase(name, "map-source")),
        ],
        size: streamed,
        limit: 16,
        rounds,
      });
    }
    const turns = isSmoke ? 2_000 : 300_000;
    printTitle(`Map: ${turns} tasks that wait for a turn of the event loop, limit 100`);
    await compare({
      input: import.meta.resolve("./cases/map-immediate/input.ts"),
      cases: [
        own("hand-written slot loop", import.meta.resolve("./cases/map/slot-loop.ts")),
        own("map", import.meta.resolve("./cases/map/map.ts")),
        own(
          "map, timeout, retry, errors, signal",
          import.meta.resolve("./cases/map/map-features.ts"),
        ),
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

function own(title: string, module: string): Case {
  return { title, module };
}
