/** How a pattern of paths is read: which part is a plain folder, and where its wildcards begin. */

/** A pattern in two parts. */
export interface GlobParts {
  /** The plain folder above the first wildcard, without escapes; `""` when there is none. Without wildcards, the whole path. */
  readonly base: string;
  /** What follows, as it was written; `""` for a pattern without wildcards. */
  readonly rest: string;
}

/** Characters that mean something in a pattern. `!`, `+` and `@` do only before `(`, which is listed. */
const WILDCARD = /[*?[\]{}()|]/;

/**
 * Whether a pattern has wildcards: `*`, `?`, `[…]`, `{…}`, `(…)` or `|`, not behind a backslash.
 *
 * Unbalanced brackets count as wildcards too. A leading `!` does not.
 */
export function isGlob(pattern: string): boolean {
  return wildcardIndex(pattern) !== -1;
}

/**
 * The folder above the first wildcard of a pattern: every path that the pattern matches lies in it or below.
 *
 * Escapes are taken out, and `./` and `//` too. Returns `""` when the first segment has a wildcard, and for `.`; the whole path for a
 * pattern without wildcards. Leading `..` stay; the base may lie above the folder that the pattern is relative to.
 *
 * @throws TypeError - when `..` follows a wildcard: nothing could be said of what it matches
 */
export function globBase(pattern: string): string {
  return splitGlob(pattern).base;
}

/**
 * Cuts a pattern where its first segment with a wildcard begins.
 *
 * @throws TypeError - when the pattern is empty, or `..` follows a wildcard
 */
export function splitGlob(pattern: string): GlobParts {
  if (pattern === "") {
    throw new TypeError('Cannot use a pattern as it must name something: ""');
  }
  const wildcard = wildcardIndex(pattern);
  const cut = wildcard === -1 ? pattern.length : pattern.lastIndexOf("/", wildcard) + 1;
  const rest = pattern.slice(cut);
  // A range such as `{1..3}` is one part here, and stays allowed.
  if (rest.split(/[/\\{},()|]/).includes("..")) {
    throw new TypeError(`Cannot use a pattern as ".." may not follow a wildcard: "${pattern}"`);
  }
  return { base: plainPath(pattern.slice(0, cut)), rest };
}

/** Writes a plain path so that none of its characters means anything in a pattern. */
export function escapeGlob(path: string): string {
  return path.replace(/[^\p{L}\p{N}/_ -]/gu, "\\$&");
}

function wildcardIndex(pattern: string): number {
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === "\\") {
      index += 1;
    } else if (WILDCARD.test(character)) {
      return index;
    }
  }
  return -1;
}

/** Takes out escapes, `.` segments and empty segments. Leaves `..`, which depends on links. */
function plainPath(path: string): string {
  const segments = path
    .replace(/\\(.)/gsu, "$1")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");
  return `${path.startsWith("/") ? "/" : ""}${segments.join("/")}`;
}
