/** Breaks lines at spaces, where a terminal would break them inside of words. */
import { textWidth } from "./text-width.ts";

/** What lines after the first begin with. */
const INDENT = "  ";

/** A line without colours as lines of at most so many columns; a word that is wider has a line of its own. */
export function wrap(line: string, columns: number): readonly string[] {
  if (textWidth(line) <= columns) {
    return [line];
  }
  const [first = "", ...words] = line.match(/^ *[^ ]*|[^ ]+/g) ?? [];
  const lines: string[] = [];
  let current = first;
  for (const word of words) {
    const longer = `${current} ${word}`;
    if (textWidth(longer) <= columns) {
      current = longer;
    } else {
      lines.push(current);
      current = INDENT + word;
    }
  }
  return [...lines, current];
}
