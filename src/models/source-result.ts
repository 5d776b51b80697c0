/** Results of several sources, and those that are missing: what an aggregator is handed. */
import { CancelledError, describeError, describeSkip } from "../core/errors.ts";
import { firstRepeated } from "../core/first-repeated.ts";
import type { Outcome } from "../core/outcome.ts";

/** What one source says. */
export interface SourceResult<T = unknown> {
  /** What it is called in prompts, conflicts and gaps. Unique among the results and the failed. */
  readonly key: string;
  /** A text, or plain data. */
  readonly value: T;
  /** Where it comes from, such as a URL. @defaultValue nothing is said */
  readonly source?: string | undefined;
  /** When it was true, in milliseconds since 1970, for the strategy `newest`. @defaultValue unknown: older than all that is known */
  readonly atMs?: number | undefined;
  /** How sure the source is, from 0 to 1, for the strategy `most-confident`. @defaultValue unknown: less than all that is known */
  readonly confidence?: number | undefined;
}

/** A result that is not there. */
export interface MissingResult {
  readonly key: string;
  /** Why, in words. */
  readonly reason: string;
}

/** Results, and those that are missing. */
export interface SourceResults<T = unknown> {
  readonly results: readonly SourceResult<T>[];
  readonly failed: readonly MissingResult[];
}

/**
 * Parts the outcomes of `settle` into results and those that are missing, each in the order of the outcomes.
 *
 * @example
 * ```ts
 * import { settle } from "fanfold";
 * import { fromOutcomes, merge } from "fanfold/models";
 *
 * const outcomes = await settle({
 *   shop: () => ({ price: 39.9 }),
 *   video: () => {
 *     throw new Error("503");
 *   },
 * });
 * const { value, gaps } = merge(fromOutcomes(outcomes));
 * console.log(value, gaps);
 * ```
 */
export function fromOutcomes<T>(
  outcomes: Readonly<Record<string, Outcome<T>>> | readonly Outcome<T>[],
): SourceResults<T> {
  const list: readonly Outcome<T>[] = Array.isArray(outcomes) ? outcomes : Object.values(outcomes);
  return {
    results: list.flatMap((outcome) =>
      outcome.status === "completed" ? [{ key: outcome.key, value: outcome.value }] : [],
    ),
    failed: list.flatMap((outcome) => {
      const reason = reasonOf(outcome);
      return reason === undefined ? [] : [{ key: outcome.key, reason }];
    }),
  };
}

/** Why there is no result, in words; undefined where there is one. */
export function reasonOf(outcome: Outcome<unknown>): string | undefined {
  switch (outcome.status) {
    case "completed":
      return undefined;
    case "failed":
      return describeError(outcome.error);
    case "cancelled":
      return outcome.reason === undefined ? "cancelled" : `cancelled: ${cause(outcome.reason)}`;
    case "skipped":
      return `skipped: ${describeSkip(outcome.because)}`;
  }
}

function cause(reason: unknown): string {
  return describeError(CancelledError.isInstance(reason) ? reason.reason : reason);
}

/** Which share of all results is there, from 0 to 1; 0 where there are none. */
export function coverageOf(present: number, missing: number): number {
  return present === 0 ? 0 : present / (present + missing);
}

/**
 * Checks what an aggregator was handed.
 *
 * @param doing - what cannot be done else, as in "Cannot merge"
 * @throws `TypeError` when a key is there twice; `RangeError` when a confidence is not from 0 to 1, or a time is no number.
 */
export function checkResults(doing: string, { results, failed }: SourceResults): void {
  const twice = firstRepeated([...results, ...failed].map(({ key }) => key));
  if (twice !== undefined) {
    throw new TypeError(`${doing} as the keys of results must be unique: ${JSON.stringify(twice)}`);
  }
  for (const { key, confidence = 0, atMs = 0 } of results) {
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new RangeError(
        `${doing} as the confidence of "${key}" must be a number from 0 to 1: ${confidence}`,
      );
    }
    if (!Number.isFinite(atMs)) {
      throw new RangeError(`${doing} as "atMs" of "${key}" must be a finite number: ${atMs}`);
    }
  }
}
