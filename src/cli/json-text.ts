/** What a run left behind as JSON, whatever a module of a plan returned. */

/** JSON of any value; empty for what JSON has no form for, such as a function. Never throws: see {@link jsonValue}. */
export function jsonText(value: unknown): string {
  return JSON.stringify(jsonValue(value), undefined, 2) ?? "";
}

/** The value, or in words why JSON cannot hold it, as in a recording: it refers to itself, has a `BigInt` in it, or throws when it is read. */
export function jsonValue(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    return `[not JSON: ${error instanceof Error ? error.message : "a value"}]`;
  }
}
