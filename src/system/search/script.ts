/** Searches with nothing but this process. */
import { readFile } from "node:fs/promises";
import { lineMatch, type FileMatches, type LineMatch, type SearchQuery } from "./match.ts";

/** What stands for bytes that are no UTF-8 while a line is matched: text does not have it, and no pattern matches it. */
const NO_CHARACTER = "\0";

/**
 * Searches files one after the other until there are enough matches.
 *
 * Each file is in memory as a whole while it is searched. A pattern that backtracks without end blocks this process.
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
      content === undefined ? [] : matchLines(content, expression, maxMatches - count);
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

function matchLines(content: Buffer, expression: RegExp, limit: number): readonly LineMatch[] {
  const text = isWide(content) ? decodeWide(content) : decode(content);
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

/** Whether a mark at the start says UTF-16. */
function isWide([first, second]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function decodeWide(content: Buffer): string | undefined {
  const text = new TextDecoder(content[0] === 0xff ? "utf-16le" : "utf-16be").decode(content);
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
