/** Temporary folders of servers that were killed: whoever starts next removes them. */
import { writeFileSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../system/file-error.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "../system/process-identity.ts";

/** The file of a folder that says whose it is. */
const OWNER = ".owner.json";

/** After how long a folder that says of nobody that it is theirs is left, in milliseconds; an empty one, which may be about to say so. */
const NOBODYS_MS = 24 * 60 * 60 * 1000;
const EMPTY_MS = 60 * 1000;

/** Writes into a folder that it is of this process. */
export function markAsOwn(folder: string): void {
  writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()), { mode: 0o600 });
}

/**
 * Removes the folders whose names begin so, that are of this user and of a process that has ended. Those of which this cannot be told, as they are of
 * another container, stay; so do those that cannot be removed. Those that say nothing of whose they are go after a day, empty ones after a minute.
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
    const text = await ownerOf(folder);
    if (text === undefined) {
      const isEmpty = (await readdir(folder)).length === 0;
      return Date.now() - stats.mtimeMs > (isEmpty ? EMPTY_MS : NOBODYS_MS);
    }
    return isAlive(JSON.parse(text) as ProcessIdentity) === false; // Written by `markAsOwn` of this user.
  } catch {
    return false; // It is being made, or removed, at this moment.
  }
}

/** What a folder says of whose it is; undefined where it says nothing. */
async function ownerOf(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, OWNER), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
