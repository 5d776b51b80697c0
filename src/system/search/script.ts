/** Searches with nothing but this process. */
import { readFile } from "node:fs/promises";
import { lineMatch, type FileMatches, type LineMatch, type SearchQuery } from "./match.ts";

/** What stands for bytes that are no UTF-8 while a line is matched: no pattern matches it. */
const NO_CHARACTER = "\udfff";

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
  const text = decode(content);
  if (text.includes("\0")) {
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

/** As UTF-8, unless a mark at the start says UTF-16. */
function decode(content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe) {
    return new TextDecoder("utf-16le").decode(content);
  }
  if (content[0] === 0xfe && content[1] === 0xff) {
    return new TextDecoder("utf-16be").decode(content);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return new TextDecoder().decode(content).replaceAll("\ufffd", NO_CHARACTER);
  }
}
