/** Names of resources, as paths in a tree: `file:/repo/src` is above `file:/repo/src/a.ts`, which is above `file:/repo/src/a.ts#parse`. */

/**
 * The segments of a resource's name, from the top of the tree down. Whole segments count: `/src` is not above `/src2`. Empty
 * segments and those of a trailing slash are dropped.
 *
 * @throws `TypeError` when nothing is left to name.
 */
export function parseResource(name: string): readonly string[] {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot claim a resource as its name must be a string: ${typeof name}`);
  }
  const segments = segmentsOf(name);
  if (segments.length === 0) {
    throw new TypeError(
      `Cannot claim a resource as its name must not be empty: ${JSON.stringify(name)}`,
    );
  }
  const first = segments[0] ?? "";
  // The scheme alone, as in most names, is a segment already.
  const scheme =
    first.indexOf(":") === first.length - 1 ? null : /^([A-Za-z][A-Za-z0-9+.-]*:)(.+)$/.exec(first);
  return scheme === null ? segments : [scheme[1] ?? "", scheme[2] ?? "", ...segments.slice(1)];
}

/** Splits a name. Tens of thousands of claims are parsed at once: what nearly no name needs is not done to all. */
function segmentsOf(name: string): readonly string[] {
  // A part of a file is below the file: `a.ts#parse` becomes `a.ts/#parse`.
  const segments = (name.includes("#") ? name.replaceAll("#", "/#") : name).split("/");
  return segments.includes("") ? segments.filter((segment) => segment !== "") : segments;
}

/** Whether `a` is `b` or above it. */
export function covers(a: readonly string[], b: readonly string[]): boolean {
  return a.length <= b.length && a.every((segment, index) => segment === b[index]);
}
