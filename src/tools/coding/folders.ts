/** The folders that a call looks into: those of the root that are there. */
import { stat } from "node:fs/promises";
import { z } from "zod";
import { describeError } from "../../core/errors.ts";
import { fileError } from "../../system/file-error.ts";
import { splitGlob } from "../../system/glob.ts";
import { mustBeQuick } from "../../system/quick-glob.ts";
import { locateReally } from "../../system/root-folder.ts";
import type { CodingSettings } from "./settings.ts";

/** Where to look, in the arguments of a tool. */
export const FOLDERS_AND_GLOBS = {
  folders: z
    .array(z.string())
    .min(1)
    .max(1000)
    .optional()
    .describe("Folders or files, relative to the root. Default: the root"),
  globs: z
    .array(z.string())
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Which files of the folders, such as "*.ts" or "src/**/*.test.ts"; "!*.md" leaves out',
    ),
};

/** Where to look, as a model wrote it. */
export interface FoldersAndGlobs {
  readonly folders?: readonly string[] | undefined;
  readonly globs?: readonly string[] | undefined;
}

/** What can be looked into, and what cannot. */
export interface Folders {
  /** Real paths, absolute, each once. */
  readonly found: readonly string[];
  /** Why others cannot. */
  readonly problems: readonly string[];
}

/**
 * Finds folders, and files that are named like them.
 *
 * @throws TypeError - when a pattern is absolute or has `..`: it would lead out of its folder
 * @throws Error - when there is none of the folders at all, with the reason of each
 */
export async function findFolders(
  { root, foldersField }: Pick<CodingSettings, "root" | "foldersField">,
  { folders = ["."], globs = [] }: FoldersAndGlobs,
): Promise<Folders> {
  checkGlobs(globs, foldersField);
  const found = new Set<string>();
  const problems: string[] = [];
  for (const path of folders) {
    try {
      const real = locateReally(root, path);
      const stats = await stat(real).catch((error: unknown) => {
        throw fileError("look into", path, error);
      });
      if (!stats.isDirectory() && !stats.isFile()) {
        throw new Error(`Cannot look into what is neither a folder nor a file: ${path}`);
      }
      found.add(real);
    } catch (error) {
      problems.push(describeError(error));
    }
  }
  if (found.size === 0) {
    throw new Error(problems.join("\n"));
  }
  return { found: [...found], problems };
}

/**
 * Holds patterns to the folders that they are used in.
 *
 * @throws TypeError - when one is absolute, has `..`, or could be compared for ever
 */
function checkGlobs(globs: readonly string[], foldersField: string): void {
  for (const glob of globs) {
    mustBeQuick(glob);
    const { base } = splitGlob(glob.replace(/^!(?!\()/, ""));
    if (base.startsWith("/") || base.split("/").includes("..")) {
      throw new TypeError(
        `Cannot use a pattern as it must stay in the folder, without ".." or "/" in front: ${JSON.stringify(glob)}; name the folder in "${foldersField}"`,
      );
    }
  }
}
