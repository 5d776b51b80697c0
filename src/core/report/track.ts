/** What is known of one task while the log of its run is read, and what it has waited for since its last point. */
import type { WaitReason } from "../event.ts";
import type { Point } from "./network.ts";
import type { TaskRow } from "./timings.ts";

/** How long a task may be in line that finds its slots free, in milliseconds. */
const MOMENT_MS = 1;

/** What is known of a task while the log is read. The code around all tasks, which is none itself, has no row and no points. */
export interface Track {
  readonly row: TaskRow | undefined;
  /** The first limit that it names. */
  readonly ownLimit: string | undefined;
  state: "waiting" | "running" | "paused" | "ended" | "settled";
  last: Point | undefined;
  reason: WaitReason | undefined;
  limit: string | undefined;
  sinceMs: number;
  /** What it waited for longest after all that it is known to have come after: what its next point is put down to. */
  cause: WaitReason | undefined;
  causeMs: number;
  /** What it has waited for since its last point that was neither a task nor a slot. */
  delayMs: number;
  /** Where the children of the attempt under way settled. */
  childEnds: Point[] | undefined;
  lastChild: Point | undefined;
}

/** One that has just been added. */
export function newTrack(row?: TaskRow, ownLimit?: string): Track {
  return {
    row,
    ownLimit,
    state: "waiting",
    last: undefined,
    reason: undefined,
    limit: undefined,
    sinceMs: 0,
    cause: undefined,
    causeMs: 0,
    delayMs: 0,
    childEnds: undefined,
    lastChild: undefined,
  };
}

/** It begins to wait, or goes on to wait for something else. */
export function beginWait(
  track: Track,
  atMs: number,
  reason: WaitReason | undefined,
  limit?: string,
): void {
  endWait(track, atMs);
  track.sinceMs = atMs;
  track.reason = reason;
  track.limit = limit;
}

/** Some waits are as long on any number of slots. Those for tasks are known by the ends of these: what follows is counted after them. */
export function endWait(track: Track, atMs: number): void {
  const { reason } = track;
  const ms = atMs - track.sinceMs;
  switch (reason) {
    case "retry":
    case "rate":
    case "budget":
    case "approval":
    case "commit":
      track.delayMs += ms;
      noteCause(track, reason, ms);
      return;
    case "limit":
      noteCause(track, reason, ms);
      return;
    case "dependency":
    case "claim":
    case "mutex":
      track.cause = reason;
      track.causeMs = MOMENT_MS;
      return;
    case undefined:
  }
}

function noteCause(track: Track, cause: WaitReason, ms: number): void {
  if (track.cause === undefined || ms >= track.causeMs) {
    track.cause = cause;
    track.causeMs = ms;
  }
}
