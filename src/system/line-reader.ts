/** Cuts a stream of bytes into lines of text, and keeps no more than the line that is not complete. */
import { StringDecoder } from "node:string_decoder";

/** The longest line that is handed on in one piece, in characters. */
const LONGEST_LINE = 8192;

/** Cuts chunks of UTF-8 into lines, without their ends. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.#onLine(line.replace(/\r$/, "").slice(0, LONGEST_LINE));
    }
    while (this.#rest.length > LONGEST_LINE) {
      this.#onLine(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  /** Hands on what came after the last line end. */
  end(): void {
    const last = this.#rest + this.#decoder.end();
    if (last !== "") {
      this.#onLine(last);
    }
    this.#rest = "";
  }
}
