/** Races tasks as a run of its own, for `first` and `hedge`. */
import { TasksFailedError } from "../core/errors.ts";
import { cancelledRun, startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import { thousandthsOf } from "./percentile.ts";
import { Race, type RaceOptions, type Success } from "./race.ts";

/** Races tasks as one run, and returns what `result` makes of the successes, the first to come first. */
export function runRace<T>(
  options: RunOptions,
  raceOptions: RaceOptions,
  result: (winners: readonly Success[]) => T,
): Run<T> {
  checkStagger(raceOptions);
  const { count } = raceOptions;
  let race: Race | undefined;
  return startRun(
    { ...options, failure: "continue" },
    "continue",
    (kernel, record) => {
      race = new Race(kernel, record, raceOptions);
      return race.run();
    },
    (outcome) => {
      const { winners = [], failures = [], misuse } = race ?? {};
      if (misuse !== undefined) {
        throw misuse.error;
      }
      if (winners.length >= count) {
        return result(winners.slice(0, count));
      }
      if (outcome.status === "cancelled") {
        throw cancelledRun(outcome.key, outcome.reason);
      }
      if (outcome.status === "failed" && failures.length === 0) {
        throw outcome.error;
      }
      throw new TasksFailedError(failures);
    },
  );
}

function checkStagger({ staggerMs, hedging }: RaceOptions): void {
  if (typeof staggerMs === "string") {
    thousandthsOf(staggerMs);
    if (hedging === undefined) {
      throw new TypeError(
        `Cannot stagger starts by "${staggerMs}" as "hedging" must hold the durations to learn from: ${String(hedging)}`,
      );
    }
  } else if (!(staggerMs >= 0)) {
    throw new RangeError(
      `Cannot stagger starts as "staggerMs" must be a number from 0 or a percentile such as "p95": ${String(staggerMs)}`,
    );
  }
}
