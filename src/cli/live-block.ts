/** Lines at the end of the terminal that are drawn again and again. */
import { cutLine } from "./cut-line.ts";
import type { Terminal } from "./terminal.ts";

/** How often they are drawn, in milliseconds. */
const FRAME_MS = 100;

/** What is drawn. */
export interface LiveBlockOptions {
  readonly terminal: Pick<Terminal, "write" | "columns">;
  /** The lines as of now: fewer than the terminal has. What is too wide is cut. */
  readonly lines: () => readonly string[];
}

/** Lines at the end of the terminal; what is printed scrolls away above them. Writes nothing as long as there are none. */
export class LiveBlock {
  readonly #options: LiveBlockOptions;
  readonly #timer: NodeJS.Timeout;
  #drawnLines = 0;

  constructor(options: LiveBlockOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.draw(), FRAME_MS);
    this.#timer.unref();
  }

  /**
   * Draws the lines. Above them stays a text, or what a function writes to another stream of the same terminal: whole lines, where there are lines to
   * draw.
   */
  draw(above: string | (() => void) = ""): void {
    const { terminal, lines } = this.#options;
    const drawn = lines().map((line) => cutLine(line, terminal.columns));
    const erasure = this.#erasure();
    const block = drawn.map((line) => `${line}\n`).join("");
    // Without wrapping, what is too wide after all, such as emoji that it does not join, is cut by the terminal itself.
    const drawing = block === "" ? "" : `\u001b[?7l${block}\u001b[?7h`;
    if (typeof above === "string") {
      write(terminal, erasure + above + drawing);
    } else {
      write(terminal, erasure);
      above();
      write(terminal, drawing);
    }
    this.#drawnLines = drawn.length;
  }

  /** Takes the lines away for good. */
  end(): void {
    clearInterval(this.#timer);
    write(this.#options.terminal, this.#erasure());
    this.#drawnLines = 0;
  }

  /** Goes back to where the lines begin and takes them away: one by one, as what is cleared as a whole from the top of a screen stays in the history of tmux. */
  #erasure(): string {
    return "\u001b[1F\u001b[2K".repeat(this.#drawnLines);
  }
}

function write(terminal: LiveBlockOptions["terminal"], text: string): void {
  if (text !== "") {
    terminal.write(text);
  }
}
