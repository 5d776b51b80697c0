/** The path of a file without symbolic links, also of one that is not there yet. */
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** How many links are followed before they count as a circle: as many as the system follows. */
const MOST_LINKS = 40;

/**
 * The path without symbolic links: two names of one file have one. What is not there yet lies where its folder does, and, behind a link,
 * where that leads. Where links lead round in a circle, the path stays as it is from there on.
 *
 * `newName` says what something that is not there yet will be called in its folder.
 */
export function realPath(
  path: string,
  newName: (folder: string, name: string) => string = (_, name) => name,
): string {
  return follow(path, newName, MOST_LINKS);
}

/** Whether a path is that folder or lies in it; both without links. Whole segments count: `/src2` is not in `/src`. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function follow(
  path: string,
  newName: (folder: string, name: string) => string,
  linksLeft: number,
): string {
  const isThere = mayBeThere(path);
  try {
    if (isThere) {
      return realpathSync.native(path);
    }
  } catch {
    // A link that leads nowhere, or a folder that this user may not look into.
  }
  const parent = dirname(path);
  if (parent === path) {
    return path;
  }
  const folder = follow(parent, newName, linksLeft);
  const own = join(folder, newName(folder, basename(path)));
  const target = isThere && linksLeft > 0 ? targetOf(own) : undefined;
  return target === undefined ? own : follow(resolve(dirname(own), target), newName, linksLeft - 1);
}

/** Asked first, as an error costs several times as much as an answer. */
function mayBeThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** Where a link leads; undefined for what is none. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
