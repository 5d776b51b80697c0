/**
 * The dialect of searches: the part of regular expressions that means the same to ripgrep and to JavaScript.
 *
 * Literal characters, `.`, `[…]`, `[^…]`, `^`, `$`, `\b`, `\d \w \s` and `\D \W \S` (of ASCII), groups, `|`, and `* + ? {n} {n,} {n,m}`,
 * also lazy. A match lies within one line; the carriage return of a line that ends with one is not a part of it. What only one of
 * the two knows (looking around, back references, flags, properties) is refused, so that a result never depends on what is installed.
 */
import type { SearchPattern } from "./match.ts";

const ASCII_CLASSES = new Map([
  ["d", "0-9"],
  ["w", "A-Za-z0-9_"],
  ["s", "\\t\\u{b}\\f "],
]);

/** What no pattern matches: line ends, and NUL, which text has not, and which stands for bytes that are no UTF-8. */
const NEVER = "\\x00\\r\\n";

/** Characters that mean something outside of a class, or inside of one. */
const SYNTAX = /[\\^$.*+?()[\]{}|/&~#-]/;

/**
 * Writes a pattern for both engines.
 *
 * @throws TypeError - when the pattern is empty, is not a regular expression, or has what only one of the engines knows
 */
export function searchPattern(
  text: string,
  { literal, ignoreCase }: { readonly literal: boolean; readonly ignoreCase: boolean },
): SearchPattern {
  if (text === "") {
    throw new TypeError("Cannot search for nothing: give a pattern");
  }
  if (/[\r\n]/.test(text)) {
    throw new TypeError("Cannot search for a line end as a match lies within one line");
  }
  if (text.includes("\0")) {
    throw new TypeError("Cannot search for a NUL as files that have one are passed over");
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError("Cannot search for half a character: the pattern has a lone surrogate");
  }
  const { ripgrep, script } = literal ? literally(text) : new Translator(text).translate();
  try {
    return { ripgrep, script: new RegExp(script, ignoreCase ? "ui" : "u") };
  } catch (cause) {
    const rule = cause instanceof Error ? cause.message.replace(/^.*\/[iu]+: /, "") : String(cause);
    throw new TypeError(
      `Cannot search for "${text}": ${rule.toLowerCase()}; write \\ before a character that means itself`,
      { cause },
    );
  }
}

/** A pattern as both engines read it. */
type Written = Readonly<Record<"ripgrep" | "script", string>>;

function literally(text: string): Written {
  const escaped = Array.from(text, character).join("");
  return { ripgrep: escaped, script: escaped };
}

/** Escaped where it could mean something. */
function character(one: string): string {
  return SYNTAX.test(one) ? codePoint(one.codePointAt(0) ?? 0) : one;
}

function codePoint(value: number): string {
  return `\\u{${value.toString(16)}}`;
}

/** Inside of brackets, without what is never matched. One that is out of order stays so, for the check of the whole pattern. */
function range(first: number, last: number): string {
  const gap = [0x00, 0x0a, 0x0d].find((never) => first <= never && last >= never);
  if (gap === undefined) {
    return `${codePoint(first)}-${codePoint(last)}`;
  }
  return (first < gap ? range(first, gap - 1) : "") + range(gap + 1, last);
}

/** Goes once over the pattern. */
class Translator {
  readonly #text: string;
  readonly #characters: readonly string[];
  readonly #ripgrep: string[] = [];
  readonly #script: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#characters = Array.from(text);
  }

  translate(): Written {
    while (this.#at < this.#characters.length) {
      this.#next();
    }
    return { ripgrep: this.#ripgrep.join(""), script: this.#script.join("") };
  }

  #next(): void {
    const one = this.#take();
    if (one === "\\") {
      this.#escape();
    } else if (one === "[") {
      this.#class();
    } else if (one === "(") {
      this.#group();
    } else if (one === ".") {
      this.#negated("");
    } else if (one === "$") {
      this.#both("(?:\\r?$)");
    } else {
      // What counts a repetition is never escaped either, being digits and a comma.
      this.#both("^|)*+?{}".includes(one) ? one : character(one));
    }
  }

  #escape(): void {
    const one = this.#take();
    const ascii = asciiClass(one.toLowerCase());
    if (ascii !== undefined) {
      if (one === one.toLowerCase()) {
        this.#both(`[${ascii}]`);
      } else {
        this.#negated(ascii);
      }
    } else if (one === "b") {
      this.#ripgrep.push("(?-u:\\b)");
      this.#script.push("\\b");
    } else {
      this.#both(this.#character(this.#escaped(one)));
    }
  }

  #character(one: string): string {
    if (one === "\0") {
      this.#refuse("\\x00", "files that have one are passed over");
    }
    return character(one);
  }

  /** The character that an escape stands for. */
  #escaped(one: string): string {
    if (one === "t" || one === "f" || one === "v") {
      return { t: "\t", f: "\f", v: "\v" }[one];
    }
    if (one === "x" || one === "u") {
      return this.#codePoint(one);
    }
    if (/[A-Za-z0-9]/.test(one)) {
      this.#refuse(`\\${one}`, "n" === one || "r" === one ? "a match lies within one line" : "");
    }
    return one;
  }

  #codePoint(kind: "x" | "u"): string {
    const rest = this.#characters.slice(this.#at).join("");
    const digits = (
      kind === "x" ? /^([0-9a-fA-F]{2})/ : /^(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/
    ).exec(rest);
    const value = Number.parseInt(digits?.[1] ?? digits?.[2] ?? "", 16);
    if (!(value <= 0x10_ff_ff) || (value >= 0xd8_00 && value <= 0xdf_ff)) {
      this.#refuse(`\\${kind}`, `write \\${kind === "x" ? "x41" : "u0041 or \\u{41}"}`);
    }
    this.#at += digits?.[0].length ?? 0;
    const one = String.fromCodePoint(value);
    if (one === "\n" || one === "\r") {
      this.#refuse(`\\${kind}${digits?.[0] ?? ""}`, "a match lies within one line");
    }
    return one;
  }

  #group(): void {
    if (this.#peek() !== "?") {
      this.#both("(?:");
      return;
    }
    const rest = this.#characters.slice(this.#at).join("");
    const opening = /^\?(?::|P?<[A-Za-z_]\w*>)/.exec(rest);
    if (opening === null) {
      const begin = /^\?(?:<?[=!]|[a-zA-Z-]+|.)?/.exec(rest)?.[0] ?? "?";
      const ahead = /[=!]$/.test(begin);
      this.#refuse(
        `(${begin}`,
        ahead ? "search for what is there, and drop the rest in a second task" : "",
      );
    }
    this.#at += opening[0].length;
    this.#both("(?:");
  }

  #class(): void {
    const isNegated = this.#peek() === "^";
    if (isNegated) {
      this.#take();
    }
    let items = "";
    do {
      items += this.#classItem(); // A bracket that closes is a character where it comes first.
    } while (this.#peek() !== "]");
    this.#take();
    if (isNegated) {
      this.#negated(items);
    } else {
      this.#both(`[${items}]`);
    }
  }

  /** A character, a range, or an ASCII class. */
  #classItem(): string {
    const set = this.#asciiClass();
    if (set !== undefined) {
      return set;
    }
    const from = this.#classCharacter();
    const after = this.#characters[this.#at + 1];
    if (this.#peek() !== "-" || after === "]" || after === undefined) {
      return this.#character(from);
    }
    this.#take();
    return range(from.codePointAt(0) ?? 0, this.#classCharacter().codePointAt(0) ?? 0);
  }

  #asciiClass(): string | undefined {
    const set = this.#peek() === "\\" ? asciiClass(this.#characters[this.#at + 1]) : undefined;
    this.#at += set === undefined ? 0 : 2;
    return set;
  }

  #classCharacter(): string {
    const one = this.#take();
    if (one === "[") {
      this.#refuse("[", "write \\[ for a bracket inside of brackets");
    }
    if (one !== "\\") {
      return one;
    }
    const escaped = this.#take();
    if ("DWS".includes(escaped)) {
      this.#refuse(`\\${escaped}`, "inside of brackets; write . for any character");
    }
    return this.#escaped(escaped);
  }

  #negated(items: string): void {
    this.#both(`[^${items}${NEVER}]`);
  }

  #both(written: string): void {
    this.#ripgrep.push(written);
    this.#script.push(written);
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(): string {
    const one = this.#peek();
    if (one === undefined) {
      throw new TypeError(`Cannot search for "${this.#text}": it ends too early`);
    }
    this.#at += 1;
    return one;
  }

  #refuse(what: string, mend: string): never {
    throw new TypeError(
      `Cannot search for "${this.#text}" as not every engine of the search knows ${what}${mend === "" ? "" : `: ${mend}`}`,
    );
  }
}

function asciiClass(letter: string | undefined): string | undefined {
  return letter === undefined ? undefined : ASCII_CLASSES.get(letter);
}
