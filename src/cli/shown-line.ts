/** Texts on lines for people. */

/** How many characters of a name are shown. */
const LONGEST_NAME = 60;

/** A name on one line, cut where it is too long. */
export function shownName(name: string): string {
  return shownLine(name, LONGEST_NAME);
}

/** A text on one line of at most so many characters. */
export function shownLine(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
