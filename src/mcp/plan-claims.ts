/** What a plan claims as a whole among the calls of a server, and among servers. */
import type { Plan, PlanTask } from "../plan/plan.ts";
import { withItems } from "../plan/plan-graph.ts";
import type { BoardClaims } from "../system/board-claims.ts";
import { EVERYTHING_ITSELF } from "./in-place.ts";

/** Kinds of tasks that claim by themselves all that they touch, or touch nothing here. */
const SELF_CLAIMING: ReadonlySet<string> = new Set(["read", "search", "write", "http"]);

/**
 * All that its tasks claim, from its beginning to its end: a plan has a run of its own, whose tasks order themselves. Where a task may touch what it
 * does not declare, that is everything.
 */
export function planClaims({ tasks }: Plan): BoardClaims {
  const all = withItems(tasks);
  if (all.some(mayTouchAnything)) {
    return EVERYTHING_ITSELF;
  }
  return {
    reads: [...new Set(all.flatMap(({ reads }) => reads))],
    writes: [...new Set(all.flatMap(({ writes }) => writes))],
  };
}

function mayTouchAnything({ kind, exclusive, declared, item }: PlanTask): boolean {
  const isSilent = declared.reads.length === 0 && declared.writes.length === 0;
  return exclusive || (isSilent && item === undefined && !SELF_CLAIMING.has(kind));
}
