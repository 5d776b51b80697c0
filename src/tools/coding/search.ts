/** `search`: the lines of files that match a pattern. */
import { z } from "zod";
import { searchFiles, type SearchMatch } from "../../system/search/search-files.ts";
import { defineTool, type Tool } from "../tool.ts";
import { claimsOfPaths } from "./claims.ts";
import { findFolders, FOLDERS_AND_GLOBS } from "./folders.ts";
import { LONGEST_PATTERN, type CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";
import { linesThatFit, problemsThatFit, shortLine } from "./text.ts";

const DEFAULT_MATCHES = 200;

const MOST_MATCHES = 2000;

/** How much of a line is shown, in characters. */
const SHOWN_LINE = 300;

const input = z.object({
  pattern: z
    .string()
    .min(1)
    .max(LONGEST_PATTERN)
    .describe(
      "A regular expression, matched within one line: . [a-z] ^ $ \\b \\d \\w \\s (a|b) * + ? {n,m}; no look-around, no back references",
    ),
  literal: z.boolean().optional().describe("Take the pattern as plain text"),
  ignoreCase: z.boolean().optional(),
  ...FOLDERS_AND_GLOBS,
  maxMatches: z.int().min(1).max(MOST_MATCHES).optional().describe(`Default: ${DEFAULT_MATCHES}`),
});

/** The lines that match. */
export interface SearchOutput {
  /** By path, then by line. */
  readonly matches: readonly SearchMatch[];
  /** Whether there are more. */
  readonly truncated: boolean;
  /** Which folders could not be searched, and why. */
  readonly problems: readonly string[];
}

/** Makes the tool. */
export function searchTool(settings: CodingSettings): Tool {
  const { root, limits, maxResultBytes } = settings;
  return defineTool({
    name: "search",
    description:
      "Finds lines of text files by a regular expression, in many folders at once. Leaves out what git ignores, binary files, .git and node_modules. Name several things with (a|b) rather than searching twice.",
    input,
    effect: "read",
    limit: limits.searches,
    reads: ({ folders = ["."] }) => claimsOfPaths(root, folders),
    run: async (request, { signal }): Promise<SearchOutput> => {
      const { pattern, literal, ignoreCase, globs, maxMatches = DEFAULT_MATCHES } = request;
      const { found, problems } = await findFolders(settings, request);
      const { matches, truncated } = await searchFiles({
        pattern,
        literal,
        ignoreCase,
        folders: found,
        cwd: root.path,
        glob: globs,
        within: root,
        maxMatches,
        signal,
      });
      return { matches, truncated, problems };
    },
    format: (output) => formatMatches(output, maxResultBytes),
  });
}

export function formatMatches(
  { matches, truncated, problems }: SearchOutput,
  bytes: number,
): string {
  const lines = matches.flatMap(({ path, line, text }, index) => {
    const shown = `${line}: ${shortLine(text, SHOWN_LINE)}`;
    return matches[index - 1]?.path === path ? [shown] : [path, shown];
  });
  const last = restOf(matches.length, truncated);
  const told = problemsThatFit(problems, bytes / 2);
  const room =
    bytes - [last, ...told].reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 100);
  const fitting = linesThatFit(lines, room);
  const cut =
    fitting.length < lines.length
      ? ["… cut here as the result is full: search in fewer folders, or for something rarer"]
      : [];
  return [...told, ...fitting, ...cut, last].join("\n");
}

function restOf(matches: number, truncated: boolean): string {
  if (matches === 0) {
    return "No match.";
  }
  return truncated
    ? `The first ${counted(matches, "match", "matches")}; there are more: narrow the search.`
    : `${counted(matches, "match", "matches")}.`;
}
