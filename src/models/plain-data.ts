/** Plain data, as in JSON: what is the same, and where in a value something is. */

/** An object of plain data: no list, and not null. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is the same for equal data, whatever the order of its keys. Fields that are undefined count as absent. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, each: unknown) =>
      isPlainObject(each) ? Object.fromEntries(Object.entries(each).toSorted(byKey)) : each,
    ) ?? "undefined"
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

/** The place of a field in a value: a JSON Pointer (RFC 6901). */
export function pointerTo(path: string, key: string): string {
  return `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
