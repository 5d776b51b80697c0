/** What a call costs that does nothing, through a toolbox and by hand, and how long it takes to begin. */
import { entryDelays } from "./dispatch/entry-delays.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { compare, type Case } from "./support/compare.ts";
import { median, quantile } from "./support/statistics.ts";
import { printTable, printTitle } from "./support/table.ts";

const SIZES = [
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
];

export const dispatch: Benchmark = {
  name: "dispatch",
  async run({ isSmoke }) {
    const size = isSmoke ? 1_000 : 20_000;
    for (const { calls, input } of SIZES) {
      printTitle(`Tool calls that do nothing: ${size}, in turns of ${calls}, without a limit`);
      await compare({ input, cases: CASES, size, limit: Infinity, rounds: isSmoke ? 1 : 11 });
    }
    printTitle("From the call to the first line of the tool, µs");
    const rows: string[][] = [];
    for (const { calls } of SIZES) {
      for (const effect of ["read", "write"] as const) {
        const delays = await entryDelays({ calls, effect, turns: isSmoke ? 2 : 200 });
        const cells = [median(delays), quantile(delays, 0.99), Math.max(...delays), delays[0]];
        rows.push([
          `${calls}, ${effect}`,
          ...cells.map((ms = Number.NaN) => (ms * 1000).toFixed(0)),
        ]);
      }
    }
    printTable(["calls in a turn", "median", "p99", "slowest", "very first"], rows);
  },
};
