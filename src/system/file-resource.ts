/** What files are called as resources: two paths that lead to one file are one name. */
import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";

/** How many links are followed before they count as a circle: as many as the system follows. */
const MOST_LINKS = 40;

/**
 * The resource of a path that is known: `file:` and its real path, with `/` between the segments. What means something in the name of a
 * resource, a percent sign and a hash, is escaped.
 */
export function fileResource(path: string): string {
  const real = realPath(path).split(sep).join("/");
  return `file:${real.startsWith("/") ? "" : "/"}${escapePath(real)}`;
}

/** A path with all that means something in the name of a resource escaped. */
export function escapePath(path: string): string {
  return path.replaceAll("%", "%25").replaceAll("#", "%23");
}

/**
 * The path without symbolic links: two names of one file are one resource. What is not there yet lies where its folder does, and,
 * behind a link, where that leads. Where links lead round in a circle, the path stays as it is from there on.
 */
function realPath(path: string, linksLeft = MOST_LINKS): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) {
      return path;
    }
    const folder = realPath(parent, linksLeft);
    const own = join(folder, nameIn(folder, path.slice(parent.length)));
    const target = linksLeft === 0 ? undefined : targetOf(own);
    return target === undefined ? own : realPath(resolve(dirname(own), target), linksLeft - 1);
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

/** What a new file of that name will be called: where the system takes `A` and `a` for the same, both are `a`. */
function nameIn(folder: string, name: string): string {
  return ignoresCase(folder) ? name.normalize("NFC").toLowerCase() : name;
}

/** Whether the system finds a folder by its name in the other case. What is not there itself is as the folder around it. */
function ignoresCase(folder: string): boolean {
  const other = otherCase(basename(folder));
  const parent = dirname(folder);
  if (parent === folder) {
    return process.platform === "win32";
  }
  if (other === basename(folder)) {
    return ignoresCase(parent);
  }
  const [one, two] = [identityOf(folder), identityOf(join(parent, other))];
  return one === undefined ? ignoresCase(parent) : one === two;
}

function otherCase(name: string): string {
  const lower = name.toLowerCase();
  return lower === name ? name.toUpperCase() : lower;
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
