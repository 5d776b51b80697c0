/**
 * References in a shell command travel as environment variables. What another task printed is never spliced into the text of
 * the command, so it cannot become code of the shell: the shell expands a variable once and does not read the result again.
 *
 * For the value to arrive whole, the text has to be read as the shell reads it ("Shell Command Language", POSIX.1-2024, sections
 * 2.2 to 2.7): outside of quotes the variable is put into double quotes, inside double quotes and here-documents it stands
 * as it is, and where a variable does not expand, or is read again, it is refused.
 */
import { parseText, type Reference } from "./reference.ts";
import {
  BOUNDARY,
  endOfArithmetic,
  endOfBracket,
  endOfCondition,
  endOfDocument,
  endOfEscaped,
  endOfParameter,
  endOfSubscript,
  indexOr,
  type HereDocument,
} from "./shell-ends.ts";

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
  | PlainMode
  | { readonly kind: "double" }
  /** The body of a here-document with an unquoted delimiter. */
  | { readonly kind: "document" };

/** Outside of quotes. */
interface PlainMode {
  readonly kind: "plain";
  /** What a `)` ends; `nothing` at the top. */
  readonly within: "nothing" | "substitution" | "subshell";
  /** How many `case` are open: in them a `)` ends a pattern. */
  cases: number;
  /** Here-documents whose bodies follow the line. A subshell shares them with what is around it. */
  readonly pending: HereDocument[];
}

/** Replaces the references of a command. What could not arrive is told in `problems`. */
export function toShellText(
  command: string,
): ShellText & { readonly problems: readonly ShellProblem[] } {
  return new Scanner(command).scan();
}

/** What stands before a command, where `case` is no argument. */
const BEFORE_CASE = /(?:^|[\n;&|({!]|\b(?:then|do|else|elif|if|while|until)\s)\s*$/;

/** What stands before `esac` where it is no argument. */
const BEFORE_ESAC = /(?:[\n;&)}]|\b(?:in|fi|done|esac)\s)\s*$/;

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
  readonly #modes: Mode[] = [{ kind: "plain", within: "nothing", cases: 0, pending: [] }];
  #at = 0;
  /** Where a word goes on, whatever the character before looks like. */
  #wordGoesOnAt = -1;
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
    if (this.#modes.length > 1 && this.#references.size > 0) {
      this.#refuse(0, "its quotes and parentheses do not close", "close them");
    }
    return { text: this.#text, variables: this.#variables, problems: this.#problems };
  }

  get #mode(): Mode {
    return this.#modes.at(-1) as Mode; // The first is never taken away.
  }

  #step(): void {
    const mode = this.#mode;
    const escape = this.#escapes.get(this.#at);
    if (escape !== undefined) {
      this.#copyTo(escape);
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
    const source = this.#source;
    const at = this.#at;
    const rest = source.slice(at, at + 3);
    if (rest.startsWith("\\")) {
      this.#stepBackslash();
    } else if (rest.startsWith("`")) {
      const mend = "use $( ) in place of the backticks";
      this.#opaqueWord(endOfEscaped(source, at + 1, "`"), "backticks read their text twice", mend);
    } else if (rest === "$((" && endOfArithmetic(source, at + 1) !== undefined) {
      this.#opaqueWord(endOfArithmetic(source, at + 1) ?? at, ARITHMETIC, ASSIGN_FIRST);
    } else if (rest.startsWith("$[")) {
      this.#opaqueWord(endOfBracket(source, at + 1), ARITHMETIC, ASSIGN_FIRST);
    } else if (rest.startsWith("$(")) {
      this.#copy(2);
      this.#modes.push({ kind: "plain", within: "substitution", cases: 0, pending: [] });
    } else if (rest.startsWith("${") && rest !== "${{") {
      const end = endOfParameter(source, at, ['"']);
      if (endOfParameter(source, at, ['"', "'"]) !== end) {
        this.#refuseAfter(at, "this ${ } ends in another place from shell to shell", ASSIGN_FIRST);
      }
      this.#opaqueWord(end, "inside ${ } quotes differ from shell to shell", ASSIGN_FIRST);
    } else {
      return false;
    }
    return true;
  }

  #stepBackslash(): void {
    const at = this.#at;
    if (this.#references.has(at + 1)) {
      const mend = "take the backslash away, or write $${{ for the text itself";
      this.#refuse(at + 1, "a backslash stands before it", mend);
    }
    // The shell takes a backslash and the end of the line out before it looks for words.
    const isNothing = this.#source[at + 1] === "\n" && this.#isWordStart(at);
    this.#copy(this.#references.has(at + 1) || this.#escapes.has(at + 1) ? 1 : 2);
    this.#wordGoesOnAt = isNothing ? this.#wordGoesOnAt : this.#at;
  }

  #stepPlain(mode: PlainMode): void {
    const source = this.#source;
    const at = this.#at;
    const char = source[at];
    if (char === "'" || (char === "$" && source[at + 1] === "'")) {
      this.#stepSingle(char === "'" ? at : at + 1);
    } else if (char === '"') {
      this.#copy(1);
      this.#modes.push({ kind: "double" });
    } else if (char === "#" && this.#isWordStart(at)) {
      this.#copyTo(indexOr(source, "\n", at));
    } else if (char === "\n") {
      this.#copy(1);
      this.#readDocuments(mode);
    } else if (source.startsWith("<<<", at)) {
      this.#copy(3);
    } else if (source.startsWith("<<", at)) {
      this.#readDelimiter(mode);
    } else if (source.startsWith("((", at) && endOfArithmetic(source, at) !== undefined) {
      this.#opaque(endOfArithmetic(source, at) ?? at, ARITHMETIC, ASSIGN_FIRST);
    } else if (char === "[" && endOfSubscript(source, at) !== undefined) {
      this.#opaque(endOfSubscript(source, at) ?? at, ARITHMETIC, ASSIGN_FIRST);
    } else if (source.startsWith("[[", at) && this.#isWord(at, 2)) {
      this.#opaque(
        endOfCondition(source, at),
        "inside [[ ]] a value may be read as a pattern or an expression",
        "use [ ]",
      );
    } else if (char === "(") {
      this.#copy(1);
      this.#modes.push({ kind: "plain", within: "subshell", cases: 0, pending: mode.pending });
    } else if (char === ")") {
      this.#copy(1);
      this.#close(mode);
    } else {
      this.#stepWord(mode);
    }
  }

  /** What stands in single quotes, or in `$'…'`, of which `quote` is where the quote stands. */
  #stepSingle(quote: number): void {
    const source = this.#source;
    const end = indexOr(source, "'", quote + 1) + 1;
    // In `$'…'` a backslash escapes the quote; a shell that does not know it sees the text end sooner.
    const longEnd = quote === this.#at ? end : endOfEscaped(source, quote + 1, "'");
    if (longEnd !== end) {
      const rule = "this $'…' ends in another place from shell to shell";
      this.#refuseAfter(this.#at, rule, "use double quotes");
    }
    this.#opaque(longEnd, "inside single quotes nothing expands", "use double quotes");
  }

  /** Counts `case` and `esac`. */
  #stepWord(mode: PlainMode): void {
    const word = this.#source.slice(this.#at, this.#at + 4);
    if ((word === "case" || word === "esac") && this.#isWord(this.#at, 4)) {
      const before = this.#source.slice(0, this.#at);
      if (word === "esac" && mode.cases > 0 && BEFORE_ESAC.test(before)) {
        mode.cases -= 1;
      } else if (
        word === "case" &&
        (BEFORE_CASE.test(before) || (mode.cases > 0 && /\)\s*$/.test(before)))
      ) {
        mode.cases += 1;
      }
    }
    this.#copy(1);
  }

  #close(mode: PlainMode): void {
    if (mode.within === "nothing" || mode.cases > 0) {
      return;
    }
    this.#modes.pop();
    if (mode.within === "substitution") {
      this.#wordGoesOnAt = this.#at;
      if (mode.pending.length > 0) {
        const rule = "a here-document begins in $( ) and its text would stand behind it";
        this.#refuseAfter(this.#at, rule, "close the $( ) on a line after its text");
      }
    }
  }

  /** Whether the `length` characters at `at` stand by themselves. */
  #isWord(at: number, length: number): boolean {
    return this.#isWordStart(at) && BOUNDARY.test(this.#source[at + length] ?? "");
  }

  #isWordStart(at: number): boolean {
    return at !== this.#wordGoesOnAt && BOUNDARY.test(this.#source[at - 1] ?? "");
  }

  #readDelimiter({ pending }: PlainMode): void {
    const match = /^<<(-?)[ \t]*((?:\\.|'[^']*'|"[^"]*"|[^\s;&|()<>])*)/.exec(
      this.#source.slice(this.#at),
    );
    const [whole = "<<", dash = "", word = ""] = match ?? [];
    pending.push({
      delimiter: word.replaceAll(/\\(.)|'([^']*)'|"([^"]*)"/g, "$1$2$3"),
      isQuoted: /[\\'"]/.test(word),
      stripsTabs: dash === "-",
    });
    const rule = "it stands in the delimiter of a here-document";
    this.#opaque(this.#at + whole.length, rule, "use a fixed word");
  }

  /** The bodies of here-documents follow the line that named them. */
  #readDocuments({ pending }: PlainMode): void {
    for (const document of pending.splice(0)) {
      const { end, next } = endOfDocument(this.#source, this.#at, document);
      if (document.isQuoted) {
        const rule = "the delimiter of the here-document is quoted, so that nothing expands in it";
        this.#opaque(end, rule, "take the quotes off the delimiter");
      } else {
        this.#readBody(end);
      }
      // The line of the delimiter is no code.
      this.#copyTo(next);
    }
  }

  #readBody(end: number): void {
    const start = this.#at;
    const body = this.#modes.push({ kind: "document" });
    while (this.#at < end) {
      this.#step();
    }
    if (this.#modes.length > body || this.#at > end) {
      const rule = "what begins in a here-document must end in it";
      this.#refuseAfter(start, rule, "close it before the line of the delimiter");
    }
    this.#modes.length = body - 1;
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

  /** The same within a word. */
  #opaqueWord(end: number, rule: string, mend: string): void {
    this.#opaque(end, rule, mend);
    this.#wordGoesOnAt = this.#at;
  }

  /** Refuses references behind a place that shells read in different ways. */
  #refuseAfter(offset: number, rule: string, mend: string): void {
    if ([...this.#references.keys()].some((each) => each > offset)) {
      this.#refuse(offset, rule, mend);
    }
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
    this.#text += this.#source.slice(this.#at, end).replaceAll("$${{", "${{");
    this.#at = Math.min(end, this.#source.length);
  }
}

const ARITHMETIC = "arithmetic reads a value as an expression";

const ASSIGN_FIRST = "assign it to a variable first";
