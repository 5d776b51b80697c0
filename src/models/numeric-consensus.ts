/** What several numbers say together. */

/** The middle of several numbers, and how far they are apart. */
export interface NumericConsensus {
  /** The middle one; of an even number of them, the mean of the two in the middle. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** The median of the distances to the median: half of the numbers are as near or nearer, and outliers do not move it. */
  readonly deviation: number;
  /** How many numbers there are. */
  readonly count: number;
}

/**
 * The median of some numbers and their spread: the range, and the median absolute deviation.
 *
 * @throws `RangeError` when there are none, or one is not finite.
 * @see Frank R. Hampel: "The Influence Curve and Its Role in Robust Estimation" (Journal of the American Statistical Association, 1974)
 * @example
 * ```ts
 * import { numericConsensus } from "fanfold/models";
 *
 * console.log(numericConsensus([39.9, 42.5, 40.1, 400]));
 * ```
 */
export function numericConsensus(numbers: readonly number[]): NumericConsensus {
  const wrong = numbers.find((each) => !Number.isFinite(each));
  if (numbers.length === 0 || wrong !== undefined) {
    throw new RangeError(
      `Cannot find a consensus as there must be finite numbers: ${wrong ?? "none"}`,
    );
  }
  const median = medianOf(numbers);
  return {
    median,
    low: numbers.reduce((least, each) => Math.min(least, each)),
    high: numbers.reduce((most, each) => Math.max(most, each)),
    deviation: medianOf(numbers.map((each) => Math.abs(each - median))),
    count: numbers.length,
  };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] as number; // There is at least one.
  const lower = sorted[(sorted.length - 1) >> 1] as number;
  return lower / 2 + upper / 2; // Not their sum: it may overflow.
}
