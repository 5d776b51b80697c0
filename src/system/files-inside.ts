/** Which files really lie in a folder. */
import { constants } from "node:fs";
import { open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isWithin } from "./real-path.ts";
import { DESCRIPTORS, type RootFolder } from "./root-folder.ts";

/** How many folders are looked at at the same time. */
const FOLDERS_AT_ONCE = 16;

/**
 * Of these absolute paths those of regular files that lie in the root, behind all links, in their order.
 *
 * One look for each folder, and one for each link. What cannot be looked at is left out. Guarantees, where the system shows what is open: each
 * name was one of a folder that lay in the root at that moment, whatever others do to links and folders meanwhile. Elsewhere a swap that is
 * undone while the folder is read is not seen.
 */
export async function filesInside(
  root: RootFolder,
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
  root: RootFolder,
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<readonly string[]> {
  try {
    return await inFolder(root, folder, async (path) => {
      const entries = await readdir(path, { withFileTypes: true });
      const found: string[] = [];
      for (const entry of entries.filter(({ name }) => wanted.has(name))) {
        const isInside =
          entry.isFile() ||
          (entry.isSymbolicLink() && (await leadsInto(root, join(path, entry.name))));
        if (isInside) {
          found.push(entry.name);
        }
      }
      return found;
    });
  } catch {
    return []; // It is gone, or may not be read.
  }
}

/** What `look` finds in a folder, by a path that leads to no other one; nothing where that does not lie in the root. */
async function inFolder(
  root: RootFolder,
  folder: string,
  look: (path: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (!root.showsDescriptors) {
    return isWithin(await realpath(folder), root.path) ? await look(folder) : [];
  }
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const path = `${DESCRIPTORS}/${handle.fd}`;
    return isWithin(await readlink(path), root.path) ? await look(path) : [];
  } finally {
    await handle.close();
  }
}

async function leadsInto(root: RootFolder, link: string): Promise<boolean> {
  try {
    const real = await realpath(link);
    return isWithin(real, root.path) && (await stat(real)).isFile();
  } catch {
    return false; // It leads nowhere.
  }
}
