/** A folder within a root, held open, so that what is done in it is done there and nowhere else. */
import { constants, type BigIntStats } from "node:fs";
import { mkdir, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, fileError } from "./file-error.ts";
import { isWithin } from "./real-path.ts";
import { DESCRIPTORS, isSameFile, leadsOut, OutsideError, type RootFolder } from "./root-folder.ts";

/** The folder. Whoever has it closes it. */
export interface FolderInside {
  /** The path by which something in it is reached. Where the system shows what is open, it leads there although the folder was moved. */
  at(name: string): string;
  /**
   * Looks, as late as possible, whether the path still leads to this folder within the root. Where {@link at} cannot lead elsewhere it has
   * nothing to do.
   *
   * @throws OutsideError - when it does not
   */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Which folder. */
export interface OpenFolderOptions {
  /** Its path, absolute and without links. */
  readonly folder: string;
  /** The path of the file in it that errors name. */
  readonly shown: string;
  /** Whether it, and those above it, are made where they are missing. */
  readonly create: boolean;
}

/**
 * Opens a folder of the root.
 *
 * Guarantees, where the system shows what is open (Linux): it lay in the root when it was opened, no link was followed, and what is done
 * `at` a name is done in this folder even when somebody puts a link in its place. Elsewhere {@link FolderInside.check} sees a swap that
 * lasts; one that is undone in time is not seen.
 *
 * @throws OutsideError - when it does not lie in the root any more
 * @throws Error - when it cannot be opened or made; `code` is that of the system
 */
export async function openFolderInside(
  root: RootFolder,
  { folder, shown, create }: OpenFolderOptions,
): Promise<FolderInside> {
  try {
    return create
      ? await openOrMake(root, folder)
      : await openFolder(root, { path: folder, name: folder });
  } catch (error) {
    throw error instanceof OutsideError ? error : fileError("write a file", shown, error);
  }
}

async function openOrMake(root: RootFolder, folder: string): Promise<FolderInside> {
  try {
    return await openFolder(root, { path: folder, name: folder });
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || !isWithin(dirname(folder), root.path)) {
      throw error;
    }
  }
  const parent = await openOrMake(root, dirname(folder));
  try {
    const path = parent.at(basename(folder));
    await parent.check();
    await mkdir(path).catch((error: unknown) => {
      // Somebody else may have been faster.
      if (errorCode(error) !== "EEXIST") {
        throw error;
      }
    });
    return await openFolder(root, { path, name: folder });
  } finally {
    await parent.close();
  }
}

/** Where a folder is reached, and what it is called. */
interface FolderPaths {
  readonly path: string;
  readonly name: string;
}

async function openFolder(root: RootFolder, { path, name }: FolderPaths): Promise<FolderInside> {
  if (!root.showsDescriptors) {
    return await lookAt(root, name);
  }
  const handle = await open(
    path,
    constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
  );
  try {
    if (!isWithin(await readlink(`${DESCRIPTORS}/${handle.fd}`), root.path)) {
      throw leadsOut(name);
    }
    return held(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function held(handle: FileHandle): FolderInside {
  return {
    at: (name) => `${DESCRIPTORS}/${handle.fd}/${name}`,
    check: () => Promise.resolve(),
    close: async () => await handle.close(),
  };
}

/** Where nothing can be reached through what is open: by its path, whose identity is remembered. */
async function lookAt(root: RootFolder, name: string): Promise<FolderInside> {
  const seen = await identify(root, name);
  return {
    at: (child) => join(name, child),
    check: async () => {
      if (!isSameFile(await identify(root, name), seen)) {
        throw leadsOut(name);
      }
    },
    close: () => Promise.resolve(),
  };
}

async function identify(root: RootFolder, name: string): Promise<BigIntStats> {
  const stats = await stat(name, { bigint: true });
  if (!stats.isDirectory()) {
    throw Object.assign(new Error("ENOTDIR"), { code: "ENOTDIR" });
  }
  if (!isWithin(await realpath(name), root.path)) {
    throw leadsOut(name);
  }
  return stats;
}
