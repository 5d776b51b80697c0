/** Policies on the same random work, as ratios to what no schedule can beat. */
import { seeded, type Random } from "../support/random.ts";
import { mean } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import type { DurationMaker } from "./durations.ts";
import { lowerBound, type Job } from "./job.ts";
import type { Policy } from "./policies.ts";
import type { Shape, ShapeMaker } from "./shapes.ts";

/** What is compared on what. */
export interface Contest {
  /** Rows: work of one kind, by title. */
  readonly kinds: Readonly<Record<string, Kind>>;
  /** Columns. */
  readonly policies: Readonly<Record<string, Policy>>;
  readonly limits: readonly number[];
  /** How many pieces of random work for each kind and limit. */
  readonly count: number;
}

/** A kind of random work. */
export interface Kind {
  readonly shape: ShapeMaker;
  readonly duration: DurationMaker;
}

/** Ratios to the lower bound, by policy. */
type Ratios = Readonly<Record<string, readonly number[]>>;

/** Below the bound by more than a rounding error: the schedule or the bound is wrong. */
const TOLERANCE = 1e-6;

/** Runs every policy on every piece of work and prints the mean and the worst ratio, for each kind and over all. */
export async function printContest(contest: Contest): Promise<void> {
  const rows: [string, Ratios][] = [];
  for (const [title, kind] of Object.entries(contest.kinds)) {
    rows.push([title, await compete(contest, kind)]);
  }
  const names = Object.keys(contest.policies);
  const merged = names.map((name) => [name, rows.flatMap(([, ratios]) => ratios[name] ?? [])]);
  rows.push(["all", Object.fromEntries(merged) as Ratios]); // Made of ratios.
  printTable(
    ["work", ...names.flatMap((name) => [name, "worst"])],
    rows.map(([title, ratios]) => [title, ...names.flatMap((name) => cells(ratios[name] ?? []))]),
  );
}

async function compete({ policies, limits, count }: Contest, kind: Kind): Promise<Ratios> {
  const random = seeded(1);
  const ratios = new Map(Object.keys(policies).map((name) => [name, [] as number[]]));
  for (const limit of limits) {
    for (let each = 0; each < count; each += 1) {
      const jobs = drawJobs(random, kind);
      const bound = lowerBound(jobs, limit);
      for (const [name, policy] of Object.entries(policies)) {
        ratios.get(name)?.push(checked((await policy(jobs, limit)) / bound));
      }
    }
  }
  return Object.fromEntries(ratios);
}

function drawJobs(random: Random, { shape, duration }: Kind): readonly Job[] {
  const drawn: Shape = shape(random);
  return drawn.map((after) => ({ after, ...duration(random) }));
}

function checked(ratio: number): number {
  if (ratio < 1 - TOLERANCE) {
    throw new Error(`Cannot trust this schedule as none can beat the bound: ${ratio}`);
  }
  return ratio;
}

function cells(ratios: readonly number[]): readonly string[] {
  return [mean(ratios).toFixed(3), Math.max(...ratios).toFixed(2)];
}
