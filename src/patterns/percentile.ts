/** Percentiles as users write them: `"p95"`, `"p99.9"`. */

/** `"p50"` to `"p99.9"`, with at most one decimal. */
export type Percentile = `p${number}`;

/** How many durations must be known for any percentile. */
const FEWEST = 20;

/**
 * The part of all durations that is no longer than the percentile, in thousandths: whole numbers, so that ranks are exact.
 *
 * @throws `RangeError` when it is none from `"p50"` to `"p99.9"`.
 */
export function thousandthsOf(percentile: string): number {
  const [, digits] = /^p([5-9]\d(?:\.\d)?)$/.exec(percentile) ?? [];
  if (digits === undefined) {
    throw new RangeError(
      `Cannot stagger starts as a percentile must be from "p50" to "p99.9", with at most one decimal: ${JSON.stringify(percentile)}`,
    );
  }
  return Math.round(Number(digits) * 10);
}

/** How many durations must be known: as many that one of them is expected to be longer, and 20 at the least. */
export function enoughFor(thousandths: number): number {
  return Math.max(FEWEST, Math.ceil(1000 / (1000 - thousandths)));
}
