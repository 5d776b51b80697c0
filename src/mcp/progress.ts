/** Tells a client how far its call is, again and again, so that it does not take silence for a hang. */
import type { Clock, Timer } from "../core/clock.ts";
import type { Standing } from "./batch-run.ts";

/** One message. */
export interface Progress {
  /** Larger each time: the steps that have ended, and a part of one more. */
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

/** How often it is told, in milliseconds. */
const EVERY_MS = 1000;

/** How many names are told. */
const MOST_NAMES = 5;

/** Begins to tell. Returns what ends it. */
export function tellProgress(
  clock: Clock,
  standing: () => Standing,
  tell: (progress: Progress) => void,
): () => void {
  let timer: Timer | undefined;
  let last = -1;
  let repeats = 0;
  const tick = (): void => {
    const now = standing();
    const { ended, total } = now;
    repeats = ended === last ? repeats + 1 : 0;
    last = ended;
    tell({
      progress: ended + repeats / (repeats + 1),
      total,
      message: describe(now),
    });
    timer = clock.schedule(EVERY_MS, tick);
  };
  timer = clock.schedule(EVERY_MS, tick);
  return () => timer?.cancel();
}

/** `2 of 5 ended; running: test, lint`. */
export function describe({ ended, total, running, server }: Standing): string {
  const names = running.slice(0, MOST_NAMES).join(", ");
  const more = running.length > MOST_NAMES ? ` and ${running.length - MOST_NAMES} more` : "";
  const other = server === undefined ? "other calls" : `another server (process ${server})`;
  const what = names === "" ? `waiting for ${other}` : `running: ${names}${more}`;
  return ended === total && names === ""
    ? `${ended} of ${total} ended`
    : `${ended} of ${total} ended; ${what}`;
}
