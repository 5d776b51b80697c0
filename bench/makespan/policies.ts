/** The ways to order work that are compared. */
import type { Random } from "../support/random.ts";
import { makespan, type Job } from "./job.ts";

/** A way to order work. Returns how long everything takes, in milliseconds. */
export type Policy = (jobs: readonly Job[], limit: number) => Promise<number>;

/** Longest remaining path first, by the durations as they will be. */
export const longestPath: Policy = async (jobs, limit) =>
  await makespan(
    jobs.map((job) => ({ ...job, expectedMs: job.durationMs })),
    { limit },
  );

/** In the order given, as soon as dependencies allow: no expected durations. */
export const inOrder: Policy = async (jobs, limit) =>
  await makespan(
    jobs.map((job) => ({ ...job, expectedMs: undefined })),
    { limit },
  );

/** All that depends on nothing, then all that depends only on that, and so on, with a barrier after each level. */
export const levelByLevel: Policy = async (jobs, limit) => {
  let totalMs = 0;
  for (const level of levels(jobs)) {
    totalMs += await makespan(
      level.map(({ durationMs }) => ({ durationMs, after: [] })),
      { limit },
    );
  }
  return totalMs;
};

/** As many as the limit allows, then the next so many: `Promise.all` over slices of independent work. */
export const sliceBySlice: Policy = async (jobs, limit) => {
  let totalMs = 0;
  for (let start = 0; start < jobs.length; start += limit) {
    totalMs += Math.max(...jobs.slice(start, start + limit).map(({ durationMs }) => durationMs));
  }
  return totalMs;
};

/** Longest remaining path first, by estimates that are wrong by up to `factor` either way. */
export function roughEstimates(random: Random, factor: number): Policy {
  return async (jobs, limit) =>
    await makespan(
      jobs.map((job) => ({ ...job, expectedMs: job.durationMs * factor ** (2 * random() - 1) })),
      { limit },
    );
}

/** Longest remaining path first, by the estimate that each job carries. */
export function carriedEstimates(agingMs?: number): Policy {
  return async (jobs, limit) => await makespan(jobs, { limit, agingMs });
}

function levels(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const depths: number[] = [];
  const found: Job[][] = [];
  for (const job of jobs) {
    const depth = Math.max(-1, ...job.after.map((each) => depths[each] ?? 0)) + 1;
    depths.push(depth);
    (found[depth] ??= []).push(job);
  }
  return found;
}
