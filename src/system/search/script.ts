/** Searches with nothing but this process. */
import { readFile } from "node:fs/promises";
import { encodingOf } from "../text-encoding.ts";
import { lineMatch, type FileMatches, type LineMatch, type SearchQuery } from "./match.ts";
import { TooLong, withinTime } from "./within-time.ts";

/** What stands for bytes that are no UTF-8 while a line is matched: text does not have it, and no pattern matches it. */
const NO_CHARACTER = "\0";

/**
 * Searches files one after the other until there are enough matches.
 *
 * Each file is in memory as a whole while it is searched. This process does nothing else meanwhile, for a second at most.
 *
 * @throws Error - when the pattern backtracks for longer than a second in a file
 */
export async function searchWithScript(query: SearchQuery): Promise<FileMatches> {
  const { files, maxMatches, signal } = query;
  const expression = query.pattern.script;
  const found = new Map<string, readonly LineMatch[]>();
  let count = 0;
  for (const file of files) {
    signal.throwIfAborted();
    // A file that cannot be read, such as one that was removed meanwhile, has no matches.
    const content = await readFile(file).catch(() => undefined);
    const matches =
      content === undefined ? [] : matchesIn({ file, content }, expression, maxMatches - count);
    if (matches.length > 0) {
      found.set(file, matches);
      count += matches.length;
    }
    if (count >= maxMatches) {
      break;
    }
  }
  return found;
}

function matchesIn(
  { file, content }: { readonly file: string; readonly content: Buffer },
  expression: RegExp,
  limit: number,
): readonly LineMatch[] {
  try {
    return withinTime(expression, () => matchLines(content, expression, limit));
  } catch (cause) {
    if (cause instanceof TooLong) {
      throw new Error(
        `Cannot search ${file} as ${cause.message}: have one repetition in place of several within or beside each other, or install ripgrep`,
        { cause },
      );
    }
    throw cause;
  }
}

function matchLines(content: Buffer, expression: RegExp, limit: number): readonly LineMatch[] {
  const encoding = encodingOf(content);
  const text = encoding === "utf-8" ? decode(content) : decodeWide(content, encoding);
  if (text === undefined) {
    return [];
  }
  const matches: LineMatch[] = [];
  let line = 0;
  for (let start = 0; start < text.length && matches.length < limit;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const whole = text.slice(start, end);
    line += 1;
    start = end + 1;
    if (expression.test(whole)) {
      matches.push(lineMatch(line, whole.replaceAll(NO_CHARACTER, "\ufffd")));
    }
  }
  return matches;
}

function decodeWide(content: Buffer, encoding: string): string | undefined {
  const text = new TextDecoder(encoding).decode(content);
  // As ripgrep does, a second mark is taken out as well.
  return text.includes("\0") ? undefined : text.replace(/^\ufeff/, "");
}

function decode(content: Buffer): string | undefined {
  if (content.includes(0)) {
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return decodeSpoiled(content);
  }
}

/** Decodes the bytes around each U+FFFD alone, to tell the character from what stands for bytes that are no UTF-8. */
function decodeSpoiled(content: Buffer): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parts: string[] = [];
  for (let start = 0; start <= content.length;) {
    const found = content.indexOf("\ufffd", start);
    const end = found === -1 ? content.length : found;
    const part = decoder.decode(content.subarray(start, end));
    parts.push(part.replaceAll("\ufffd", NO_CHARACTER));
    start = end + Buffer.byteLength("\ufffd");
  }
  return parts.join("\ufffd").replace(/^\ufeff/, "");
}
