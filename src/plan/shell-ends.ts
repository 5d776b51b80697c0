/**
 * Where parts of a shell command end: quotes, brackets, expansions, here-documents. What is not closed ends with the text.
 */

/** A here-document whose body follows the line. */
export interface HereDocument {
  readonly delimiter: string;
  readonly isQuoted: boolean;
  readonly stripsTabs: boolean;
}

/** What stands beside a word. */
export const BOUNDARY = /^$|[\s;&|()<>]/;

/** Where a part of the text begins. */
export function indexOr(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index < 0 ? text.length : index;
}

/** Where a quotation ends that `close` closes unless a backslash stands before it. */
export function endOfEscaped(text: string, from: number, close: string): number {
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === "\\") {
      index += 1;
    } else if (text[index] === close) {
      return index + 1;
    }
  }
  return text.length;
}

/** Where `((` at `at` ends, when it ends with `))`: otherwise it is two subshells. */
export function endOfArithmetic(text: string, at: number): number | undefined {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
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

/** Where the bracket at `at` closes. */
export function endOfBracket(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    if (text.startsWith("${{", index)) {
      index = indexOr(text, "}}", index);
    } else if (text[index] === "[") {
      depth += 1;
    } else if (text[index] === "]") {
      depth -= 1;
      if (depth === 0) {
        return index + 1;
      }
    }
  }
  return text.length;
}

const SUBSCRIPT =
  /^\[(?!\s)(?:\$\{\{(?:[^\n}]|\}(?!\}))*\}\}|"(?:\\.|[^"\\])*"|'[^']*'|\\.|\$(?!\{\{)|[^\]\n"'\\$])*\](?=\+?=)/;

/** Where the subscript at `at` ends when something is assigned to it: `name[…]=`, or `[…]=` in a list. */
export function endOfSubscript(text: string, at: number): number | undefined {
  const [name] = /\w*$/.exec(text.slice(Math.max(0, at - 256), at)) ?? [""];
  const [subscript] = SUBSCRIPT.exec(text.slice(at)) ?? [];
  const isWord = BOUNDARY.test(text[at - name.length - 1] ?? "");
  return isWord && subscript !== undefined ? at + subscript.length : undefined;
}

/** Where `[[` at `at` ends: with the first `]]` that stands by itself. */
export function endOfCondition(text: string, at: number): number {
  const close = /\s\]\](?=$|[\s;&|()<>])/g;
  close.lastIndex = at;
  return close.exec(text) === null ? text.length : close.lastIndex;
}

/** Where the body of `${` ends. `quotes` are the quotation marks that count in it. */
export function endOfParameter(text: string, at: number, quotes: readonly string[]): number {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const char = text[index] ?? "";
    if (char === "\\") {
      index += 1;
    } else if (text.startsWith("${{", index)) {
      index = indexOr(text, "}}", index) + 1;
    } else if (text.startsWith("${", index)) {
      depth += 1;
      index += 1;
    } else if (quotes.includes(char)) {
      index =
        (char === '"' ? endOfEscaped(text, index + 1, char) : indexOr(text, char, index + 1) + 1) -
        1;
    } else if (char === "}") {
      depth -= 1;
      if (depth === 0) {
        return index + 1;
      }
    }
  }
  return text.length;
}

/** Where the line with the delimiter begins, and the line behind it. */
export function endOfDocument(
  text: string,
  from: number,
  { delimiter, isQuoted, stripsTabs }: HereDocument,
): { readonly end: number; readonly next: number } {
  let at = from;
  let goesOn = false;
  for (const line of text.slice(from).split("\n")) {
    const next = Math.min(at + line.length + 1, text.length);
    if (!goesOn && (stripsTabs ? line.replace(/^\t+/, "") : line) === delimiter) {
      return { end: at, next };
    }
    // Unless the delimiter is quoted, a backslash joins a line to the next.
    goesOn = !isQuoted && (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
    at = next;
  }
  return { end: text.length, next: text.length };
}
