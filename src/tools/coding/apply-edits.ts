/** Replaces texts in a file, byte by byte what it was everywhere else. */
import { describeNearest } from "./near-miss.ts";

/** One replacement. */
export interface Edit {
  /** The text that is there. */
  readonly oldText: string;
  /** What stands there afterwards. */
  readonly newText: string;
  /** Whether every occurrence is replaced; otherwise there must be one. */
  readonly replaceAll?: boolean | undefined;
}

/** What has become of a file. */
export interface EditedContent {
  readonly content: Buffer;
  /** How many times each edit was applied. */
  readonly replacements: readonly number[];
}

/** A part of the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** How many places of matches are told. */
const SHOWN_MATCHES = 10;

/**
 * Applies edits one after the other: each sees what those before it have made.
 *
 * A line end in `oldText` matches any, `\n` and `\r\n`; those of `newText` become as that of the line where the match begins. Bytes that
 * are not matched stay as they are, also where they are no UTF-8.
 *
 * @throws Error - when an edit matches not at all, or more than once without `replaceAll`; it says where, and what is similar
 */
export function applyEdits(content: Buffer, edits: readonly Edit[]): EditedContent {
  // One character a byte: so nothing is lost, whatever the encoding. UTF-8 never matches within a character.
  let text = content.toString("latin1");
  const replacements = edits.map((edit, index) => {
    const name = edits.length === 1 ? "the edit" : `edit ${index + 1} of ${edits.length}`;
    const spans = spansOf(text, edit, name);
    text = replaceSpans(text, spans, unixLines(edit.newText));
    return spans.length;
  });
  return { content: Buffer.from(text, "latin1"), replacements };
}

function spansOf(
  text: string,
  { oldText, newText, replaceAll }: Edit,
  name: string,
): readonly Span[] {
  if (oldText === "") {
    throw new Error(`Cannot apply ${name} as the old text is empty; give text that is in the file`);
  }
  if (unixLines(oldText) === unixLines(newText)) {
    throw new Error(`Cannot apply ${name} as the old and the new text are the same`);
  }
  const pieces = toBytes(unixLines(oldText)).split("\n");
  const spans = [...findAll(text, pieces, replaceAll === true ? "apart" : "all")];
  if (spans.length === 0) {
    const nearest = describeNearest(toText(text), unixLines(oldText));
    throw new Error(`Cannot apply ${name} as the old text is not in the file${nearest}`);
  }
  if (spans.length > 1 && replaceAll !== true) {
    const lines = linesOf(text, spans.slice(0, SHOWN_MATCHES));
    const more = spans.length > SHOWN_MATCHES ? ", …" : "";
    throw new Error(
      `Cannot apply ${name} as the old text is ${spans.length} times in the file, at lines ${lines.join(", ")}${more}; add text around the one that is meant, or have all of them replaced`,
    );
  }
  return spans;
}

/** Where the pieces stand, with a line end between them: all places, or such that do not overlap. */
function* findAll(
  text: string,
  pieces: readonly string[],
  which: "all" | "apart",
): Generator<Span> {
  // A text that begins with a line end is found by that.
  const [first = ""] = pieces;
  const begin = first === "" ? "\n" : first;
  for (let from = 0; ;) {
    const found = text.indexOf(begin, from);
    if (found === -1) {
      return;
    }
    const start = first === "" && text[found - 1] === "\r" ? found - 1 : found;
    const end = endOfMatch(text, start, pieces);
    if (end !== undefined) {
      yield { start, end };
    }
    from = which === "apart" && end !== undefined ? end : found + 1;
  }
}

function endOfMatch(text: string, start: number, pieces: readonly string[]): number | undefined {
  let at = start;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) {
      at += text.startsWith("\r\n", at) ? 2 : 1;
      if (text[at - 1] !== "\n") {
        return undefined;
      }
    }
    if (!text.startsWith(piece, at)) {
      return undefined;
    }
    at += piece.length;
  }
  return at;
}

function replaceSpans(text: string, spans: readonly Span[], newText: string): string {
  const unix = toBytes(newText);
  const windows = unix.replaceAll("\n", "\r\n");
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), lineEndAt(text, start) === "\r\n" ? windows : unix);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** How the line ends in which something begins; the last line ends as the one before. */
function lineEndAt(text: string, index: number): "\n" | "\r\n" {
  const after = text.indexOf("\n", index);
  const end = after === -1 ? text.lastIndexOf("\n") : after;
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}

function linesOf(text: string, spans: readonly Span[]): readonly number[] {
  let line = 1;
  let at = 0;
  return spans.map(({ start }) => {
    for (
      let end = text.indexOf("\n", at);
      end !== -1 && end < start;
      end = text.indexOf("\n", at)
    ) {
      line += 1;
      at = end + 1;
    }
    return line;
  });
}

function unixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
