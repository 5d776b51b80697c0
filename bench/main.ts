/**
 * Runs the benchmarks, or those named: `npm run bench -- overhead`. With `--smoke` each case runs once and small, without peers.
 * Method and traps: `docs/benchmarks.md`.
 */
import { cpus, loadavg, totalmem } from "node:os";
import { claims } from "./claims.ts";
import { dispatch } from "./dispatch.ts";
import { exec } from "./exec.ts";
import { graph } from "./graph.ts";
import { hedges } from "./hedge.ts";
import { makespan } from "./makespan.ts";
import { map } from "./map.ts";
import { mcp } from "./mcp.ts";
import { models } from "./models.ts";
import { overhead } from "./overhead.ts";
import { rate } from "./rate.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { tools } from "./tools.ts";
import { votes } from "./vote.ts";

const BENCHMARKS: readonly Benchmark[] = [
  overhead,
  map,
  graph,
  claims,
  makespan,
  rate,
  votes,
  hedges,
  models,
  tools,
  dispatch,
  exec,
  mcp,
];

const words = process.argv.slice(2);
const isSmoke = words.includes("--smoke");
const chosen = choose(words.filter((word) => word !== "--smoke"));

console.log(machine());
for (const benchmark of chosen) {
  await benchmark.run({ isSmoke });
}

function choose(names: readonly string[]): readonly Benchmark[] {
  const known = BENCHMARKS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot run a benchmark as its name must be one of ${known.join(", ")}: ${unknown}`,
    );
  }
  return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** On what this runs, and how busy it was: above half of the processors the figures are noise. */
function machine(): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim() ?? "?"}, ${memory}, load ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
