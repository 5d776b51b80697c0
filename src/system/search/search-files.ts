/** Finds the lines of files that match a pattern. */
import { relative, sep } from "node:path";
import type { RootFolder } from "../root-folder.ts";
import { searchCandidates } from "./candidates.ts";
import { confirmMatches } from "./confirm.ts";
import { searchPattern } from "./pattern.ts";
import { findRipgrep, searchWithRipgrep } from "./ripgrep.ts";
import { searchWithScript } from "./script.ts";

/** What to look for, and where. */
export interface SearchOptions {
  /** A regular expression of the dialect in `pattern.ts`, or a text with {@link literal}. */
  readonly pattern: string;
  /** Folders, and files: absolute. */
  readonly folders: readonly string[];
  /** The folder that paths of the result are relative to. */
  readonly cwd: string;
  /** Which files of the folders: patterns as in `findFiles`, where one without a slash is one of names. @defaultValue all */
  readonly glob?: readonly string[] | undefined;
  /**
   * A folder that files must really lie in: what was found is shown only if it stands in a file of this folder, as {@link confirmMatches}
   * says. @defaultValue none
   */
  readonly within?: RootFolder | undefined;
  /** Whether capital letters and small ones are the same. @defaultValue false */
  readonly ignoreCase?: boolean | undefined;
  /** Whether the pattern is a text, and none of its characters means anything. @defaultValue false */
  readonly literal?: boolean | undefined;
  /** @defaultValue 10000 */
  readonly maxMatches?: number | undefined;
  /** Stops the search; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** A line that matched. */
export interface SearchMatch {
  /** Relative to the folder of the search, with slashes. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** Without its line end, cut at 1,000 characters. */
  readonly text: string;
}

/** What a search found. */
export interface SearchResult {
  /** By path, as its code units sort, then by line. */
  readonly matches: readonly SearchMatch[];
  /** Whether there are more matches than were wanted. */
  readonly truncated: boolean;
  /** What did the work; the matches do not depend on it. */
  readonly engine: "ripgrep" | "javascript";
}

const DEFAULT_MAX_MATCHES = 10_000;

/**
 * Searches files with ripgrep where it is installed, otherwise in this process, with the same result.
 *
 * Each line counts once, however often it matches. Text is UTF-8, or UTF-16 with a byte order mark; bytes that are neither match nothing.
 * Passed over: files with a NUL character, files that cannot be read, and those that git ignores.
 * The one known difference: with `ignoreCase`, `\b` takes U+017F and U+212A for letters only where ripgrep is missing.
 *
 * @throws TypeError - when the pattern is empty, wrong, or not one of the dialect
 * @throws Error - when a folder does not exist
 */
export async function searchFiles(options: SearchOptions): Promise<SearchResult> {
  const { cwd, ignoreCase = false, literal = false, within, signal } = options;
  const { maxMatches = DEFAULT_MAX_MATCHES } = options;
  const pattern = searchPattern(options.pattern, { literal, ignoreCase });
  const files = await searchCandidates(options);
  // One more than wanted, to know whether there are more.
  const query = { pattern, ignoreCase, files, maxMatches: maxMatches + 1, signal };
  const program = await findRipgrep();
  const found =
    program === undefined ? await searchWithScript(query) : await searchWithRipgrep(query, program);
  const kept =
    within === undefined ? found : await confirmMatches(found, { root: within, ...query });
  const matches = files.flatMap((file) =>
    (kept.get(file) ?? []).map((match) => ({ path: pathFrom(cwd, file), ...match })),
  );
  return {
    matches: matches.slice(0, maxMatches),
    truncated: matches.length > maxMatches,
    engine: program === undefined ? "javascript" : "ripgrep",
  };
}

function pathFrom(cwd: string, file: string): string {
  return relative(cwd, file).split(sep).join("/");
}
