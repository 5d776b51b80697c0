/** How long a job takes: at random, or as it once did. */
import { integer, type Random } from "../support/random.ts";

/** A duration, and what one could have known of it before; both in milliseconds. */
export interface Duration {
  readonly durationMs: number;
  readonly expectedMs: number;
}

/** Draws a duration. */
export type DurationMaker = (random: Random) => Duration;

/** Random durations, by name. Known exactly. */
export const randomDurations: Readonly<Record<string, DurationMaker>> = {
  uniform: (random) => known(integer(random, 10, 1_000)),
  "heavy-tailed": (random) => known(heavyTailed(random)),
};

/** Pareto with an exponent of 1.5, from 50 ms, cut at 20 s: the mean is three times the least, and no variance to speak of. */
function heavyTailed(random: Random): number {
  return Math.round(Math.min(20_000, 50 * (1 - random()) ** (-1 / 1.5)));
}

function known(durationMs: number): Duration {
  return { durationMs, expectedMs: durationMs };
}
