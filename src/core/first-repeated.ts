/** Names that must differ. */

/** The first of these that is there before; undefined where all differ. */
export function firstRepeated(names: Iterable<string>): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      return name;
    }
    seen.add(name);
  }
  return undefined;
}
