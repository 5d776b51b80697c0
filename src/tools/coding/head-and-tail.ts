/** Cuts the middle out of a text. */
import { counted } from "../../core/counted.ts";

/** What the line that stands for the middle needs at most, in bytes. */
const MARK_BYTES = 60;

/** A text of which the middle is not known any more. */
export interface Ends {
  readonly head: string;
  readonly tail: string;
  /** How long all of it is, in bytes of UTF-8. */
  readonly bytes: number;
}

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
 * The ends of a text will do, where each has more than half as many bytes, and the text has more of them. What was left out before counts as missing.
 */
export function headAndTail(text: string | Pieces | Ends, bytes: number): string {
  const { whole, first, last, missing } = bytesOf(text);
  if (whole !== undefined && first.length <= bytes) {
    return whole;
  }
  const half = Math.max(0, Math.floor((bytes - MARK_BYTES) / 2));
  const head = first.subarray(0, headEnd(first, half));
  const tail = last.subarray(tailStart(last, last.length - half));
  const left = missing(head.length, tail.length);
  const breaks = head.length === 0 || head.at(-1) === 10 ? "" : "\n";
  return `${head.toString()}${breaks}${markOf(left)}\n${tail.toString()}`;
}

function markOf(leftOut: number): string {
  return `… ${counted(leftOut, "byte")} left out …`;
}

/** A text as bytes. */
interface TextBytes {
  /** The text itself, where it is known but for its gaps. */
  readonly whole: string | undefined;
  readonly first: Buffer;
  readonly last: Buffer;
  /** How long it is without so many bytes of its beginning and of its end. */
  missing(head: number, tail: number): number;
}

function bytesOf(text: string | Pieces | Ends): TextBytes {
  if (typeof text === "object" && "head" in text) {
    const missing = (head: number, tail: number): number => text.bytes - head - tail;
    const [first, last] = [Buffer.from(text.head), Buffer.from(text.tail)];
    return { whole: undefined, first, last, missing };
  }
  const pieces = typeof text === "string" ? [text] : text;
  const whole = withMarks(pieces);
  const bytes = Buffer.from(whole);
  const missing = (head: number, tail: number): number =>
    bytesBetween(pieces, head, bytes.length - tail);
  return { whole, first: bytes, last: bytes, missing };
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
