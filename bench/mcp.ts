/** What one call with many steps takes beside many calls, through a real client over real pipes, and how long the server takes to start. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { build } from "esbuild";
import type { Benchmark } from "./support/benchmark.ts";
import { outputOf } from "./support/program.ts";
import { turned } from "./support/rounds.ts";
import { median } from "./support/statistics.ts";
import { printTable, printTitle, times } from "./support/table.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FANFOLD = join(ROOT, "dist/cli/main.js");

/** A way to do something, and what is measured. */
interface Way {
  readonly title: string;
  run(): Promise<unknown>;
}

type Step = Readonly<Record<string, string>>;

export const mcp: Benchmark = {
  name: "mcp",
  async run({ isSmoke }) {
    const rounds = isSmoke ? 1 : 41;
    const folder = mkdtempSync(join(tmpdir(), "fanfold-bench-"));
    try {
      outputOf(process.execPath, ["--import", "tsx", join(ROOT, "scripts/build.ts"), "--if-stale"]);
      const minimal = await bundleMinimal();
      for (let file = 0; file < 200; file += 1) {
        const lines = Array.from({ length: 100 }, (_, line) => `word${file} of line ${line}\n`);
        writeFileSync(join(folder, `f${file}.txt`), lines.join(""));
      }
      await compareCalls({ folder, minimal, rounds });
      await compareStarts({ folder, minimal, rounds: isSmoke ? 1 : 15 });
      rmSync(minimal);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Options {
  readonly folder: string;
  /** The program of the least server. */
  readonly minimal: string;
  readonly rounds: number;
}

/** Beside the packages that it imports. */
async function bundleMinimal(): Promise<string> {
  const outfile = join(ROOT, "node_modules/.cache/bench", `minimal-server-${process.pid}.mjs`);
  const entry = fileURLToPath(new URL("mcp/minimal-server.ts", import.meta.url));
  const options = { bundle: true, packages: "external", platform: "node", format: "esm" } as const;
  await build({ ...options, entryPoints: [entry], outfile, logLevel: "error" });
  return outfile;
}

async function connect(args: readonly string[], cwd: string): Promise<Client> {
  const client = new Client({ name: "bench", version: "1" });
  const command = { command: process.execPath, args: [...args], cwd };
  await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
  return client;
}

async function compareCalls({ folder, minimal, rounds }: Options): Promise<void> {
  const steps: readonly Step[] = [
    ...Array.from({ length: 10 }, (_, n) => ({ read: `f${n}.txt` })),
    ...Array.from({ length: 5 }, (_, n) => ({ search: `word${n} .*9$`, in: "." })),
  ];
  const client = await connect([FANFOLD, "mcp"], folder);
  const least = await connect([minimal], folder);
  const read = async (given: readonly Step[]): Promise<void> => {
    const { isError } = await client.callTool({
      name: "parallel_read",
      arguments: { steps: given },
    });
    if (isError === true) {
      throw new Error("Cannot measure as the server refuses the steps");
    }
  };
  const oneByOne = async (): Promise<void> => {
    for (const step of steps) {
      await read([step]);
    }
  };
  const atOnce = async (): Promise<unknown> => await Promise.all(steps.map((step) => read([step])));
  const nothing = async (): Promise<unknown> =>
    await least.callTool({ name: "nothing", arguments: {} });
  printTitle(`Ten reads and five searches of 200 files through a client, ${rounds} rounds`);
  await compareWays(rounds, [
    { title: "one call with 15 steps", run: async () => await read(steps) },
    { title: "15 calls, one after another", run: oneByOne },
    { title: "15 calls at once", run: atOnce },
  ]);
  printTitle(`A call with next to nothing in it, ${rounds} rounds`);
  await compareWays(rounds, [
    { title: "the least server", run: nothing },
    { title: "a batch of one read", run: async () => await read(steps.slice(0, 1)) },
    { title: "a batch of ten reads", run: async () => await read(steps.slice(0, 10)) },
  ]);
  await client.close();
  await least.close();
}

async function compareStarts({ folder, minimal, rounds }: Options): Promise<void> {
  const start = (title: string, args: readonly string[]): Way => ({
    title,
    async run() {
      const client = await connect(args, folder);
      await client.listTools();
      return async () => await client.close();
    },
  });
  printTitle(
    `Start: from before the process is made until the list of tools is there, ${rounds} rounds`,
  );
  await compareWays(rounds, [
    start("the least server", [minimal]),
    start("fanfold mcp", [FANFOLD, "mcp"]),
    start("fanfold mcp --read-only", [FANFOLD, "mcp", "--read-only"]),
  ]);
}

/** Interleaved, so that a noisy minute hits every way. What a way returns as a function is called unmeasured. */
async function compareWays(rounds: number, ways: readonly Way[]): Promise<void> {
  const samples = new Map(ways.map((way) => [way, [] as number[]]));
  for (let round = -1; round < rounds; round += 1) {
    for (const way of turned(ways, round + 1)) {
      const startedAt = performance.now();
      const after = await way.run();
      const ms = performance.now() - startedAt;
      if (typeof after === "function") {
        await (after as () => Promise<void>)();
      }
      if (round >= 0) {
        samples.get(way)?.push(ms); // The first round warms up.
      }
    }
  }
  const [base = []] = samples.values();
  printTable(
    ["way", "ms", "times", "fastest", "slowest"],
    ways.map((way) => {
      const all = samples.get(way) ?? [];
      const own = [median(all), Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(1));
      return [way.title, own[0] ?? "", times(median(all), median(base)), ...own.slice(1)];
    }),
  );
}
