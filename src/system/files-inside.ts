/** Which files really lie in a folder. */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isWithin } from "./real-path.ts";

/** How many folders are looked at at the same time. */
const FOLDERS_AT_ONCE = 16;

/**
 * Of these absolute paths those of regular files that lie in `root`, behind all links, in their order. `root` is without links itself.
 *
 * One look for each folder, and one for each link. What cannot be looked at is left out.
 */
export async function filesInside(
  root: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(path)));
  }
  const inside = new Set<string>();
  const queue = names.entries();
  const workers = Array.from({ length: FOLDERS_AT_ONCE }, async () => {
    for (const [folder, wanted] of queue) {
      for (const name of await namesInside(root, folder, wanted)) {
        inside.add(join(folder, name));
      }
    }
  });
  await Promise.all(workers);
  return paths.filter((path) => inside.has(path));
}

async function namesInside(
  root: string,
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<readonly string[]> {
  try {
    if (!isWithin(await realpath(folder), root)) {
      return [];
    }
    const entries = await readdir(folder, { withFileTypes: true });
    const found: string[] = [];
    for (const entry of entries.filter(({ name }) => wanted.has(name))) {
      const isInside =
        entry.isFile() ||
        (entry.isSymbolicLink() && (await leadsInto(root, join(folder, entry.name))));
      if (isInside) {
        found.push(entry.name);
      }
    }
    return found;
  } catch {
    return []; // It is gone, or may not be read.
  }
}

async function leadsInto(root: string, link: string): Promise<boolean> {
  try {
    const real = await realpath(link);
    return isWithin(real, root) && (await stat(real)).isFile();
  } catch {
    return false; // It leads nowhere.
  }
}
