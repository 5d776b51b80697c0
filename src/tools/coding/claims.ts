/** What the paths in the arguments of a call claim. */
import { resolve } from "node:path";
import { z } from "zod";
import { describeError } from "../../core/errors.ts";
import { fileResource } from "../../system/file-resource.ts";
import { globBase } from "../../system/glob.ts";
import { locateReally, OutsideError, type RootFolder } from "../../system/root-folder.ts";
import { RESOURCE } from "../call-claims.ts";

/** What a command declares, in the arguments of a tool: a path, a pattern of paths, or the name of another resource. */
export const DECLARED_NAME = z
  .string()
  .min(1)
  .superRefine((name, context) => {
    try {
      declaredPath(name);
    } catch (error) {
      context.addIssue(describeError(error));
    }
  });

/** The files that paths name, each once. One that lies outside of the root claims nothing: it will not be touched. */
export function claimsOfPaths(root: RootFolder, paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => claimOf(root, path)))];
}

/** The resources that {@link DECLARED_NAME}s stand for. Paths may be outside of the root. */
export function declaredClaims(root: RootFolder, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const path = declaredPath(name);
    return path === undefined ? name : fileResource(resolve(root.path, path));
  });
}

/**
 * The path that all lies below which a name stands for; undefined for another resource, such as `db:users`.
 *
 * @throws TypeError - when it is a pattern of which nothing can be said
 */
function declaredPath(name: string): string | undefined {
  return RESOURCE.test(name) && !name.startsWith("file:")
    ? undefined
    : globBase(name.replace(/^file:/, ""));
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
