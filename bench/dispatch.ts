/** What a call costs that does nothing, through a toolbox and by hand, and how long it takes to begin. */
import { entryDelays } from "./dispatch/entry-delays.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { compare, type Case } from "./support/compare.ts";
import { median, quantile } from "./support/statistics.ts";
import { printTable, printTitle } from "./support/table.ts";

const TURNS = [
  { calls: 1, input: import.meta.resolve("./cases/dispatch/turns-of-one.ts") },
  { calls: 10, input: import.meta.resolve("./cases/dispatch/turns-of-ten.ts") },
  { calls: 1_000, input: import.meta.resolve("./cases/dispatch/turns-of-thousand.ts") },
];

const CASES: readonly Case[] = [
  { title: "Promise.all", module: import.meta.resolve("./cases/dispatch/promise-all.ts") },
  {
    title: "Promise.all, schema",
    module: import.meta.resolve("./cases/dispatch/promise-all-schema.ts"),
  },
  { title: "toolbox", module: import.meta.resolve("./cases/dispatch/toolbox.ts") },
  { title: "toolbox, schema", module: import.meta.resolve("./cases/dispatch/toolbox-schema.ts") },
  { title: "toolbox, claims", module: import.meta.resolve("./cases/dispatch/toolbox-claims.ts") },
  {
    title: "toolbox, claims, schema",
    module: import.meta.resolve("./cases/dispatch/toolbox-claims-schema.ts"),
  },
  {
    title: "toolbox, claims of new files, schema",
    module: import.meta.resolve("./cases/dispatch/toolbox-files-schema.ts"),
  },
];

export const dispatch: Benchmark = {
  name: "dispatch",
  async run({ isSmoke }) {
    const size = isSmoke ? 1_000 : 5_000;
    for (const { calls, input } of isSmoke ? TURNS.slice(-1) : TURNS) {
      printTitle(`Tool calls that do nothing: ${size}, in turns of ${calls}, without a limit`);
      await compare({ input, cases: CASES, size, limit: Infinity, rounds: isSmoke ? 1 : 7 });
    }
    printTitle("From the call, or the commit of a write, to the first line of the tool, in ms");
    const rows: string[][] = [];
    for (const effect of ["read", "write"] as const) {
      for (const { calls } of TURNS) {
        const delays = await entryDelays({ calls, effect, turns: isSmoke ? 1 : 100 });
        const figures = [median(delays), quantile(delays, 0.99), Math.max(...delays)];
        rows.push([`${effect}, ${calls} in a turn`, ...figures.map((ms) => ms.toFixed(2))]);
      }
    }
    printTable(["calls", "median", "p99", "slowest"], rows);
  },
};
