/** Patterns in which `*` stands for any characters, and everything else for itself. */

/** What such a pattern is as a part of a regular expression. */
export function starSource(pattern: string): string {
  return pattern
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join("[^]*");
}
