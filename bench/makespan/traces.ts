/** Latencies of real model endpoints, read where they lie: nothing of them is copied. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { integer } from "../support/random.ts";
import { median } from "../support/statistics.ts";
import type { Duration, DurationMaker } from "./durations.ts";

const FILE = "traces/llmperf_leaderboard_individual.csv";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the traces are expected: below `FANFOLD_DATA`, or beside the project. */
export const tracePath = join(process.env["FANFOLD_DATA"] ?? join(ROOT, "../shared/data"), FILE);

/**
 * Draws requests that some endpoint really answered, each as likely as the other. What one could have known of one is the median
 * of its endpoint. Undefined where the traces are absent.
 */
export function traceDurations(): DurationMaker | undefined {
  if (!existsSync(tracePath)) {
    return undefined;
  }
  const durations = withMedians(readRequests(readFileSync(tracePath, "utf8")));
  return (random) => {
    const duration = durations[integer(random, 0, durations.length - 1)];
    if (duration === undefined) {
      throw new RangeError(`Cannot draw from traces as there must be one request: ${tracePath}`);
    }
    return duration;
  };
}

interface Request {
  readonly endpoint: string;
  readonly durationMs: number;
}

/** Columns are found by their heads; requests that failed are left out. */
function readRequests(text: string): readonly Request[] {
  const [head = "", ...lines] = text.trim().split("\n");
  const heads = head.trim().split(",");
  const column = (name: string, cells: readonly string[]): string =>
    cells[heads.indexOf(name)]?.trim() ?? "";
  return lines
    .map((line) => line.split(","))
    .filter((cells) => column("error", cells) === "")
    .map((cells) => ({
      endpoint: column("endpoint", cells),
      durationMs: Number(column("e2e_s", cells)) * 1000,
    }))
    .filter(({ durationMs }) => durationMs > 0);
}

function withMedians(requests: readonly Request[]): readonly Duration[] {
  const byEndpoint = new Map<string, number[]>();
  for (const { endpoint, durationMs } of requests) {
    const known = byEndpoint.get(endpoint) ?? [];
    known.push(durationMs);
    byEndpoint.set(endpoint, known);
  }
  const medians = new Map([...byEndpoint].map(([endpoint, all]) => [endpoint, median(all)]));
  return requests.map(({ endpoint, durationMs }) => ({
    durationMs,
    expectedMs: medians.get(endpoint) ?? durationMs,
  }));
}
