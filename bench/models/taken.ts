/** What runs of a pattern took, by the way they were made, and the table of it. */
import { mean, median, quantile } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import type { Random } from "../support/random.ts";
import { seeded } from "../support/random.ts";
import type { Endpoint, Reply } from "./replies.ts";
import { drawReplies } from "./replies.ts";
import type { Spent } from "./service.ts";

/** What one run took. */
export interface Taken extends Pick<Spent, "calls" | "inputTokens" | "outputTokens"> {
  readonly ms: number;
  /** @defaultValue none */
  readonly cachedTokens?: number | undefined;
  /** How many calls waited for each other in a row, at the most. @defaultValue not counted */
  readonly rounds?: number | undefined;
}

/** What chance says of one run: the same for each way of making it. */
export interface Draw {
  readonly replies: readonly Reply[];
  readonly random: Random;
}

/** Makes one run in several ways, each under its name. */
export type Contest = (draw: Draw) => Promise<Readonly<Record<string, Taken>>>;

/** How large a contest is. */
export interface ContestSize {
  readonly endpoints: readonly Endpoint[];
  /** Runs at each endpoint. */
  readonly runs: number;
}

/** More than any run takes. */
const MOST_CALLS = 100;

/** Prints a row for each way, over the same runs at each endpoint: latencies are times the median call of the endpoint. */
export async function printContest(contest: Contest, size: ContestSize): Promise<void> {
  const ways = new Map<string, (Taken & { readonly latency: number })[]>();
  const random = seeded(1);
  for (const endpoint of size.endpoints) {
    const medianMs = median(endpoint.map(({ durationMs }) => durationMs));
    for (let run = 0; run < size.runs; run += 1) {
      const replies = drawReplies(random, endpoint, MOST_CALLS);
      const taken = await contest({ replies, random: seeded(Math.floor(random() * 2 ** 32)) });
      for (const [way, each] of Object.entries(taken)) {
        ways.set(way, [...(ways.get(way) ?? []), { ...each, latency: each.ms / medianMs }]);
      }
    }
  }
  printColumns(ways);
}

type Column = (taken: readonly (Taken & { readonly latency: number })[]) => string;

const COLUMNS: Readonly<Record<string, Column>> = {
  p50: (taken) => quantile(latenciesOf(taken), 0.5).toFixed(2),
  mean: (taken) => mean(latenciesOf(taken)).toFixed(2),
  p95: (taken) => quantile(latenciesOf(taken), 0.95).toFixed(2),
  calls: (taken) => mean(taken.map(({ calls }) => calls)).toFixed(1),
  rounds: (taken) => mean(taken.map(({ rounds = 0 }) => rounds)).toFixed(1),
  "tokens in": (taken) => mean(taken.map(({ inputTokens }) => inputTokens)).toFixed(0),
  "from a cache": (taken) => mean(taken.map(({ cachedTokens = 0 }) => cachedTokens)).toFixed(0),
  "tokens out": (taken) => mean(taken.map(({ outputTokens }) => outputTokens)).toFixed(0),
};

function latenciesOf(taken: Parameters<Column>[0]): readonly number[] {
  return taken.map(({ latency }) => latency);
}

/** Those columns in which some way has something. */
function printColumns(ways: ReadonlyMap<string, Parameters<Column>[0]>): void {
  const columns = Object.entries(COLUMNS).map(([head, column]) => ({
    head,
    cells: [...ways.values()].map(column),
  }));
  const told = columns.filter(({ cells }) => cells.some((cell) => Number(cell) > 0));
  printTable(
    ["", ...told.map(({ head }) => head)],
    [...ways.keys()].map((way, row) => [way, ...told.map(({ cells }) => cells[row] ?? "")]),
  );
}
