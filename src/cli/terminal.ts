/** Where this process prints, and what can be shown there. */
import { isatty } from "node:tty";
import pc from "picocolors";

/** The colours of texts; without colours, each returns its text. */
export type Colors = ReturnType<typeof pc.createColors>;

/** A stream of this process that people may watch. */
export interface Terminal {
  readonly colors: Colors;
  /** Whether lines that were printed can be drawn again. */
  readonly isLive: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** What the user asked for. */
export interface TerminalOptions {
  /** False for no colours. @defaultValue by what the terminal can */
  readonly color?: boolean | undefined;
  /** @defaultValue standard output */
  readonly stream?: (NodeJS.WriteStream & { readonly fd: number }) | undefined;
}

/**
 * The terminal of a stream.
 *
 * Colours: never with `color: false` or `NO_COLOR`; always with `FORCE_COLOR`; otherwise on a terminal that is not `dumb`.
 * Live: on such a terminal, unless `CI` says that nobody watches.
 */
export function openTerminal({ color, stream = process.stdout }: TerminalOptions): Terminal {
  const { env } = process;
  const isTerminal = isatty(stream.fd) && env["TERM"] !== "dumb";
  const isForced = !["", "0", undefined].includes(env["FORCE_COLOR"]);
  const hasColors = color !== false && !isSet(env["NO_COLOR"]) && (isForced || isTerminal);
  // Taken now: what modules of a plan print later may be led elsewhere.
  const write = stream.write.bind(stream);
  return {
    colors: pc.createColors(hasColors),
    isLive: isTerminal && !isSet(env["CI"]),
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write: (text) => {
      write(text);
    },
  };
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}

/**
 * A line of output as a terminal would show it: of text that was written over the last, nothing that moves the cursor, and colours
 * only where there are some.
 */
export function cleanLine(line: string, { colors }: Pick<Terminal, "colors">): string {
  const written = line.replace(/\r+$/, "");
  return written
    .slice(written.lastIndexOf("\r") + 1)
    .replace(CONTROL, (_control: string, color: unknown) =>
      colors.isColorSupported && typeof color === "string" ? color : "",
    );
}

const ESCAPE = "\u001b";
const BELL = "\u0007";

/** ECMA-48: colours (the group), other control sequences, commands of the system, other escapes, and control characters. */
const CONTROL = new RegExp(
  [
    `(${ESCAPE}\\[[0-?]*m)`,
    `${ESCAPE}\\[[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)`,
    `${ESCAPE}[ -/]*[0-~]`,
    "(?!\\t)\\p{Cc}",
  ].join("|"),
  "gu",
);
