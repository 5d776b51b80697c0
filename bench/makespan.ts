/** How long schedules take on a virtual clock, exactly, beside what no schedule can beat. */
import { printContest, type Kind } from "./makespan/contest.ts";
import { randomDurations, type DurationMaker } from "./makespan/durations.ts";
import {
  carriedEstimates,
  inOrder,
  levelByLevel,
  longestPath,
  roughEstimates,
  sliceBySlice,
} from "./makespan/policies.ts";
import { fanOut, graphShapes, type ShapeMaker } from "./makespan/shapes.ts";
import { traceDurations } from "./makespan/traces.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { tracePath } from "./support/endpoints.ts";
import { seeded } from "./support/random.ts";
import { printTitle } from "./support/table.ts";

const LIMITS = [2, 4, 8];

/** The default of the kernel: whoever was passed over for so long goes first. */
const DEFAULT_AGING_MS = 30_000;

export const makespan: Benchmark = {
  name: "makespan",
  async run({ isSmoke }) {
    const count = isSmoke ? 1 : 100;
    const settings = { limits: LIMITS, count };
    const each = `${count} of each kind at limits of ${LIMITS.join(", ")}`;
    printTitle(`Makespan of graphs, times the lower bound: mean and worst, ${each}`);
    const policies = {
      "longest path": longestPath,
      "off by up to 3": roughEstimates(seeded(2), 3),
      "order given": inOrder,
      "level by level": levelByLevel,
    };
    await printContest({ ...settings, policies, kinds: kindsOf(graphShapes, randomDurations) });
    printTitle(`Makespan of fan-outs, times the lower bound: mean and worst, ${each}`);
    const { "level by level": _, ...rest } = policies;
    const slices = { ...rest, "slice by slice": sliceBySlice };
    await printContest({
      ...settings,
      policies: slices,
      kinds: kindsOf({ "fan-out": fanOut }, randomDurations),
    });
    await printTraces(settings);
  },
};

/** The same with requests that were really made, and with what was known before them. */
async function printTraces(settings: {
  readonly limits: readonly number[];
  readonly count: number;
}): Promise<void> {
  printTitle("Makespan with the latencies of real model endpoints, times the lower bound");
  const durations = traceDurations();
  if (durations === undefined) {
    console.log(`Skipped, as there are no traces at ${tracePath}; FANFOLD_DATA names their folder`);
    return;
  }
  await printContest({
    ...settings,
    policies: {
      "longest path": longestPath,
      "endpoint's median": carriedEstimates(),
      "the same, aging": carriedEstimates(DEFAULT_AGING_MS),
      "order given": inOrder,
      "level by level": levelByLevel,
    },
    kinds: kindsOf({ ...graphShapes, "fan-out": fanOut }, { real: durations }),
  });
}

function kindsOf(
  shapes: Readonly<Record<string, ShapeMaker>>,
  durations: Readonly<Record<string, DurationMaker>>,
): Readonly<Record<string, Kind>> {
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([shapeName, shape]) =>
      Object.entries(durations).map(([durationName, duration]) => [
        `${shapeName}, ${durationName}`,
        { shape, duration },
      ]),
    ),
  );
}
