/** The order of cases in a round. */

/** The items in turn, beginning with another one in each round, so that none always follows the same other. */
export function turned<T>(items: readonly T[], round: number): readonly T[] {
  const start = round % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
