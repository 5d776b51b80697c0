/** What a second call buys and costs when the first is late, with the latencies of real model endpoints on the virtual clock. */
import { drawCalls, makeCalls, type Called, type Policy } from "./hedge/calls.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { readRequests, tracePath } from "./support/endpoints.ts";
import { seeded } from "./support/random.ts";
import { mean, quantile, sum } from "./support/statistics.ts";
import { printTable, printTitle } from "./support/table.ts";

const POLICIES: Readonly<Record<string, Policy>> = {
  "one call": undefined,
  "after 5 s": { staggerMs: 5000, hedgeBudget: Infinity },
  "after 5 s, budget 0.05": { staggerMs: 5000, hedgeBudget: 0.05 },
  p95: { staggerMs: "p95", hedgeBudget: Infinity },
  "p95, budget 0.05": { staggerMs: "p95", hedgeBudget: 0.05 },
  "p90, budget 0.05": { staggerMs: "p90", hedgeBudget: 0.05 },
};

const LEARNT = { staggerMs: "p95", hedgeBudget: 0.05 } as const;

export const hedges: Benchmark = {
  name: "hedge",
  async run({ isSmoke }) {
    const count = isSmoke ? 30 : 2000;
    const services = servicesOf(readRequests() ?? []).slice(0, isSmoke ? 2 : Infinity);
    if (services.length === 0) {
      printTitle("Hedged calls of real model endpoints");
      console.log(
        `Skipped, as there are no traces at ${tracePath}; FANFOLD_DATA names their folder`,
      );
      return;
    }
    printTitle(
      `${count} calls of each of ${services.length} endpoints, times the endpoint's median`,
    );
    for (const areAlike of [false, true]) {
      if (areAlike) {
        printTitle("The same, where the second call takes as long as the first");
      }
      const rows: string[][] = [];
      for (const [name, policy] of Object.entries(POLICIES)) {
        rows.push([name, ...figures(await all(services, policy, { count, areAlike }))]);
      }
      printTable(
        ["second call", "p50", "p95", "p99", "p99.9", "longest", "more calls", "wasted"],
        rows,
      );
    }
    printTitle("Each endpoint: alone, and after its p95 with a budget of 0.05");
    await printServices(services, count);
  },
};

type Service = readonly [name: string, durations: readonly number[]];

function servicesOf(
  requests: readonly { endpoint: string; durationMs: number }[],
): readonly Service[] {
  const services = new Map<string, number[]>();
  for (const { endpoint, durationMs } of requests) {
    services.set(endpoint, [...(services.get(endpoint) ?? []), durationMs]);
  }
  return [...services];
}

/** The same draws for every policy. */
async function all(
  services: readonly Service[],
  policy: Policy,
  options: { readonly count: number; readonly areAlike: boolean },
): Promise<readonly Called[]> {
  const random = seeded(1);
  const called: Called[] = [];
  for (const [, durations] of services) {
    called.push(await makeCalls(drawCalls(random, durations, options), policy));
  }
  return called;
}

function figures(called: readonly Called[]): readonly string[] {
  const latencies = called.flatMap((each) => each.latencies);
  const more = sum(called.map(({ extra }) => extra)) / sum(called.map(({ calls }) => calls));
  return [
    ...[0.5, 0.95, 0.99, 0.999, 1].map((part) => quantile(latencies, part).toFixed(2)),
    percent(more),
    percent(mean(called.map(({ wasted }) => wasted))),
  ];
}

async function printServices(services: readonly Service[], count: number): Promise<void> {
  const rows: string[][] = [];
  for (const [name, durations] of services) {
    const calls = drawCalls(seeded(1), durations, { count, areAlike: false });
    const alone = await makeCalls(calls, undefined);
    const hedged = await makeCalls(calls, LEARNT);
    const pair = (part: number): readonly string[] =>
      [alone, hedged].map(({ latencies }) => quantile(latencies, part).toFixed(2));
    rows.push([
      name,
      ...pair(0.95),
      ...pair(0.99),
      ...pair(1),
      percent(hedged.extra / hedged.calls),
    ]);
  }
  const heads = ["p95", "p99", "longest"].flatMap((name) => [name, "hedged"]);
  printTable(["endpoint", ...heads, "more calls"], rows);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
