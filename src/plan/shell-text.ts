/**
 * References in a shell command travel as environment variables. What another task printed is never spliced into the text of
 * the command, so it cannot become code of the shell: the shell expands a variable once and does not read the result again.
 *
 * For the value to arrive whole, the text has to be read as the shell reads it ("Shell Command Language", POSIX.1-2024, sections
 * 2.2 to 2.7): outside of quotes the variable is put into double quotes, inside double quotes and here-documents it stands
 * as it is, and where a variable does not expand, or is read again, it is refused.
 */
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
import { ShellRewrite, type ShellText } from "./shell-rewrite.ts";

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

/** Replaces the references of a command. */
export function toShellText(command: string): ShellText {
  return new Scanner(command).scan();
}

/** What stands before a command, where `case` is no argument. */
const BEFORE_CASE = /(?:^|[\n;&|({!]|\b(?:then|do|else|elif|if|while|until)\s)\s*$/;

/** What stands before `esac` where it is no argument. */
const BEFORE_ESAC = /(?:[\n;&)}]|\b(?:in|fi|done|esac)\s)\s*$/;

class Scanner {
  readonly #source: string;
  readonly #rewrite: ShellRewrite;
  readonly #modes: Mode[] = [{ kind: "plain", within: "nothing", cases: 0, pending: [] }];
  /** Where a word goes on, whatever the character before looks like. */
  #wordGoesOnAt = -1;

  constructor(source: string) {
    this.#source = source;
    this.#rewrite = new ShellRewrite(source);
  }

  scan(): ShellText {
    while (this.#at < this.#source.length) {
      this.#step();
    }
    if (this.#modes.length > 1) {
      this.#rewrite.refuseAll("its quotes and parentheses do not close", "close them");
    }
    return this.#rewrite.result;
  }

  get #at(): number {
    return this.#rewrite.at;
  }

  get #mode(): Mode {
    return this.#modes.at(-1) as Mode; // The first is never taken away.
  }

  #step(): void {
    const mode = this.#mode;
    const isPlain = mode.kind === "plain";
    if (
      this.#rewrite.copyEscape() ||
      this.#rewrite.replaceReference((variable) => (isPlain ? `"${variable}"` : variable)) ||
      this.#stepExpansion()
    ) {
      return;
    }
    if (isPlain) {
      this.#stepPlain(mode);
    } else {
      const isEnd = mode.kind === "double" && this.#source[this.#at] === '"';
      this.#rewrite.copy(1);
      if (isEnd) {
        this.#modes.pop();
      }
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
      this.#rewrite.copy(2);
      this.#modes.push({ kind: "plain", within: "substitution", cases: 0, pending: [] });
    } else if (rest.startsWith("${") && rest !== "${{") {
      const end = endOfParameter(source, at, ['"']);
      if (endOfParameter(source, at, ['"', "'"]) !== end) {
        this.#rewrite.refuseAfter(
          at,
          "this ${ } ends in another place from shell to shell",
          ASSIGN_FIRST,
        );
      }
      this.#opaqueWord(end, "inside ${ } quotes differ from shell to shell", ASSIGN_FIRST);
    } else {
      return false;
    }
    return true;
  }

  #stepBackslash(): void {
    const at = this.#at;
    if (this.#rewrite.hasReference(at + 1)) {
      const mend = "take the backslash away, or write $${{ for the text itself";
      this.#rewrite.refuse(at + 1, "a backslash stands before it", mend);
    }
    // The shell takes a backslash and the end of the line out before it looks for words.
    const isNothing = this.#source[at + 1] === "\n" && this.#isWordStart(at);
    this.#rewrite.copy(this.#rewrite.hasBraces(at + 1) ? 1 : 2);
    this.#wordGoesOnAt = isNothing ? this.#wordGoesOnAt : this.#at;
  }

  #stepPlain(mode: PlainMode): void {
    const source = this.#source;
    const at = this.#at;
    const char = source[at];
    if (char === "'" || (char === "$" && source[at + 1] === "'")) {
      this.#stepSingle(char === "'" ? at : at + 1);
    } else if (char === '"') {
      this.#rewrite.copy(1);
      this.#modes.push({ kind: "double" });
    } else if (char === "#" && this.#isWordStart(at)) {
      this.#rewrite.copyTo(indexOr(source, "\n", at));
    } else if (char === "\n") {
      this.#rewrite.copy(1);
      this.#readDocuments(mode);
    } else if (source.startsWith("<<<", at)) {
      this.#rewrite.copy(3);
    } else if (source.startsWith("<<", at)) {
      this.#readDelimiter(mode);
    } else if (source.startsWith("((", at) && endOfArithmetic(source, at) !== undefined) {
      this.#rewrite.copyOpaque(endOfArithmetic(source, at) ?? at, ARITHMETIC, ASSIGN_FIRST);
    } else if (char === "[" && endOfSubscript(source, at) !== undefined) {
      this.#rewrite.copyOpaque(endOfSubscript(source, at) ?? at, ARITHMETIC, ASSIGN_FIRST);
    } else if (source.startsWith("[[", at) && this.#isWord(at, 2)) {
      this.#rewrite.copyOpaque(
        endOfCondition(source, at),
        "inside [[ ]] a value may be read as a pattern or an expression",
        "use [ ]",
      );
    } else if (char === "(") {
      this.#rewrite.copy(1);
      this.#modes.push({ kind: "plain", within: "subshell", cases: 0, pending: mode.pending });
    } else if (char === ")") {
      this.#rewrite.copy(1);
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
      this.#rewrite.refuseAfter(this.#at, rule, "use double quotes");
    }
    this.#rewrite.copyOpaque(longEnd, "inside single quotes nothing expands", "use double quotes");
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
    this.#rewrite.copy(1);
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
        this.#rewrite.refuseAfter(this.#at, rule, "close the $( ) on a line after its text");
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
    this.#rewrite.copyOpaque(this.#at + whole.length, rule, "use a fixed word");
  }

  /** The bodies of here-documents follow the line that named them. */
  #readDocuments({ pending }: PlainMode): void {
    for (const document of pending.splice(0)) {
      const { end, next } = endOfDocument(this.#source, this.#at, document);
      if (document.isQuoted) {
        const rule = "the delimiter of the here-document is quoted, so that nothing expands in it";
        this.#rewrite.copyOpaque(end, rule, "take the quotes off the delimiter");
      } else {
        this.#readBody(end);
      }
      // The line of the delimiter is no code.
      this.#rewrite.copyTo(next);
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
      this.#rewrite.refuseAfter(start, rule, "close it before the line of the delimiter");
    }
    this.#modes.length = body - 1;
  }

  /** Copies a part of a word in which no reference may stand. */
  #opaqueWord(end: number, rule: string, mend: string): void {
    this.#rewrite.copyOpaque(end, rule, mend);
    this.#wordGoesOnAt = this.#at;
  }
}

const ARITHMETIC = "arithmetic reads a value as an expression";

const ASSIGN_FIRST = "assign it to a variable first";
