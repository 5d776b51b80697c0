/**
 * Which commands may run, by patterns of a program and its arguments.
 *
 * A pattern is words with spaces between them, each of which stands for one argument. In a word `*` stands for any characters, but a word that
 * begins with `*` stands for no argument that begins with `-`: an option can change what a program does. `**` as the last word stands for any
 * further arguments, options too. Nothing else stands for more than it says.
 *
 * Where there is a policy a command is a list: what a shell would make of a text cannot be told from the text.
 */
import { basename } from "node:path";
import { starSource } from "./star-pattern.ts";

/** What may run. */
export interface CommandPolicy {
  /** One of these has to match; where there are none, whatever none of `deny` matches. */
  readonly allow: readonly CommandPattern[];
  readonly deny: readonly CommandPattern[];
}

/** A pattern, as it was written and as it is matched. */
export interface CommandPattern {
  readonly text: string;
  readonly words: readonly RegExp[];
  /** Whether any further arguments may follow. */
  readonly isOpen: boolean;
}

const ANY_REST = "**";

/**
 * Reads a pattern.
 *
 * @throws RangeError - when it names no program, or `**` is not its last word
 */
export function commandPattern(text: string): CommandPattern {
  const words = text.trim().split(/\s+/);
  const isOpen = words.length > 1 && words.at(-1) === ANY_REST;
  const own = isOpen ? words.slice(0, -1) : words;
  if (own[0] === "" || own.some((word) => word.includes(ANY_REST))) {
    throw new RangeError(
      `Cannot use a pattern of commands as it must begin with a program, and have "**" as its last word alone: ${JSON.stringify(text)}`,
    );
  }
  return { text, words: own.map(wordPattern), isOpen };
}

/** Why a command may not run; undefined where it may. */
export function refusedBy(
  { allow, deny }: CommandPolicy,
  command: string | readonly string[],
): string | undefined {
  if (allow.length === 0 && deny.length === 0) {
    return undefined;
  }
  const patterns = allow.map(({ text }) => text).join("; ");
  const only = patterns === "" ? "" : `. These may run: ${patterns}`;
  if (typeof command === "string") {
    return `a command must be a list of a program and its arguments here, such as ["git", "status"]${only}`;
  }
  const denied = deny.find((pattern) => isDenied(pattern, command));
  if (denied !== undefined) {
    return `commands like "${denied.text}" may not run${only}`;
  }
  const isAllowed = allow.length === 0 || allow.some((pattern) => matches(pattern, command));
  return isAllowed ? undefined : `this command may not run${only}`;
}

/** Also where the program is named by a path, or run by another such as `env`, `nice` or `xargs`. */
function isDenied(pattern: CommandPattern, command: readonly string[]): boolean {
  return command.some((program, index) =>
    matches(pattern, [basename(program), ...command.slice(index + 1)]),
  );
}

function matches({ words, isOpen }: CommandPattern, command: readonly string[]): boolean {
  const fits = isOpen ? command.length >= words.length : command.length === words.length;
  return fits && words.every((word, index) => word.test(command[index] ?? ""));
}

function wordPattern(word: string): RegExp {
  return new RegExp(`^${word.startsWith("*") ? "(?!-)" : ""}${starSource(word)}$`);
}
