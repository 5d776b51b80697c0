/** Durations as people write them in plans: `500ms`, `30s`, `5m`, `2h`. */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a duration looks like. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * A duration in milliseconds.
 *
 * @throws `RangeError` when `text` is not a duration.
 */
export function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const perUnit = UNITS[unit ?? ""];
  if (amount === undefined || perUnit === undefined) {
    throw new RangeError(
      `Cannot read a duration as it must be a number and ms, s, m or h, such as 30s: ${text}`,
    );
  }
  return Number(amount) * perUnit;
}
