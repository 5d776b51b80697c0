/** Reads some lines of a text file, whatever its size, and no more than a bound. */
import type { FileHandle } from "node:fs/promises";
import { textChunks } from "./text-chunks.ts";

/** Which lines to read, and until when. */
export interface ReadLinesOptions {
  /** The first line, counted from 1. @defaultValue 1 */
  readonly from?: number | undefined;
  /** The last line. @defaultValue the last of the file */
  readonly to?: number | undefined;
  /** The most that is kept, in UTF-16 units. */
  readonly limit: number;
  /** Stops the reading; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** Lines of a text file. */
export interface TextLines {
  readonly kind: "text";
  /** The lines with their ends, as they are in the file; without a byte order mark. */
  readonly text: string;
  /** The first line of it, counted from 1. */
  readonly from: number;
  /** How many lines it has, with one that is cut. */
  readonly lines: number;
  /** How many lines the file has; undefined when it is too long to count them. */
  readonly totalLines: number | undefined;
  /** Whether the limit left out what was asked for: whole lines, or the rest of the last line of `text`. */
  readonly cut: "no" | "after a line" | "within a line";
}

/** What has a NUL character in the lines that were asked for is no text. */
export interface BinaryContent {
  readonly kind: "binary";
}

/** How far lines are counted beyond those that were asked for, in bytes from the start of the file. */
const COUNTED_BYTES = 16 * 1024 * 1024;

/** How far into a file the first line may be, in bytes. */
const LONGEST_SCAN_BYTES = 512 * 1024 * 1024;

/**
 * Reads lines of an open file from its start. Text is UTF-8, or UTF-16 with a byte order mark; bytes that are neither become U+FFFD.
 * A line ends with `\n`; a carriage return before it belongs to the line end.
 *
 * Guarantees: holds no more than the limit and a chunk in memory; reads no further than it has to, but for counting lines of files up to
 * 16 MiB.
 *
 * @throws RangeError - when the first line does not lie in the first 512 MiB
 */
export async function readLines(
  handle: FileHandle,
  options: ReadLinesOptions,
): Promise<TextLines | BinaryContent> {
  const collector = new LineCollector(options);
  for await (const { text, end } of textChunks(handle, options.signal)) {
    collector.add(text);
    if (collector.hasNul) {
      return { kind: "binary" };
    }
    if (collector.isDone && end >= COUNTED_BYTES) {
      return collector.result({ isCounted: false });
    }
    if (!collector.hasBegun && end >= LONGEST_SCAN_BYTES) {
      throw new RangeError(
        `Cannot read from line ${options.from} as it does not lie in the first ${LONGEST_SCAN_BYTES} bytes`,
      );
    }
  }
  return collector.result({ isCounted: true });
}

/** Counts lines, and keeps those that are wanted. */
class LineCollector {
  readonly #from: number;
  readonly #to: number;
  readonly #limit: number;
  readonly #parts: string[] = [];
  #length = 0;
  /** Whether a NUL character was kept. */
  hasNul = false;
  /** How many lines have ended. */
  #ended = 0;
  /** Whether something of the line after those has come. */
  #isWithinLine = false;
  #lines = 0;
  /** How much there was when the last of them began. */
  #before = { parts: 0, length: 0 };
  #cut: TextLines["cut"] = "no";

  constructor({ from = 1, to = Infinity, limit }: ReadLinesOptions) {
    this.#from = from;
    this.#to = to;
    this.#limit = limit;
  }

  /** Whether nothing more is kept. */
  get isDone(): boolean {
    return this.#cut !== "no" || this.#ended >= this.#to;
  }

  /** Whether the first line is reached. */
  get hasBegun(): boolean {
    return this.#ended >= this.#from - 1;
  }

  add(text: string): void {
    for (let start = 0; start < text.length;) {
      const found = text.indexOf("\n", start);
      const end = found === -1 ? text.length : found + 1;
      this.#keep(text, start, end);
      this.#isWithinLine = found === -1;
      this.#ended += found === -1 ? 0 : 1;
      start = end;
    }
  }

  result({ isCounted }: { readonly isCounted: boolean }): TextLines {
    return {
      kind: "text",
      text: detached(this.#parts.join("")),
      from: this.#from,
      lines: this.#lines,
      totalLines: isCounted ? this.#ended + (this.#isWithinLine ? 1 : 0) : undefined,
      cut: this.#cut,
    };
  }

  #keep(text: string, start: number, end: number): void {
    const line = this.#ended + 1;
    if (line < this.#from || line > this.#to || this.#cut !== "no") {
      return;
    }
    if (!this.#isWithinLine) {
      this.#lines += 1;
      this.#before = { parts: this.#parts.length, length: this.#length };
    }
    const room = this.#limit - this.#length;
    if (end - start <= room) {
      this.#push(text.slice(start, end));
    } else if (this.#lines > 1) {
      this.#dropLine(); // Rather no line than a part of it.
    } else {
      // Half of a character is none.
      this.#push(text.slice(start, start + room).replace(/[\ud800-\udbff]$/, ""));
      this.#cut = "within a line";
    }
  }

  #push(piece: string): void {
    this.hasNul ||= piece.includes("\0");
    this.#parts.push(piece);
    this.#length += piece.length;
  }

  #dropLine(): void {
    this.#parts.length = this.#before.parts;
    this.#length = this.#before.length;
    this.#lines -= 1;
    this.#cut = "after a line";
  }
}

/** A copy: the engine keeps a slice as a place in what it was cut from, all of which would stay in memory with it. */
function detached(text: string): string {
  return Buffer.from(text).toString(); // Whole characters alone are kept, so that nothing is lost.
}
