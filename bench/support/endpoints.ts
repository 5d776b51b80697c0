/** Latencies of real model endpoints, read where they lie: nothing of them is copied. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FILE = "traces/llmperf_leaderboard_individual.csv";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the traces are expected: below `FANFOLD_DATA`, or beside the project. */
export const tracePath = join(process.env["FANFOLD_DATA"] ?? join(ROOT, "../shared/data"), FILE);

/** One request that was answered. */
export interface Request {
  readonly endpoint: string;
  readonly durationMs: number;
  /** Until the first token, up to `durationMs`. */
  readonly firstMs: number;
  /** How long the answer was, in tokens. */
  readonly outputTokens: number;
}

/** All requests that were answered, in the order of the file; undefined where it is absent. Columns are found by their heads. */
export function readRequests(): readonly Request[] | undefined {
  if (!existsSync(tracePath)) {
    return undefined;
  }
  const [head = "", ...lines] = readFileSync(tracePath, "utf8").trim().split("\n");
  const heads = head.trim().split(",");
  const column = (name: string, cells: readonly string[]): string =>
    cells[heads.indexOf(name)]?.trim() ?? "";
  return lines
    .map((line) => line.split(","))
    .filter((cells) => column("error", cells) === "")
    .map((cells) => ({
      endpoint: column("endpoint", cells),
      durationMs: Number(column("e2e_s", cells)) * 1000,
      firstMs: Number(column("ttft_s", cells)) * 1000,
      outputTokens: Number(column("out_tok", cells)),
    }))
    .filter(({ durationMs }) => durationMs > 0);
}
