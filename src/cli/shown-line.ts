/** Texts on lines for people. */
import { cutText } from "./text-width.ts";

/** How many columns of a name are shown. */
const LONGEST_NAME = 60;

/** The shortest that names are cut to in a line that is cut to the width of a terminal. */
const SHORTEST_NAME = 12;

/** How many columns of a name leave room in so many columns for what is said behind it. */
export function longestNameIn(columns: number): number {
  return Math.max(SHORTEST_NAME, Math.floor(columns / 2));
}

/** A name on one line, cut where it is too long. */
export function shownName(name: string): string {
  return shownNameWithin(name, Infinity);
}

/** The same where there is room for no more than so many columns. */
export function shownNameWithin(name: string, columns: number): string {
  return shownLine(name, Math.min(LONGEST_NAME, columns));
}

/** A text on one line of at most so many columns. */
export function shownLine(text: string, longest: number): string {
  return cutText(text.trim().replaceAll(/\s+/g, " "), longest);
}
