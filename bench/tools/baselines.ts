/** Schedules without claims that calls are commonly run by, and what no schedule can beat. All calls take the same time. */
import { lowerBound } from "../makespan/job.ts";
import { CALL_MS, type Edge, type Schedule } from "./call.ts";

/** Whether a call changes anything. */
export type Kind = "r" | "w";

/** One after another. */
export function sequentialSchedule(count: number): Schedule {
  return Array.from({ length: count }, (_, index) => intervalAt(index));
}

/** All at once, whatever they touch, as `Promise.all` does; where there is a limit, the first of them first. */
export function blindSchedule(count: number, width: number): Schedule {
  return Array.from({ length: count }, (_, index) => intervalAt(Math.floor(index / width)));
}

/**
 * One fair readers-writer lock around all calls: who reads shares it, who writes has it alone, and nobody overtakes. Told step by
 * step, as the lock sees it.
 */
export function gateSchedule(kinds: readonly Kind[], width: number): Schedule {
  const starts: number[] = [];
  for (let step = 0; starts.length < kinds.length; step += 1) {
    const inside: Kind[] = []; // All of the step before have left.
    for (let next = kinds[starts.length]; next !== undefined; next = kinds[starts.length]) {
      const mayShare = inside.length === 0 || (next === "r" && !inside.includes("w"));
      if (!mayShare || inside.length >= width) {
        break;
      }
      inside.push(next);
      starts.push(step);
    }
  }
  return starts.map(intervalAt);
}

/** Every write is a barrier: what came before ends, it runs alone, what comes after starts. The reads between two of them run together. */
export function barrierSchedule(kinds: readonly Kind[], width: number): Schedule {
  const starts: number[] = [];
  let freeStep = 0;
  let reads = 0; // Since the last barrier, which ended at `freeStep`.
  for (const kind of kinds) {
    if (kind === "r") {
      starts.push(freeStep + Math.floor(reads / width));
      reads += 1;
    } else {
      const barrier = Math.max(
        freeStep,
        ...starts.slice(starts.length - reads).map((step) => step + 1),
      );
      starts.push(barrier);
      freeStep = barrier + 1;
      reads = 0;
    }
  }
  return starts.map(intervalAt);
}

/** What no schedule beats that obeys the edges: the longest chain, and all calls spread over whole steps. Reached where the width has no end. */
export function boundOf(count: number, edges: readonly Edge[], width: number): number {
  const jobs = Array.from({ length: count }, (_, index) => ({
    durationMs: CALL_MS,
    after: edges.filter(([, later]) => later === index).map(([earlier]) => earlier),
  }));
  return Math.ceil(lowerBound(jobs, width) / CALL_MS) * CALL_MS;
}

function intervalAt(step: number): { readonly startMs: number; readonly endMs: number } {
  return { startMs: step * CALL_MS, endMs: (step + 1) * CALL_MS };
}
