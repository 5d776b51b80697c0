/** Cases beside each other: fresh processes, interleaved, medians, as ratios to one of them. */
import type { Sample } from "../cases/main.ts";
import { bundleCases, type CaseRunner } from "./case-runner.ts";
import { peerModule, peerVersion } from "./peers.ts";
import { turned } from "./rounds.ts";
import { median, sum } from "./statistics.ts";
import { printTable, times } from "./table.ts";

/** What to compare. */
export interface Comparison {
  /** The URL of the module that makes what the cases are given. */
  readonly input: string;
  /** The first is what the others are measured by. */
  readonly cases: readonly Case[];
  /** How many tasks. */
  readonly size: number;
  /** How many run at once. */
  readonly limit: number;
  /** Processes a case, fewer for one that takes very long. */
  readonly rounds: number;
}

/** A row of the table. */
export interface Case {
  readonly title: string;
  /** The URL of the module that runs it. */
  readonly module: string;
}

type Samples = ReadonlyMap<Case, readonly Sample[]>;

/** A case that has run for so long needs no further process, once it has had the least number of them. */
const ENOUGH_MS = 60_000;
const LEAST_ROUNDS = 3;

const MEBIBYTE = 1024 * 1024;

/** The row of an installed peer; `kind` where it runs more than one kind of cases. */
export function peerCase(name: string, kind?: string): Case {
  return { title: `${name} ${peerVersion(name) ?? ""}`, module: peerModule(name, kind) };
}

/** Measures and prints one table. */
export async function compare(comparison: Comparison): Promise<void> {
  const { input, cases } = comparison;
  const runner = await bundleCases([input, ...cases.map(({ module }) => module)]);
  const empty: Sample[] = [];
  try {
    const samples = await measure(comparison, runner, empty);
    print(comparison, samples, median(empty.map(({ peakBytes }) => peakBytes)));
  } finally {
    runner.close();
  }
}

async function measure(
  { input, cases, size, limit, rounds }: Comparison,
  runner: CaseRunner,
  empty: Sample[],
): Promise<Samples> {
  const samples = new Map(cases.map((each) => [each, [] as Sample[]]));
  for (let round = 0; round < rounds; round += 1) {
    empty.push(await runner.run({ input, size, limit }));
    // Interleaved, so that a noisy minute hits every case.
    for (const each of turned(cases, round).filter((one) => wantsMore(samples.get(one)))) {
      samples.get(each)?.push(await runner.run({ input, module: each.module, size, limit }));
    }
  }
  return samples;
}

function wantsMore(samples: readonly Sample[] = []): boolean {
  return samples.length < LEAST_ROUNDS || sum(samples.map(({ ms }) => ms)) < ENOUGH_MS;
}

function print({ cases, size }: Comparison, samples: Samples, emptyBytes: number): void {
  const figures = cases.map((each) => {
    const own = samples.get(each) ?? [];
    const all = own.map(({ ms }) => (ms * 1000) / size);
    const bytes = median(own.map(({ peakBytes }) => peakBytes)) - emptyBytes;
    return { title: each.title, all, us: median(all), bytes };
  });
  const base = figures[0] ?? { us: Number.NaN, bytes: Number.NaN };
  printTable(
    ["case", "µs a task", "times", "fastest", "slowest", "peak MiB", "times", "processes"],
    figures.map(({ title, all, us, bytes }) => [
      title,
      us.toFixed(2),
      times(us, base.us),
      Math.min(...all).toFixed(2),
      Math.max(...all).toFixed(2),
      (bytes / MEBIBYTE).toFixed(1),
      times(bytes, base.bytes),
      String(all.length),
    ]),
  );
}
