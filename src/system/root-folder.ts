/** A folder that paths cannot leave, neither by `..`, nor by links, nor while somebody moves what is on the way. */
import { constants, existsSync, realpathSync, statSync, type BigIntStats } from "node:fs";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { errorCode, fileError } from "./file-error.ts";
import { isWithin, realPath } from "./real-path.ts";

/** Where the system shows what this process has open, each under its number: on Linux. */
export const DESCRIPTORS = "/proc/self/fd";

/** The folder, as it was found by {@link rootFolder}. */
export interface RootFolder {
  /** Its path without links. */
  readonly path: string;
  /** Its path as it was given, absolute: paths may begin with it too. */
  readonly given: string;
  /** Whether the system tells where something opened lies. Elsewhere its path is looked at again. */
  readonly showsDescriptors: boolean;
}

/** A regular file that is open for reading, and was in the folder when it was. Whoever has it closes it. */
export interface OpenedFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/** A path leads out of the folder: what it names is not touched. */
export class OutsideError extends Error {
  override readonly name = "OutsideError";
}

/** Without a writer a pipe would wait when it is opened; and what is no regular file must never become the terminal of this process. */
export const READ_SAFELY =
  constants.O_RDONLY |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOCTTY ?? 0);

/**
 * Finds the folder that paths are to stay in. Where `path` is a link, that is the folder which it leads to now.
 *
 * @throws Error - when there is no such folder
 */
export function rootFolder(path: string): RootFolder {
  const given = resolve(path);
  try {
    const real = realpathSync.native(given);
    if (!statSync(real).isDirectory()) {
      throw Object.assign(new Error("ENOTDIR"), { code: "ENOTDIR" });
    }
    return { path: real, given, showsDescriptors: existsSync(DESCRIPTORS) };
  } catch (error) {
    throw fileError("use a folder as root", given, error);
  }
}

/**
 * The absolute path of what is named relative to the root, or by an absolute path in it. `..` is taken out before links are followed.
 *
 * @throws OutsideError - when it lies outside by its name alone
 * @throws TypeError - when it is empty or has a NUL
 */
export function locate(root: RootFolder, path: string): string {
  if (path === "" || path.includes("\0")) {
    throw new TypeError(`Cannot use a path as it must name something: ${JSON.stringify(path)}`);
  }
  const absolute = resolve(root.path, path);
  if (isWithin(absolute, root.path)) {
    return absolute;
  }
  if (isWithin(absolute, root.given)) {
    return join(root.path, relative(root.given, absolute));
  }
  throw new OutsideError(
    `Cannot use a path as it lies outside of the root: ${path}; give one relative to ${root.path}`,
  );
}

/**
 * As {@link locate}, but without links; what is not there yet lies where its folder does.
 *
 * @throws OutsideError - when links lead out, or its name alone does
 */
export function locateReally(root: RootFolder, path: string): string {
  const real = realPath(locate(root, path));
  if (!isWithin(real, root.path)) {
    throw leadsOut(path);
  }
  return real;
}

/** A path as it is shown: relative to the root, with slashes; `.` for the root itself. */
export function shownPath(root: RootFolder, absolute: string): string {
  const way = relative(root.path, absolute).split(sep).join("/");
  return way === "" ? "." : way;
}

/**
 * Opens a file of the root for reading.
 *
 * Guarantees: what is opened is a regular file, and lay in the root when it was opened, whatever others do to the links and folders on the
 * way; opening never waits. Where the system does not show what is open, its path is followed again instead, and must still stay in the root
 * and lead to the same file: a swap that lasts is seen, one that is undone in that moment is not.
 * Does not see that a file in the root is another name (a hard link) of one outside, nor what is mounted in the root.
 *
 * @throws OutsideError - when the path leads out
 * @throws Error - when it is no regular file or cannot be read; `code` is that of the system
 */
export async function openInside(root: RootFolder, path: string): Promise<OpenedFile> {
  const located = locate(root, path);
  const real = await realpath(located).catch((error: unknown) => {
    throw fileError("read a file", path, error);
  });
  if (!isWithin(real, root.path)) {
    throw leadsOut(path);
  }
  return await openChecked(real, path, async (handle, stats) => {
    const isInside = root.showsDescriptors
      ? isWithin(await readlink(`${DESCRIPTORS}/${handle.fd}`), root.path)
      : await leadsTo(located, { root, stats });
    if (!isInside) {
      throw leadsOut(path);
    }
  });
}

/**
 * Opens a regular file by a path whose last part is no link. To open a device can do something already: what is there is looked at first,
 * and again once it is open.
 */
export async function openChecked(
  real: string,
  shown: string,
  check: (handle: FileHandle, stats: BigIntStats) => Promise<void>,
): Promise<OpenedFile> {
  let handle: FileHandle | undefined;
  try {
    mustBeFile(await lstat(real, { bigint: true }));
    handle = await open(real, READ_SAFELY);
    const stats = await handle.stat({ bigint: true });
    mustBeFile(stats);
    await check(handle, stats);
    return { handle, stats };
  } catch (error) {
    await handle?.close();
    throw error instanceof OutsideError ? error : fileError("read a file", shown, error);
  }
}

/** Whether a path still leads, within the root, to what was opened. */
async function leadsTo(
  located: string,
  { root, stats }: { readonly root: RootFolder; readonly stats: BigIntStats },
): Promise<boolean> {
  const real = await realpath(located);
  const now = await stat(real, { bigint: true });
  return isWithin(real, root.path) && isSameFile(now, stats);
}

/** Whether two looks were at the same file or folder. */
export function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** The error of a path that leads out of the root. */
export function leadsOut(path: string): OutsideError {
  return new OutsideError(
    `Cannot use a path as a link on its way leads out of the root: ${path}; only what lies in the root can be used`,
  );
}

/** @throws Error - when it is no regular file. */
export function mustBeFile(stats: BigIntStats): void {
  if (stats.isDirectory()) {
    throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
  }
  if (stats.isSymbolicLink()) {
    throw new Error("it has become a link meanwhile");
  }
  if (!stats.isFile()) {
    throw new Error("it is not a regular file but a pipe, a socket or a device");
  }
}

/** Whether the system says that something is not there. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}
