/** Calls of tools as they were recorded or declared, and when they ran. */

/** What a call touches: names of resources, as `reads` and `writes` of a task. */
export interface Claims {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** A call to be run: its claims, and the calls whose results it uses. */
export interface Call extends Claims {
  /** Indexes of earlier calls. @defaultValue none */
  readonly after?: readonly number[] | undefined;
}

/** When a call ran, on a virtual clock. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** When each call ran, in the order of the calls. */
export type Schedule = readonly Interval[];

/** Two calls by their indexes: the earlier must end before the later starts. */
export type Edge = readonly [earlier: number, later: number];

/** How long every call takes. */
export const CALL_MS = 1;

/** What touches nothing that is shared. */
export const NOTHING: Claims = { reads: [], writes: [] };

/** When the last call has ended. */
export function makespanOf(schedule: Schedule): number {
  return Math.max(0, ...schedule.map(({ endMs }) => endMs));
}
