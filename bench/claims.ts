/** What claims cost: in their table alone, and end to end, in a process that has run nothing before and in one that has. */
import type { Benchmark } from "./support/benchmark.ts";
import { compare } from "./support/compare.ts";
import { printTitle } from "./support/table.ts";

const LIMIT = 16;

export const claims: Benchmark = {
  name: "claims",
  async run({ isSmoke }) {
    const size = isSmoke ? 1_000 : 10_000;
    const rounds = isSmoke ? 1 : 21;
    printTitle(`Claims: ${size} tasks of two file claims each, limit ${LIMIT}`);
    await compare({
      input: import.meta.resolve("./cases/claims/input.ts"),
      cases: [
        {
          title: "hand-written chains, exact paths only",
          module: import.meta.resolve("./cases/claims/chains.ts"),
        },
        { title: "ClaimTable: add", module: import.meta.resolve("./cases/claims/table-add.ts") },
        {
          title: "ClaimTable: add and release",
          module: import.meta.resolve("./cases/claims/table-add-release.ts"),
        },
        {
          title: "settle without the claims",
          module: import.meta.resolve("./cases/claims/settle-without.ts"),
        },
        {
          title: "settle with reads and writes",
          module: import.meta.resolve("./cases/claims/settle.ts"),
        },
        {
          title: "settle with reads and writes, third run",
          module: import.meta.resolve("./cases/claims/settle-third.ts"),
        },
      ],
      size,
      limit: LIMIT,
      rounds,
    });
  },
};
