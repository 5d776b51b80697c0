/** Takes out of a long text what is in neither of its ends, and is not needed any more. The text may have other things between its parts, which stay. */
import type { Gap } from "../../tools/coding/head-and-tail.ts";

/** The pieces without what is neither among the first nor among the last `most` UTF-16 units of their text. Characters stay whole. */
export function thinPieces<T extends object>(
  pieces: readonly (string | T)[],
  most: number,
): readonly (string | T | Gap)[] {
  const total = pieces.reduce((sum, piece) => sum + (isText(piece) ? piece.length : 0), 0);
  let before = 0;
  return pieces.flatMap((piece): readonly (string | T | Gap)[] => {
    if (!isText(piece)) {
      return [piece];
    }
    const start = before;
    before += piece.length;
    return thinText(piece, most - start, total - most - start);
  });
}

/** A text without what is from `from` to `to`. */
function thinText(text: string, from: number, to: number): readonly (string | Gap)[] {
  const [start, end] = [inside(text, from), inside(text, to)];
  const headEnd = isWithinCharacter(text, start) ? start + 1 : start;
  const tailStart = isWithinCharacter(text, end) ? end - 1 : end;
  if (headEnd >= tailStart) {
    return [text];
  }
  const leftOut = Buffer.byteLength(text.slice(headEnd, tailStart));
  return [copied(text.slice(0, headEnd)), { leftOut }, copied(text.slice(tailStart))];
}

function inside({ length }: string, index: number): number {
  return Math.min(Math.max(0, index), length);
}

/** Whether a unit is the second of the two of a character. */
function isWithinCharacter(text: string, index: number): boolean {
  return index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff;
}

/** The same text on its own: a part of a text holds all of that in memory. */
function copied(text: string): string {
  return Buffer.from(text).toString();
}

function isText(piece: unknown): piece is string {
  return typeof piece === "string";
}
