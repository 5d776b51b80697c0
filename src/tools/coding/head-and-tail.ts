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

/**
 * The beginning and the end of a text, together with no more than so many bytes of UTF-8, and a line that says how much is missing between
 * them. Cut between lines where the lines are short, otherwise between characters. The end gets as much as the beginning.
 *
 * The ends of a text will do, where each has more than half as many bytes, and the text has more of them.
 */
export function headAndTail(text: string | Ends, bytes: number): string {
  const [first, last, length] = bytesOf(text);
  if (typeof text === "string" && length <= bytes) {
    return text;
  }
  const half = Math.max(0, Math.floor((bytes - MARK_BYTES) / 2));
  const head = first.subarray(0, headEnd(first, half));
  const tail = last.subarray(tailStart(last, last.length - half));
  const left = length - head.length - tail.length;
  const breaks = head.length === 0 || head.at(-1) === 10 ? "" : "\n";
  return `${head.toString()}${breaks}… ${counted(left, "byte")} left out …\n${tail.toString()}`;
}

/** Where a text begins, where it ends, and how long it is. */
function bytesOf(text: string | Ends): readonly [Buffer, Buffer, number] {
  if (typeof text === "string") {
    const whole = Buffer.from(text);
    return [whole, whole, whole.length];
  }
  return [Buffer.from(text.head), Buffer.from(text.tail), text.bytes];
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
