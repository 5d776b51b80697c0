/** What is said of work that had to wait for its place. */
import { formatDuration } from "../core/format-duration.ts";
import type { Queued } from "./in-place.ts";

/** A wait that is too short to be told, in milliseconds. */
export const LEAST_WAIT_MS = 5;

/** Work that may have waited for another server. */
export interface QueuedWork {
  readonly queued: Queued;
  /** The process of the server that it waited for last. */
  readonly server?: number | undefined;
}

/** A line for each that it waited for. */
export function queueNotes({ queued, server }: QueuedWork): readonly string[] {
  const { callsMs, serversMs } = queued;
  const other = server === undefined ? "another server" : `another server (process ${server})`;
  return [
    ...(callsMs >= LEAST_WAIT_MS
      ? [`It waited ${formatDuration(callsMs)} for other calls before.`]
      : []),
    ...(serversMs >= LEAST_WAIT_MS
      ? [`It waited ${formatDuration(serversMs)} for ${other} before.`]
      : []),
  ];
}
