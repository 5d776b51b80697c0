/** Whether a schedule does what one call after another would have done. */
import { covers, resourceName } from "../../src/core/resource.ts";
import type { Claims, Edge, Interval, Schedule } from "./call.ts";

/** Edges that a schedule does not obey: the later call starts before the earlier has ended. */
export function brokenEdges(schedule: Schedule, edges: readonly Edge[]): readonly Edge[] {
  return edges.filter(([i, j]) => at(schedule, i).endMs > at(schedule, j).startMs);
}

/**
 * Calls that read another version than one after another, by index. The version of a path is which calls have written it, or anything above or
 * below. A call reads when it starts; what is written while it runs is another version, as it may see half of that. What a call writes counts
 * as read, too: so no call is named only where those that write a path do it in the same order, and leave it the same.
 */
export function otherVersions(effects: readonly Claims[], schedule: Schedule): readonly number[] {
  const named = effects.map(({ reads, writes }) => ({
    touches: [...new Set([...reads, ...writes].map(resourceName))],
    writes: writes.map(resourceName),
  }));
  return named.flatMap(({ touches }, index) => {
    const own = at(schedule, index);
    const isOther = touches.some((path) => {
      const writers = named.flatMap(({ writes }, writer) =>
        writer !== index && writes.some((each) => meets(each, path)) ? [writer] : [],
      );
      const before = writers.filter((writer) => writer < index);
      const seen = writers.filter((writer) => at(schedule, writer).startMs < own.endMs);
      const isTorn = seen.some((writer) => at(schedule, writer).endMs > own.startMs);
      return isTorn || seen.join() !== before.join();
    });
    return isOther ? [index] : [];
  });
}

function meets(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

function at(schedule: Schedule, index: number): Interval {
  const interval = schedule[index];
  if (interval === undefined) {
    throw new RangeError(`Cannot check a schedule as every call must have run: call ${index}`);
  }
  return interval;
}
