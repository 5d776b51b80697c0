/** Work of known length, to be put in some order. */
import { settle, type TaskDefinition } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

/** A piece of work. Others name it by its index. */
export interface Job {
  readonly durationMs: number;
  /** What a scheduler is told that it takes; undefined: nothing. */
  readonly expectedMs?: number | undefined;
  /** Indexes of earlier jobs. */
  readonly after: readonly number[];
}

/** How a schedule is made. */
export interface ScheduleOptions {
  readonly limit: number;
  /** @defaultValue Infinity: nobody is moved up because he waited long */
  readonly agingMs?: number | undefined;
}

/** How long all jobs take together on a virtual clock, in milliseconds: exact, and the same every time. */
export async function makespan(jobs: readonly Job[], options: ScheduleOptions): Promise<number> {
  const { limit, agingMs = Infinity } = options;
  const clock = virtualClock();
  const tasks = jobs.map(
    ({ durationMs, expectedMs, after }, index): [string, TaskDefinition<void>] => [
      `job${index}`,
      {
        after: after.map((each) => `job${each}`),
        expectedMs,
        run: async () =>
          await new Promise<void>((resolve) => {
            clock.schedule(durationMs, resolve);
          }),
      },
    ],
  );
  const outcomes = await settle(Object.fromEntries(tasks), { limit, agingMs, clock });
  if (Object.values(outcomes).some(({ status }) => status !== "completed")) {
    throw new Error("Cannot trust this schedule as every job must complete");
  }
  return clock.now();
}

/** What no schedule can beat: the longest chain, and all work spread evenly. In milliseconds. */
export function lowerBound(jobs: readonly Job[], limit: number): number {
  const ends: number[] = [];
  let workMs = 0;
  for (const { durationMs, after } of jobs) {
    ends.push(Math.max(0, ...after.map((each) => ends[each] ?? 0)) + durationMs);
    workMs += durationMs;
  }
  return Math.max(workMs / limit, ...ends);
}
