/**
 * How long the latest calls of one kind took: percentiles that are at most 2 % too long, in a few kilobytes.
 *
 * A histogram whose buckets grow by a constant factor, as in DDSketch (Masson, Rim, Lee: "DDSketch: A fast and fully-mergeable
 * quantile sketch with relative-error guarantees", VLDB 2019), over a sliding window of calls. A call that was stopped early lasted
 * "at least so long": such durations are counted apart, and weighed as by Kaplan and Meier ("Nonparametric Estimation from Incomplete
 * Observations", 1958). To drop them would make the calls look faster than they are, as it is the slow ones that are stopped.
 */
import { enoughFor } from "./percentile.ts";

/** By how much a bucket ends later than the one before: how far a percentile may be off. */
const FACTOR = 1.02;

const LOG_FACTOR = Math.log(FACTOR);

/** Shorter durations count as this one, longer ones as the longest: a day. In milliseconds. */
const SHORTEST_MS = 0.1;

const LONGEST_MS = 86_400_000;

const BUCKETS = bucketOf(LONGEST_MS) + 1;

/** How many calls are remembered. */
const WINDOW = 1000;

/** What a slight error of rounding may add to a part of the calls: much less than one of them. */
const SLACK = 1e-9;

/** The durations of the last 1,000 calls. */
export class RecentDurations {
  /** How many lasted as long as each bucket says. */
  readonly #ended = new Uint16Array(BUCKETS);
  /** How many were stopped after so long. */
  readonly #stopped = new Uint16Array(BUCKETS);
  /** The bucket of each call, doubled, and one more where it was stopped; the oldest is overwritten. */
  readonly #window = new Uint16Array(WINDOW);
  #added = 0;
  #endedCount = 0;

  /** Takes in a duration in milliseconds: `ended`, or stopped after so long. */
  add(durationMs: number, how: "ended" | "stopped"): void {
    const at = this.#added % WINDOW;
    if (this.#added >= WINDOW) {
      this.#count(this.#window[at] ?? 0, -1);
    }
    const entry = bucketOf(durationMs) * 2 + (how === "ended" ? 0 : 1);
    this.#window[at] = entry;
    this.#count(entry, 1);
    this.#added += 1;
  }

  /**
   * The duration that so many thousandths of the calls do not exceed, in milliseconds, or up to 2 % more; undefined while too few
   * have ended. Where so many were stopped that nobody can tell, the longest that is known.
   */
  percentileMs(thousandths: number): number | undefined {
    if (this.#endedCount < enoughFor(thousandths)) {
      return undefined;
    }
    const longer = (1000 - thousandths) / 1000 + SLACK;
    let left = Math.min(this.#added, WINDOW);
    let survived = 1;
    let last = 0;
    for (let bucket = 0; left > 0; bucket += 1) {
      const ended = this.#ended[bucket] ?? 0;
      const stopped = this.#stopped[bucket] ?? 0;
      survived *= 1 - ended / left;
      if (survived <= longer) {
        return durationOf(bucket);
      }
      left -= ended + stopped;
      last = ended + stopped > 0 ? bucket : last;
    }
    return durationOf(last);
  }

  #count(entry: number, by: 1 | -1): void {
    const bucket = entry >>> 1;
    if ((entry & 1) === 0) {
      this.#ended[bucket] = (this.#ended[bucket] ?? 0) + by;
      this.#endedCount += by;
    } else {
      this.#stopped[bucket] = (this.#stopped[bucket] ?? 0) + by;
    }
  }
}

function bucketOf(durationMs: number): number {
  const withinMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, durationMs));
  return Math.ceil(Math.log(withinMs / SHORTEST_MS) / LOG_FACTOR);
}

/** Where a bucket ends, not its middle: calls that all take the same time are never late. */
function durationOf(bucket: number): number {
  return SHORTEST_MS * FACTOR ** bucket;
}
