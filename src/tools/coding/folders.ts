/** The folders that a call looks into: those of the root that are there. */
import { stat } from "node:fs/promises";
import { describeError } from "../../core/errors.ts";
import { fileError } from "../../system/file-error.ts";
import { splitGlob } from "../../system/glob.ts";
import { locateReally, type RootFolder } from "../../system/root-folder.ts";

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
 * @throws Error - when there is none of them at all, with the reason of each
 */
export async function findFolders(root: RootFolder, paths: readonly string[]): Promise<Folders> {
  const found = new Set<string>();
  const problems: string[] = [];
  for (const path of paths) {
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
 * @throws TypeError - when one is absolute or has `..`
 */
export function checkGlobs(globs: readonly string[] | undefined): void {
  for (const glob of globs ?? []) {
    const { base } = splitGlob(glob.replace(/^!(?!\()/, ""));
    if (base.startsWith("/") || base.split("/").includes("..")) {
      throw new TypeError(
        `Cannot use a pattern as it must stay in the folder, without ".." or "/" in front: ${JSON.stringify(glob)}; name the folder in "folders"`,
      );
    }
  }
}
