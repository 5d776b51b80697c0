// The laws of the report over random programs of tasks that start tasks, against what these programs are by definition.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FullReport } from "../../../src/index.ts";
import {
  programs,
  reportOf,
  sequentialMs,
  withoutLimits,
  type ProgramTask,
} from "./nested-program.ts";

interface Reported extends FullReport {
  readonly wallMs: number;
}

/** Holds a law over programs at some limit. */
const law = (
  { isTangled = false, limits = fc.constantFrom(1, 2, 3, Infinity) },
  check: (tasks: readonly ProgramTask[], report: Reported) => void,
): (() => Promise<void>) => {
  return () =>
    fc.assert(
      fc.asyncProperty(programs(isTangled), limits, async (tasks, limit) => {
        const { wallMs, full } = await reportOf(tasks, limit);
        check(tasks, { wallMs, ...(full as FullReport) }); // It was asked for.
      }),
      { numRuns: Number(process.env["RUNS"] ?? 150) },
    );
};

describe("the report of tasks that start tasks", () => {
  test(
    "counts of each task what it ran by itself",
    law({ isTangled: true }, (tasks, report) => {
      expect(report.sequentialMs).toBe(sequentialMs(tasks));
    }),
  );

  test(
    "has a critical path whose running and waiting add up to the whole run, none of it with room to spare",
    law({ isTangled: true }, (_, { wallMs, criticalPath, timings }) => {
      const lengthMs = criticalPath.reduce((sum, { runMs, waitMs }) => sum + runMs + waitMs, 0);
      expect(lengthMs).toBe(wallMs);
      expect(new Set(criticalPath.map(({ taskId }) => taskId)).size).toBe(criticalPath.length);
      for (const { taskId, runMs } of criticalPath) {
        const timing = timings.find((each) => each.taskId === taskId);
        expect(timing?.slackMs).toBe(0);
        expect(runMs).toBeLessThanOrEqual(timing?.runMs ?? 0);
      }
    }),
  );

  test(
    "has the ideal speedup of a run without limits, at any limit",
    law({}, (tasks, { sequentialMs: totalMs, speedup, idealSpeedup }) => {
      const { endMs } = withoutLimits(tasks);
      expect(idealSpeedup).toBe(endMs === 0 ? 1 : Math.max(1, totalMs / endMs));
      expect(speedup).toBeLessThanOrEqual(idealSpeedup);
    }),
  );

  test(
    "has no speedup beyond the ideal, and no bottleneck that costs more than the run took",
    law({ isTangled: true }, (_, { wallMs, speedup, idealSpeedup, bottlenecks }) => {
      expect(speedup).toBeLessThanOrEqual(idealSpeedup);
      for (const { costMs } of bottlenecks) {
        expect(costMs).toBeLessThanOrEqual(wallMs);
      }
    }),
  );

  test(
    "says of the one limit of a run what it cost",
    law({}, (tasks, { wallMs, bottlenecks }) => {
      const costMs = wallMs - withoutLimits(tasks).endMs;
      expect(bottlenecks).toEqual(costMs === 0 ? [] : [{ limit: "run", costMs }]);
    }),
  );

  test(
    "without limits has for each task just the slack that it may be delayed by, wherever it is",
    law({ limits: fc.constant(Infinity) }, (tasks, { wallMs, timings }) => {
      const { endMs, steps } = withoutLimits(tasks);
      expect(wallMs).toBe(endMs);
      for (const { key, slackMs } of timings) {
        const endWith = (ms: number): number =>
          Math.max(
            ...Array.from(
              { length: steps.get(key) ?? 0 },
              (__, step) => withoutLimits(tasks, { key, step, ms }).endMs,
            ),
          );
        if (steps.has(key)) {
          expect(endWith(slackMs)).toBe(endMs);
          expect(endWith(slackMs + 1)).toBe(endMs + 1);
        }
      }
    }),
  );
});
