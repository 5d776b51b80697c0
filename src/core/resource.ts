/** Names of resources, as paths in a tree: `file:/repo/src` is above `file:/repo/src/a.ts`, which is above `file:/repo/src/a.ts#parse`. */

/** The resource above all others. */
export const EVERYTHING = "";

/** How users write it. */
const ALL = "*";

/** What is written like this already names each segment once. Nearly all names are: tens of thousands may be claimed at once. */
const CANONICAL = /^[^/#:]+:?(?:\/[^/#]+)*$/;

/** A scheme that is written in one with the first segment, as in `file:src`. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:(?=[^/])/;

/**
 * The one name of a resource among those that mean the same: its segments from the top of the tree down, with `/` between them.
 * Empty segments and those of a trailing slash are dropped. `*` by itself is everything.
 *
 * @throws `TypeError` when nothing is left to name.
 */
export function resourceName(name: string): string {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot claim a resource as its name must be a string: ${typeof name}`);
  }
  if (name === ALL) {
    return EVERYTHING;
  }
  if (CANONICAL.test(name)) {
    return name;
  }
  // A part of a file is below the file: `a.ts#parse` becomes `a.ts/#parse`.
  const segments = name.replaceAll("#", "/#").split("/");
  const path = segments.filter((segment) => segment !== "").join("/");
  if (path === "") {
    throw new TypeError(
      `Cannot claim a resource as its name must not be empty: ${JSON.stringify(name)}`,
    );
  }
  return path.replace(SCHEME, "$&/");
}

/** Whether `a` is `b` or above it, both as {@link resourceName} gives them. Whole segments count: `/src` is not above `/src2`. */
export function covers(a: string, b: string): boolean {
  return a === EVERYTHING || a === b || (b.startsWith(a) && b[a.length] === "/");
}
