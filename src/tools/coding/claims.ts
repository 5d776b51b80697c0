/** What the paths in the arguments of a call claim. */
import { resolve } from "node:path";
import { fileResource } from "../../system/file-resource.ts";
import { globBase } from "../../system/glob.ts";
import { locateReally, OutsideError, type RootFolder } from "../../system/root-folder.ts";

/** A resource of another kind than a file, such as `db:users`. A single letter is the drive of a path. */
const RESOURCE = /^[A-Za-z][A-Za-z0-9+.-]+:/;

/** The files that paths name, each once. One that lies outside of the root claims nothing: it will not be touched. */
export function claimsOfPaths(root: RootFolder, paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => claimOf(root, path)))];
}

/** What a command declares: paths, also outside of the root, patterns of paths, and names of other resources. */
export function declaredClaims(root: RootFolder, names: readonly string[]): readonly string[] {
  return names.map((name) =>
    RESOURCE.test(name) && !name.startsWith("file:")
      ? name
      : fileResource(resolve(root.path, globBase(name.replace(/^file:/, "")))),
  );
}

function claimOf(root: RootFolder, path: string): readonly string[] {
  try {
    return [fileResource(locateReally(root, path))];
  } catch (error) {
    if (error instanceof OutsideError || error instanceof TypeError) {
      return []; // The tool itself refuses it, and says why.
    }
    throw error;
  }
}
