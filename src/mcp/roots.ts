/** The folders that a server works in. A relative path is in the first of them; the others are reached by absolute paths. */
import { isAbsolute, join, resolve } from "node:path";
import { isWithin } from "../system/real-path.ts";
import type { RootFolder } from "../system/root-folder.ts";

/** Folders, the first of which relative paths are in. */
export type Roots = readonly [RootFolder, ...RootFolder[]];

/** The folder that a path is in: where several are, the innermost; where none is, the first, which will refuse it. */
export function rootOf(roots: Roots, path: string): RootFolder {
  const [first] = roots;
  if (!isAbsolute(path)) {
    return first;
  }
  const absolute = resolve(path);
  const around = roots.filter(
    (root) => isWithin(absolute, root.path) || isWithin(absolute, root.given),
  );
  return around.toSorted((a, b) => b.path.length - a.path.length)[0] ?? first;
}

/**
 * The folder that all these paths are in.
 *
 * @throws RangeError - when they are in several
 */
export function commonRoot(roots: Roots, paths: readonly string[]): RootFolder {
  const [first = roots[0], ...others] = new Set(paths.map((path) => rootOf(roots, path)));
  if (others.length > 0) {
    const folders = [first, ...others].map(({ path }) => path).join(" and ");
    throw new RangeError(
      `Cannot use paths of several roots in one step: make it one step for each of ${folders}`,
    );
  }
  return first;
}

/**
 * A path of a root as a model can use it, also as an argument of a command: relative in the first root, absolute in the others, and nowhere
 * like an option.
 */
export function usablePath(roots: Roots, root: RootFolder, path: string): string {
  if (root !== roots[0] && !isAbsolute(path)) {
    return join(root.path, path);
  }
  return path.startsWith("-") ? `./${path}` : path;
}
