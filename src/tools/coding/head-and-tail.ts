/** Cuts the middle out of a text. */
import { counted } from "../../core/counted.ts";

/** What the line that stands for the middle needs at most, in bytes. */
const MARK_BYTES = 60;

/** A text of which some was left out before. */
export type Pieces = readonly (string | Gap)[];

/** What was left out of a text. */
export interface Gap {
  /** How long it was, in bytes of UTF-8. */
  readonly leftOut: number;
}

/** What is known of a text, with a mark in place of what was left out. */
export function withMarks(pieces: Pieces): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : markOf(piece.leftOut)))
    .join("");
}

/**
 * The beginning and the end of a text, together with no more than so many bytes of UTF-8, and a line that says how much is missing between
 * them. Cut between lines where the lines are short, otherwise between characters. The end gets as much as the beginning.
 *
 * What was left out before counts as missing.
 */
export function headAndTail(text: string | Pieces, bytes: number): string {
  const pieces = typeof text === "string" ? [text] : text;
  const known = withMarks(pieces);
  const whole = Buffer.from(known);
  if (whole.length <= bytes) {
    return known;
  }
  const half = Math.max(0, Math.floor((bytes - MARK_BYTES) / 2));
  const end = headEnd(whole, half);
  const start = tailStart(whole, whole.length - half);
  const breaks = end === 0 || whole[end - 1] === 10 ? "" : "\n";
  const mark = markOf(bytesBetween(pieces, end, start));
  return `${whole.toString("utf8", 0, end)}${breaks}${mark}\n${whole.toString("utf8", start)}`;
}

function markOf(leftOut: number): string {
  return `… ${counted(leftOut, "byte")} left out …`;
}

/** How long the part of a text is that lies between two places of what is known of it, with marks. */
function bytesBetween(pieces: Pieces, from: number, to: number): number {
  let at = 0;
  return pieces.reduce<number>((sum, piece) => {
    const start = at;
    at += Buffer.byteLength(withMarks([piece]));
    const inside = Math.max(0, Math.min(to, at) - Math.max(from, start));
    return sum + (typeof piece === "string" || inside === 0 ? inside : piece.leftOut);
  }, 0);
}

/** Where the last whole line ends, if it is in the second half, else where the last whole character does. */
function headEnd(whole: Buffer, limit: number): number {
  const line = whole.lastIndexOf("\n", limit - 1) + 1;
  if (limit > 0 && line > limit / 2) {
    return line;
  }
  let end = limit;
  while (end > 0 && isWithinCharacter(whole, end)) {
    end -= 1;
  }
  return end;
}

function tailStart(whole: Buffer, limit: number): number {
  const line = whole.indexOf("\n", limit - 1) + 1;
  if (line > 0 && line - limit < (whole.length - limit) / 2) {
    return line;
  }
  let start = limit;
  while (start < whole.length && isWithinCharacter(whole, start)) {
    start += 1;
  }
  return start;
}

/** Whether a byte continues a character of UTF-8. */
function isWithinCharacter(whole: Buffer, index: number): boolean {
  return ((whole[index] ?? 0) & 0xc0) === 0x80;
}
