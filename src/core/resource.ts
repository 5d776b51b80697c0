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
  // A part of a file is below the file: `a.ts#parse` becomes `a.ts/#parse`.
  const segments = name
    .replaceAll("#", "/#")
    .split("/")
    .filter((segment) => segment !== "");
  if (segments.length === 0) {
    throw new TypeError(
      `Cannot claim a resource as its name must not be empty: ${JSON.stringify(name)}`,
    );
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*:)(.+)$/.exec(segments[0] ?? "");
  return scheme === null ? segments : [scheme[1] ?? "", scheme[2] ?? "", ...segments.slice(1)];
}

/** Whether `a` is `b` or above it. */
export function covers(a: readonly string[], b: readonly string[]): boolean {
  return a.length <= b.length && a.every((segment, index) => segment === b[index]);
}
