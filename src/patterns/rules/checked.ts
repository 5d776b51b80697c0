/** Checks the number that a rule is made with. */

/**
 * Returns it.
 *
 * @throws `RangeError` when it is not a finite number above 0.
 */
export function checkedAbove(rule: string, value: number): number {
  if (value > 0 && value < Infinity) {
    return value;
  }
  throw new RangeError(
    `Cannot make a rule as the weight of "${rule}" must be a finite number above 0: ${value}`,
  );
}
