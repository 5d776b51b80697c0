/** Which of several values is believed, where sources contradict each other. */

/**
 * Who is believed.
 *
 * - `majority`: the value that most sources give.
 * - `newest`: the value of the source with the greatest `atMs`.
 * - `most-confident`: the value of the source with the greatest `confidence`.
 * - `{ prefer: [...] }`: the value of the first of these sources, by key, that has one.
 * - `report-both`: nobody; all values are reported.
 *
 * Where different values are equally good by the strategy, or it knows nothing of any of them, nobody is believed: nothing is drawn by lot.
 */
export type ConflictStrategy =
  | "majority"
  | "newest"
  | "most-confident"
  | "report-both"
  | { readonly prefer: readonly string[] };

/** One value, and who gives it. */
export interface Claim {
  readonly value: unknown;
  /** The keys of the sources, in the order of the results. */
  readonly keys: readonly string[];
  /** The latest time that one of them names. */
  readonly atMs?: number | undefined;
  /** The greatest confidence of one of them. */
  readonly confidence?: number | undefined;
}

/**
 * The claim that is believed, of several with different values; undefined where nobody is.
 *
 * @throws `TypeError` when there is no such strategy.
 */
export function believed(claims: readonly Claim[], strategy: ConflictStrategy): Claim | undefined {
  checkStrategy(strategy);
  if (typeof strategy === "object") {
    const first = strategy.prefer.find((key) => claims.some(({ keys }) => keys.includes(key)));
    return claims.find(({ keys }) => first !== undefined && keys.includes(first));
  }
  switch (strategy) {
    case "majority":
      return onlyBest(claims, ({ keys }) => keys.length);
    case "newest":
      return onlyBest(claims, ({ atMs }) => atMs);
    case "most-confident":
      return onlyBest(claims, ({ confidence }) => confidence);
    case "report-both":
      return undefined;
  }
}

/** @throws `TypeError` when there is no such strategy. */
export function checkStrategy(strategy: ConflictStrategy): void {
  const known = ["majority", "newest", "most-confident", "report-both"];
  const isKnown =
    typeof strategy === "object" && strategy !== null
      ? Array.isArray(strategy.prefer)
      : known.includes(strategy);
  if (!isKnown) {
    throw new TypeError(
      `Cannot resolve conflicts as the strategy must be one of ${known.join(", ")} or { prefer: [...] }: ${JSON.stringify(strategy)}`,
    );
  }
}

function onlyBest(
  claims: readonly Claim[],
  goodness: (claim: Claim) => number | undefined,
): Claim | undefined {
  const best = claims.reduce(
    (most, claim) => Math.max(most, goodness(claim) ?? -Infinity),
    -Infinity,
  );
  const leaders = claims.filter((claim) => goodness(claim) === best);
  return leaders.length === 1 ? leaders[0] : undefined;
}
