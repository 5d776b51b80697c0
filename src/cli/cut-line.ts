/** Cuts lines to the width of a terminal. */
import { startOf, textWidth } from "./text-width.ts";

const ESCAPE = "\u001b";

/** A colour, which takes no place. */
const COLOR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`, "u");

/** A line of at most so many columns: its beginning and `…` where it is wider. Colours are kept, also those that end behind the cut. */
export function cutLine(line: string, columns: number): string {
  // Colours stand at odd indexes.
  const pieces = line.split(COLOR);
  const width = pieces.reduce((sum, piece, index) => sum + (index % 2 ? 0 : textWidth(piece)), 0);
  if (width <= columns) {
    return line;
  }
  let room = columns - 1;
  let isCut = false;
  let cut = "";
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 1) {
      cut += piece;
    } else if (!isCut) {
      const start = startOf(piece, room);
      room -= textWidth(start);
      isCut = start !== piece;
      cut += isCut ? `${start}…` : start;
    }
  }
  return cut;
}
