/** Temporary folders of servers that were killed: whoever starts next removes them. */
import { writeFileSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, ownIdentity, type ProcessIdentity } from "../system/process-identity.ts";

/** The file of a folder that says whose it is. */
const OWNER = ".owner.json";

/** Writes into a folder that it is of this process. */
export function markAsOwn(folder: string): void {
  writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()), { mode: 0o600 });
}

/**
 * Removes the folders whose names begin so, that are of this user and of a process that has ended. Those of which this cannot be told, as they are of
 * another container, stay; so do those that cannot be removed.
 */
export async function removeLeftFolders(around: string, prefix: string): Promise<void> {
  const names = (await readdir(around)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const folder = join(around, name);
    if (await isLeft(folder)) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function isLeft(folder: string): Promise<boolean> {
  try {
    const stats = await lstat(folder);
    if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
      return false;
    }
    const owner = JSON.parse(await readFile(join(folder, OWNER), "utf8")) as ProcessIdentity; // Written by `markAsOwn` of this user.
    return isAlive(owner) === false;
  } catch {
    return false; // It is being made, or removed, at this moment, or nobody's.
  }
}
