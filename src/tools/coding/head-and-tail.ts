/** Cuts the middle out of a text. */
import { counted } from "./text.ts";

/** What the line that stands for the middle needs at most, in bytes. */
const MARK_BYTES = 60;

/**
 * The beginning and the end of a text, together with no more than so many bytes of UTF-8, and a line that says how much is missing between
 * them. Cut between lines where the lines are short, otherwise between characters. The end gets as much as the beginning.
 */
export function headAndTail(text: string, bytes: number): string {
  const whole = Buffer.from(text);
  if (whole.length <= bytes) {
    return text;
  }
  const half = Math.max(0, Math.floor((bytes - MARK_BYTES) / 2));
  const head = whole.subarray(0, headEnd(whole, half));
  const tail = whole.subarray(tailStart(whole, whole.length - half));
  const left = whole.length - head.length - tail.length;
  const breaks = head.length === 0 || head.at(-1) === 10 ? "" : "\n";
  return `${head.toString()}${breaks}… ${counted(left, "byte")} left out …\n${tail.toString()}`;
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
