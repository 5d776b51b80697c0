/** A terminal of a test: what would be seen on it. */
import pc from "picocolors";
import type { Terminal } from "../../src/cli/terminal.ts";

const ESCAPE = "\u001b";
const SEQUENCE = new RegExp(`^${ESCAPE}\\[\\??(\\d*)([A-Za-z])$`);
const PIECE = new RegExp(`(${ESCAPE}\\[[?\\d]*[A-Za-z]|\\n)`);

/** A terminal without colours that understands what the live view writes, and nothing else. */
export class Screen implements Terminal {
  readonly colors = pc.createColors(false);
  readonly isLive = true;
  columns = 80;
  rows = 24;
  /** Every line, those that have scrolled away included. */
  readonly lines: string[] = [""];
  #row = 0;

  write(text: string): void {
    for (const piece of text.split(PIECE)) {
      this.#take(piece);
    }
  }

  /** What is seen, without the empty last line. */
  get text(): string {
    return this.lines.join("\n").trimEnd();
  }

  #take(piece: string): void {
    const [, count, command] = SEQUENCE.exec(piece) ?? [];
    if (piece === "\n") {
      this.#row += 1;
      this.lines[this.#row] ??= "";
    } else if (command === "F") {
      this.#row -= Number(count);
      if (this.#row < 0) {
        throw new RangeError("The cursor left the screen");
      }
    } else if (command === "K") {
      this.lines[this.#row] = "";
      if (this.lines.slice(this.#row).every((line) => line === "")) {
        this.lines.length = this.#row + 1; // Nobody sees whether there are empty lines below.
      }
    } else if (command === undefined) {
      this.lines[this.#row] += piece;
    } else if (command !== "h" && command !== "l") {
      throw new RangeError(`Not a sequence that this screen knows: ${JSON.stringify(piece)}`);
    }
  }
}
