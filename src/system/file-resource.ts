/** What files are called as resources: two paths that lead to one file are one name. */
import { statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { realPath } from "./real-path.ts";

/**
 * The resource of a path that is known: `file:` and its real path, with `/` between the segments. What means something in the name of a
 * resource, a percent sign and a hash, is escaped.
 */
export function fileResource(path: string): string {
  const real = realPath(path, nameIn).split(sep).join("/");
  return `file:${real.startsWith("/") ? "" : "/"}${escapePath(real)}`;
}

/** A path with all that means something in the name of a resource escaped. */
export function escapePath(path: string): string {
  return path.replaceAll("%", "%25").replaceAll("#", "%23");
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
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats && `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}
