/**
 * References in a shell command travel as environment variables. What another task printed is never spliced into the text of
 * the command, so it cannot become code of the shell: the shell expands a variable once and does not read the result again.
 *
 * For the value to arrive whole, the text has to be read as the shell reads it ("Shell Command Language", POSIX.1-2024, sections
 * 2.2 to 2.7): outside of quotes the variable is put into double quotes, inside double quotes and here-documents it stands
 * as it is, and where a variable does not expand, or is read again, it is refused.
 */
import { parseText, type Reference } from "./reference.ts";

/** A command whose references have been replaced. */
export interface ShellText {
  /** What the shell is given. */
  readonly text: string;
  /** What each variable stands for. */
  readonly variables: Readonly<Record<string, Reference>>;
}

/** A reference that would not arrive. */
export interface ShellProblem {
  /** Where in the text, counted from 0. */
  readonly offset: number;
  readonly message: string;
}

/** What the shell makes of a place in its text. */
type Mode =
  /** Outside of quotes; closed by `)` when it is a substitution or subshell. */
  | { readonly kind: "plain"; readonly isNested: boolean; cases: number }
  | { readonly kind: "double" }
  /** The body of a here-document with an unquoted delimiter, up to `end`. */
  | { readonly kind: "document"; readonly end: number };

interface HereDocument {
  readonly delimiter: string;
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
}

/** Replaces the references of a command. What could not arrive is told in `problems`. */
export function toShellText(
  command: string,
): ShellText & { readonly problems: readonly ShellProblem[] } {
  return new Scanner(command).scan();
}

/** Words after which a command begins. */
const COMMAND_FOLLOWS = /(?:^|[\n;&|({!]|\b(?:then|do|else|elif|if|while|until)\s)\s*$/;

class Scanner {
  readonly #source: string;
  readonly #references: ReadonlyMap<
    number,
    { readonly end: number; readonly reference: Reference }
  >;
  readonly #escapes: ReadonlyMap<number, number>;
  readonly #problems: ShellProblem[] = [];
  readonly #variables: Record<string, Reference> = {};
  readonly #names = new Map<string, string>();
  readonly #modes: Mode[] = [{ kind: "plain", isNested: false, cases: 0 }];
  #pending: HereDocument[] = [];
  #at = 0;
  #text = "";

  constructor(source: string) {
    this.#source = source;
    const parts = parseText(source);
    this.#references = new Map(
      parts.flatMap(({ offset, end, reference }) =>
        reference === undefined ? [] : [[offset, { end, reference }]],
      ),
    );
    this.#escapes = new Map(
      parts
        .filter(({ literal, offset }) => literal === "${{" && source.startsWith("$${{", offset))
        .map(({ offset, end }) => [offset, end]),
    );
  }

  scan(): ShellText & { readonly problems: readonly ShellProblem[] } {
    while (this.#at < this.#source.length) {
      this.#step();
    }
    const isOpen = this.#modes.slice(1).some(({ kind }) => kind !== "document");
    if (isOpen && this.#references.size > 0) {
      this.#refuse(0, "its quotes and parentheses do not close", "close them");
    }
    return { text: this.#text, variables: this.#variables, problems: this.#problems };
  }

  get #mode(): Mode {
    return this.#modes.at(-1) as Mode; // The first is never taken away.
  }

  #step(): void {
    const mode = this.#mode;
    if (mode.kind === "document" && this.#at >= mode.end) {
      this.#modes.pop();
      return;
    }
    const escape = this.#escapes.get(this.#at);
    if (escape !== undefined) {
      this.#text += "${{";
      this.#at = escape;
      return;
    }
    if (this.#references.has(this.#at)) {
      const name = this.#variable(this.#at);
      this.#text += mode.kind === "plain" ? `"\${${name}}"` : `\${${name}}`;
      this.#at = this.#references.get(this.#at)?.end ?? this.#source.length;
      return;
    }
    if (this.#stepExpansion()) {
      return;
    }
    if (mode.kind === "plain") {
      this.#stepPlain(mode);
    } else if (mode.kind === "double" && this.#source[this.#at] === '"') {
      this.#copy(1);
      this.#modes.pop();
    } else {
      this.#copy(1);
    }
  }

  /** What means the same outside of quotes, inside double quotes and in here-documents. */
  #stepExpansion(): boolean {
    const rest = this.#source.slice(this.#at, this.#at + 3);
    if (rest.startsWith("\\")) {
      if (this.#references.has(this.#at + 1)) {
        this.#refuse(
          this.#at + 1,
          "a backslash stands before it",
          "take the backslash away, or write $${{ for the text itself",
        );
      }
      this.#copy(this.#references.has(this.#at + 1) ? 1 : 2);
      return true;
    }
    if (rest.startsWith("`")) {
      const end = endOfBackticks(this.#source, this.#at);
      this.#opaque(end, "backticks read their text twice", "use $( ) in place of the backticks");
      return true;
    }
    if (rest === "$((") {
      const end = endOfArithmetic(this.#source, this.#at + 1);
      if (end !== undefined) {
        this.#opaque(end, "arithmetic reads a value as an expression", ASSIGN_FIRST);
        return true;
      }
    }
    if (rest.startsWith("$(")) {
      this.#copy(2);
      this.#modes.push({ kind: "plain", isNested: true, cases: 0 });
      return true;
    }
    if (rest.startsWith("${") && rest !== "${{") {
      this.#opaque(
        endOfParameter(this.#source, this.#at),
        "inside ${ } quotes differ from shell to shell",
        ASSIGN_FIRST,
      );
      return true;
    }
    return false;
  }

  #stepPlain(mode: Extract<Mode, { kind: "plain" }>): void {
    const source = this.#source;
    const at = this.#at;
    const char = source[at];
    if (char === "'" || (char === "$" && source[at + 1] === "'")) {
      const end = char === "'" ? endOfSingle(source, at) : endOfDollarSingle(source, at);
      this.#opaque(end, "inside single quotes nothing expands", "use double quotes");
    } else if (char === '"') {
      this.#copy(1);
      this.#modes.push({ kind: "double" });
    } else if (char === "#" && /^$|[\s;&|()]/.test(source[at - 1] ?? "")) {
      this.#copyTo(indexOr(source, "\n", at));
    } else if (char === "\n") {
      this.#copy(1);
      this.#readDocuments();
    } else if (source.startsWith("<<<", at)) {
      this.#copy(3);
    } else if (source.startsWith("<<", at)) {
      this.#readDelimiter();
    } else if (source.startsWith("((", at) && endOfArithmetic(source, at) !== undefined) {
      this.#opaque(
        endOfArithmetic(source, at) ?? at + 2,
        "arithmetic reads a value as an expression",
        ASSIGN_FIRST,
      );
    } else if (source.startsWith("[[", at) && this.#isWord(at, 2)) {
      this.#opaque(
        indexOr(source, "]]", at + 2) + 2,
        "inside [[ ]] a value may be read as a pattern or an expression",
        "use [ ]",
      );
    } else if (char === "(") {
      this.#copy(1);
      this.#modes.push({ kind: "plain", isNested: true, cases: 0 });
    } else if (char === ")") {
      this.#copy(1);
      this.#close(mode);
    } else {
      this.#stepWord(mode);
    }
  }

  /** Counts `case` and `esac`: between them a `)` ends a pattern. */
  #stepWord(mode: Extract<Mode, { kind: "plain" }>): void {
    if (this.#isWord(this.#at, 4)) {
      const word = this.#source.slice(this.#at, this.#at + 4);
      if (word === "case" && COMMAND_FOLLOWS.test(this.#source.slice(0, this.#at))) {
        mode.cases += 1;
      } else if (word === "esac" && mode.cases > 0) {
        mode.cases -= 1;
      }
    }
    this.#copy(1);
  }

  #close(mode: Extract<Mode, { kind: "plain" }>): void {
    if (mode.isNested && mode.cases === 0) {
      this.#modes.pop();
    }
  }

  /** Whether the `length` characters at `at` stand by themselves. */
  #isWord(at: number, length: number): boolean {
    const boundary = /^$|[\s;&|()]/;
    return (
      boundary.test(this.#source[at - 1] ?? "") && boundary.test(this.#source[at + length] ?? "")
    );
  }

  #readDelimiter(): void {
    const match = /^<<(-?)[ \t]*((?:\\.|'[^']*'|"[^"]*"|[^\s;&|()<>])*)/.exec(
      this.#source.slice(this.#at),
    );
    const [whole = "<<", dash = "", word = ""] = match ?? [];
    if (word.includes("${{")) {
      this.#refuse(this.#at, "it stands in the delimiter of a here-document", "use a fixed word");
    }
    this.#pending.push({
      delimiter: word.replaceAll(/\\(.)|['"]/g, "$1"),
      isQuoted: /[\\'"]/.test(word),
      stripsTabs: dash === "-",
    });
    this.#copyTo(this.#at + whole.length);
  }

  /** The bodies of here-documents follow the line that named them. */
  #readDocuments(): void {
    const [document, ...rest] = this.#pending;
    if (document === undefined) {
      return;
    }
    this.#pending = rest;
    const end = endOfDocument(this.#source, this.#at, document);
    if (document.isQuoted) {
      this.#opaque(
        end,
        "the delimiter of the here-document is quoted, so that nothing expands in it",
        "take the quotes off the delimiter",
      );
      this.#readDocuments();
      return;
    }
    // The next body, if any, begins where this one ends: several on one line are rare enough to be read one by one.
    const outer = this.#modes.length;
    this.#modes.push({ kind: "document", end });
    while (this.#modes.length > outer && this.#at < this.#source.length) {
      this.#step();
    }
    this.#readDocuments();
  }

  /** Copies up to `end`, and refuses every reference on the way. */
  #opaque(end: number, rule: string, mend: string): void {
    for (const offset of this.#references.keys()) {
      if (offset >= this.#at && offset < end) {
        this.#refuse(offset, rule, mend);
      }
    }
    this.#copyTo(end);
  }

  #refuse(offset: number, rule: string, mend: string): void {
    const text =
      this.#references.get(offset)?.reference.text ?? this.#source.slice(offset, offset + 20);
    this.#problems.push({
      offset,
      message: `Cannot use a reference here as ${rule}; ${mend}: ${text}`,
    });
  }

  #variable(offset: number): string {
    const reference = this.#references.get(offset)?.reference as Reference; // The caller found it there.
    const name = this.#names.get(reference.text) ?? `FANFOLD_VALUE_${this.#names.size + 1}`;
    this.#names.set(reference.text, name);
    this.#variables[name] = reference;
    return name;
  }

  #copy(length: number): void {
    this.#copyTo(this.#at + length);
  }

  #copyTo(end: number): void {
    this.#text += this.#source.slice(this.#at, end);
    this.#at = Math.min(end, this.#source.length);
  }
}

const ASSIGN_FIRST = "assign it to a variable first";

function indexOr(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index < 0 ? text.length : index;
}

function endOfSingle(text: string, at: number): number {
  return indexOr(text, "'", at + 1) + 1;
}

/** `$'…'`, where a backslash escapes. In shells without it, `\'` would end the text sooner: the longer reading refuses more. */
function endOfDollarSingle(text: string, at: number): number {
  return endOfEscaped(text, at + 2, "'");
}

function endOfBackticks(text: string, at: number): number {
  return endOfEscaped(text, at + 1, "`");
}

function endOfEscaped(text: string, from: number, close: string): number {
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === "\\") {
      index += 1;
    } else if (text[index] === close) {
      return index + 1;
    }
  }
  return text.length;
}

/** Where `((` at `at` ends, when it ends with `))` on its line: otherwise it is two subshells. */
function endOfArithmetic(text: string, at: number): number | undefined {
  let depth = 0;
  for (let index = at; index < text.length && text[index] !== "\n"; index += 1) {
    if (text.startsWith("${{", index)) {
      index = indexOr(text, "}}", index);
    } else if (text[index] === "(") {
      depth += 1;
    } else if (text[index] === ")") {
      depth -= 1;
      if (depth === 1) {
        return text[index + 1] === ")" ? index + 2 : undefined;
      }
    }
  }
  return undefined;
}

function endOfParameter(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const char = text[index];
    if (char === "\\") {
      index += 1;
    } else if (text.startsWith("${{", index)) {
      index = indexOr(text, "}}", index) + 1;
    } else if (text.startsWith("${", index)) {
      depth += 1;
      index += 1;
    } else if (char === '"') {
      index = endOfEscaped(text, index + 1, '"') - 1;
    } else if (char === "}") {
      depth -= 1;
      if (depth === 0) {
        return index + 1;
      }
    }
  }
  return text.length;
}

/** Where the line with the delimiter begins. */
function endOfDocument(text: string, from: number, document: HereDocument): number {
  let at = from;
  for (const line of text.slice(from).split("\n")) {
    const content = document.stripsTabs ? line.replace(/^\t+/, "") : line;
    if (content === document.delimiter) {
      return at;
    }
    at += line.length + 1;
  }
  return text.length;
}
