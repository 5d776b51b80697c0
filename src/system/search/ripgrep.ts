/** Searches with ripgrep. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { findProgram, isProgram } from "../find-program.ts";
import { lineMatch, type FileMatches, type LineMatch, type SearchQuery } from "./match.ts";

/** How long the paths of one call may be together, in UTF-16 units: far below what any system allows. */
const PATHS_LENGTH = 24_000;

const OPTIONS = [
  "--json",
  "--no-config",
  "--no-messages", // A file that is gone or may not be read has no matches.
  "--no-mmap", // Only what is read in order is looked through to its end for what makes it binary.
  "--max-depth=0", // A name that is a folder by now is passed over.
];

/** The program to search with: the one installed beside this package, else the one on the PATH; undefined when there is none. */
export async function findRipgrep(): Promise<string | undefined> {
  const bundled = await import("@vscode/ripgrep").then(
    ({ rgPath }) => rgPath,
    () => undefined, // It is optional.
  );
  return bundled !== undefined && isProgram(bundled) ? bundled : findProgram("rg");
}

/**
 * Searches files, many at a time, until there are enough matches.
 *
 * @throws Error - when ripgrep refuses the pattern, such as one that would need too much memory
 */
export async function searchWithRipgrep(query: SearchQuery, program: string): Promise<FileMatches> {
  const found = new Map<string, readonly LineMatch[]>();
  let count = 0;
  for (const files of portions(query.files)) {
    query.signal.throwIfAborted();
    await searchPortion({ ...query, files }, program, found);
    count = [...found.values()].reduce((sum, matches) => sum + matches.length, 0);
    if (count >= query.maxMatches) {
      break;
    }
  }
  return found;
}

function* portions(files: readonly string[]): Iterable<readonly string[]> {
  let portion: string[] = [];
  let length = 0;
  for (const file of files) {
    if (length + file.length > PATHS_LENGTH && portion.length > 0) {
      yield portion;
      portion = [];
      length = 0;
    }
    portion.push(file);
    length += file.length + 1;
  }
  if (portion.length > 0) {
    yield portion;
  }
}

async function searchPortion(
  { pattern, ignoreCase, files, maxMatches, signal }: SearchQuery,
  program: string,
  found: Map<string, readonly LineMatch[]>,
): Promise<void> {
  const args = [...OPTIONS, ignoreCase ? "--ignore-case" : "--case-sensitive"];
  const child = spawn(program, [...args, "--regexp", pattern.ripgrep, "--", ...files], {
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  closed.catch(() => undefined); // Awaited below, after what it prints.
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  try {
    await readMatches(child.stdout, maxMatches, found);
    const [exitCode] = (await closed) as [number | null];
    // It ends with 2 and says nothing when a file could not be read.
    if (exitCode === null || (exitCode > 1 && complaint !== "")) {
      throw new Error(`Cannot search as ripgrep failed: ${complaint.trim() || "it was killed"}`);
    }
  } finally {
    child.kill();
    signal.throwIfAborted();
  }
}

/** A text, or bytes where it is no UTF-8. */
type Data = { readonly text: string } | { readonly bytes: string };

/** What ripgrep prints, as far as it is used here. */
type Message =
  | { readonly type: "begin"; readonly data: { readonly path: Data } }
  | {
      readonly type: "match";
      readonly data: { readonly path: Data; readonly lines: Data; readonly line_number: number };
    }
  | {
      readonly type: "end";
      readonly data: { readonly path: Data; readonly binary_offset: number | null };
    }
  | { readonly type: "summary" };

async function readMatches(
  output: AsyncIterable<Buffer>,
  maxMatches: number,
  found: Map<string, readonly LineMatch[]>,
): Promise<void> {
  let matches: LineMatch[] = [];
  for await (const line of linesOf(output)) {
    const message = JSON.parse(line) as Message;
    if (message.type === "begin") {
      matches = [];
    } else if (message.type === "match" && matches.length < maxMatches) {
      matches.push(lineMatch(message.data.line_number, textOf(message.data.lines)));
    } else if (message.type === "end" && message.data.binary_offset === null) {
      found.set(textOf(message.data.path), matches);
    }
  }
}

function textOf(data: Data): string {
  // A byte order mark within a file is a character like others.
  return "text" in data
    ? data.text
    : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(data.bytes, "base64"));
}

async function* linesOf(output: AsyncIterable<Buffer>): AsyncIterable<string> {
  let begun: Buffer[] = [];
  for await (const chunk of output) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString("utf8");
      begun = [];
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
  }
}
