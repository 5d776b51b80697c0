/** Cuts a stream of bytes into lines of text, and keeps no more than the beginning of the line that is not complete. */
import { StringDecoder } from "node:string_decoder";

/** How much of a line is handed on, in characters. */
const LONGEST_LINE = 8192;

/** Cuts chunks of UTF-8 into lines, without their ends. Of a line that is too long the beginning is handed on, and how much follows. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  /** The beginning of the line that is not complete. */
  #head = "";
  /** How much of that line has come, in characters. */
  #length = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const pieces = this.#decoder.write(chunk).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      this.#take(piece);
      this.#endLine();
    }
    this.#take(rest);
  }

  /** Hands on what came after the last line end. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#length > 0) {
      this.#endLine();
    }
  }

  #take(text: string): void {
    if (this.#length <= LONGEST_LINE) {
      // One more tells whether it is too long but for the first half of its end.
      this.#head += text.slice(0, LONGEST_LINE + 1 - this.#length);
    }
    this.#length += text.length;
  }

  #endLine(): void {
    const line = this.#head.endsWith("\r") ? this.#head.slice(0, -1) : this.#head;
    const shown = line.slice(0, LONGEST_LINE);
    const left = this.#length - LONGEST_LINE;
    this.#onLine(
      line.length > LONGEST_LINE || this.#length > LONGEST_LINE + 1
        ? `${shown}… and ${left.toLocaleString("en-US")} more characters`
        : shown,
    );
    this.#head = "";
    this.#length = 0;
  }
}
