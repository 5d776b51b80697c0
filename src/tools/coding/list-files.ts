/** `list_files`: the files of folders. */
import { relative, sep } from "node:path";
import { z } from "zod";
import { searchCandidates } from "../../system/search/candidates.ts";
import { shownPath } from "../../system/root-folder.ts";
import { defineTool, type Tool } from "../tool.ts";
import { claimsOfPaths } from "./claims.ts";
import { findFolders, FOLDERS_AND_GLOBS } from "./folders.ts";
import type { CodingSettings } from "./settings.ts";
import { counted } from "../../core/counted.ts";
import { linesThatFit, problemsThatFit } from "./text.ts";

const DEFAULT_ENTRIES = 500;

const MOST_ENTRIES = 10_000;

const input = z.object({
  ...FOLDERS_AND_GLOBS,
  depth: z
    .int()
    .min(1)
    .optional()
    .describe(
      "How many levels to list; deeper folders are one line, with the number of their files. Default: all",
    ),
  maxEntries: z.int().min(1).max(MOST_ENTRIES).optional().describe(`Default: ${DEFAULT_ENTRIES}`),
});

/** A file; or a folder below the wanted depth, with how many files are in it. */
export interface ListedEntry {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly files?: number;
}

/** What was found. */
export interface ListFilesOutput {
  /** Sorted by path. */
  readonly entries: readonly ListedEntry[];
  /** How many entries there are, with those left out. */
  readonly total: number;
  /** Which folders could not be listed, and why. */
  readonly problems: readonly string[];
}

/** Makes the tool. */
export function listFilesTool(settings: CodingSettings): Tool {
  const { root, limits, maxResultBytes } = settings;
  return defineTool({
    name: "list_files",
    description:
      "Lists the files of folders, with everything below. Leaves out what git ignores, .git and node_modules. Start with a depth of 1 or 2 in a large project.",
    input,
    effect: "read",
    limit: limits.searches,
    reads: ({ folders = ["."] }) => claimsOfPaths(root, folders),
    run: async (request, { signal }): Promise<ListFilesOutput> => {
      const { globs, depth = Infinity, maxEntries = DEFAULT_ENTRIES } = request;
      const { found, problems } = await findFolders(settings, request);
      const entries = new Map<string, ListedEntry>();
      for (const folder of found) {
        const files = await searchCandidates({
          folders: [folder],
          glob: globs,
          within: root,
          signal,
        });
        for (const entry of entriesOf(folder, files, depth)) {
          const path = shownPath(root, entry.path);
          entries.set(path, { ...entry, path });
        }
      }
      const sorted = [...entries.values()].sort(byPath);
      return { entries: sorted.slice(0, maxEntries), total: sorted.length, problems };
    },
    format: (output) => formatEntries(output, maxResultBytes),
  });
}

function byPath({ path: one }: ListedEntry, { path: other }: ListedEntry): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The files down to that depth, and the folders below it. Absolute paths. */
function* entriesOf(
  folder: string,
  files: readonly string[],
  depth: number,
): Generator<ListedEntry> {
  const deeper = new Map<string, number>();
  for (const file of files) {
    const segments = relative(folder, file).split(sep);
    if (segments.length <= depth) {
      yield { path: file };
    } else {
      const path = [folder, ...segments.slice(0, depth)].join(sep);
      deeper.set(path, (deeper.get(path) ?? 0) + 1);
    }
  }
  for (const [path, count] of deeper) {
    yield { path, files: count };
  }
}

export function formatEntries(
  { entries, total, problems }: ListFilesOutput,
  bytes: number,
): string {
  const lines = entries.map(({ path, files }) =>
    files === undefined ? path : `${path}/ (${counted(files, "file")})`,
  );
  const told = problemsThatFit(problems, bytes / 2);
  const room = bytes - told.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 200);
  const shown = linesThatFit(lines, room);
  return [...told, ...shown, restOf(shown.length, total)].join("\n");
}

function restOf(shown: number, total: number): string {
  if (total === 0) {
    return "No files.";
  }
  return shown < total
    ? `The first ${shown.toLocaleString("en-US")} of ${counted(total, "entry", "entries")}: use a smaller depth, other folders or globs.`
    : `${counted(total, "entry", "entries")}.`;
}
