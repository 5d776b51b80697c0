/** Makes a folder and those above it. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, NothingCreatedError } from "./file-error.ts";

/**
 * Makes a folder, and those above it that are missing; one that is there already stays as it is.
 *
 * Each is tried once: `recursive` of `node:fs` tries without end where the system takes no folder, as in `/proc`.
 *
 * @throws Error - when it cannot be made; `code` is that of the system, `ENOTDIR` where a file has the name
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) {
    return;
  }
  const parent = dirname(path);
  if (parent !== path) {
    await makeFolder(parent);
  }
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      throw new NothingCreatedError(parent, error);
    }
    // Somebody else was faster, or a link leads nowhere.
    if (errorCode(error) !== "EEXIST" || !(await isFolder(path))) {
      throw error;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) {
      return true;
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return false;
    }
    throw error;
  }
  throw Object.assign(new Error(`Cannot make a folder where a file is: ${path}`), {
    code: "ENOTDIR",
  });
}
