/** Cuts lines to the width of a terminal. */

const ESCAPE = "\u001b";

/** A colour, which takes no place, or a character. */
const PIECE = new RegExp(`(${ESCAPE}\\[[0-9;]*m)|.`, "gsu");

/** A line of at most so many characters: its beginning and `…` where it is longer. Colours are kept, also those that end behind the cut. */
export function cutLine(line: string, columns: number): string {
  const pieces = [...line.matchAll(PIECE)].map(([piece, color]) => ({
    piece,
    isColor: color !== undefined,
  }));
  if (pieces.filter(({ isColor }) => !isColor).length <= columns) {
    return line;
  }
  let room = columns - 1;
  let isCut = false;
  let cut = "";
  for (const { piece, isColor } of pieces) {
    if (isColor) {
      cut += piece;
    } else if (room > 0) {
      room -= 1;
      cut += piece;
    } else if (!isCut) {
      isCut = true;
      cut += "…";
    }
  }
  return cut;
}
