/** A file within a root that is read and replaced, as long as nobody else changes it meanwhile. */
import type { BigIntStats } from "node:fs";
import { lstat, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileError } from "./file-error.ts";
import { openFolderInside, type FolderInside } from "./folder-inside.ts";
import {
  isMissing,
  isSameFile,
  locateReally,
  mustBeFile,
  openChecked,
  type RootFolder,
} from "./root-folder.ts";
import { replaceFile } from "./write-file.ts";

/** How much is read at once, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/** How to write. */
export interface WriteInsideOptions {
  /** Stops the writing; the promise then rejects with its reason, and the file is as it was. */
  readonly signal: AbortSignal;
  /** Whether a file that is there is replaced. @defaultValue true */
  readonly overwrite?: boolean | undefined;
}

/** What was written. */
export interface WrittenFile {
  readonly bytes: number;
  /** Whether there was no file before. */
  readonly isNew: boolean;
}

/**
 * Writes a file of the root in one step, and makes the folders that are missing. A file that is there keeps its mode; behind a link the file
 * it leads to is replaced, within the root.
 *
 * Guarantees: those of `openFolderInside` for where it is written; a reader sees the old content or the new. Without `overwrite` nothing
 * that is there is ever replaced.
 *
 * @throws OutsideError - when the path leads out of the root
 * @throws Error - when it cannot be written; `code` is that of the system, `EEXIST` without `overwrite` for a file that is there
 */
export async function writeInside(
  root: RootFolder,
  path: string,
  { content, ...options }: WriteInsideOptions & { readonly content: string | Uint8Array },
): Promise<WrittenFile> {
  const real = target(root, path);
  const folder = await openFolderInside(root, {
    folder: dirname(real),
    shown: path,
    create: true,
  });
  try {
    const old = await look(folder, { name: basename(real), shown: path });
    const { bytes } = await replaceFile(content, {
      target: folder.at(basename(real)),
      shown: path,
      mode: modeOf(old),
      ...options,
      beforeRename: () => folder.check(),
    });
    return { bytes, isNew: old === undefined };
  } finally {
    await folder.close();
  }
}

/** What becomes of a file. */
export interface ChangeOptions extends WriteInsideOptions {
  /** The longest file that is read, in bytes. */
  readonly limitBytes: number;
  /** The new content; what it throws leaves the file as it was. */
  change(content: Buffer): Uint8Array;
}

/**
 * Reads a file of the root and writes what becomes of it, in one step.
 *
 * Guarantees: those of {@link writeInside}; a file that was changed since it was read is left as it is, except by whoever writes between the
 * last look and the new name, which are next to each other.
 *
 * @throws OutsideError - when the path leads out of the root
 * @throws RangeError - when the file is longer than `limitBytes`
 * @throws Error - when it cannot be read or written, or was changed meanwhile; what `change` throws, unchanged
 */
export async function changeInside(
  root: RootFolder,
  path: string,
  { change, limitBytes, signal }: ChangeOptions,
): Promise<void> {
  const real = target(root, path);
  const name = basename(real);
  const folder = await openFolderInside(root, {
    folder: dirname(real),
    shown: path,
    create: false,
  });
  try {
    const { content, stats } = await readWhole(folder.at(name), { path, limitBytes, signal });
    await folder.check();
    const changed = change(content);
    await replaceFile(changed, {
      target: folder.at(name),
      shown: path,
      mode: modeOf(stats),
      signal,
      beforeRename: async () => {
        await folder.check();
        if (!isUnchanged(await look(folder, { name, shown: path }), stats)) {
          throw changedMeanwhile(path);
        }
      },
    });
  } finally {
    await folder.close();
  }
}

function target(root: RootFolder, path: string): string {
  const real = locateReally(root, path);
  if (real === root.path || /[/\\]$/.test(path)) {
    throw fileError("write a file", path, Object.assign(new Error(), { code: "EISDIR" }));
  }
  return real;
}

/** What is there: a regular file, or nothing. */
async function look(
  folder: FolderInside,
  { name, shown }: { readonly name: string; readonly shown: string },
): Promise<BigIntStats | undefined> {
  try {
    const stats = await lstat(folder.at(name), { bigint: true });
    mustBeFile(stats);
    return stats;
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw fileError("write a file", shown, error);
  }
}

function modeOf(stats: BigIntStats | undefined): number | undefined {
  return stats === undefined ? undefined : Number(stats.mode & 0o7777n);
}

async function readWhole(
  at: string,
  options: { readonly path: string; readonly limitBytes: number; readonly signal: AbortSignal },
): Promise<{ readonly content: Buffer; readonly stats: BigIntStats }> {
  const { path, limitBytes } = options;
  const { handle, stats } = await openChecked(at, path, () => Promise.resolve());
  try {
    if (stats.size > BigInt(limitBytes)) {
      throw new RangeError(
        `Cannot change a file as it may have ${limitBytes} bytes, and has ${stats.size}: ${path}`,
      );
    }
    const content = await readAll(handle, Number(stats.size), options.signal);
    // It is as it was when all of it had been read: so nothing of it is half old and half new.
    if (!isUnchanged(await handle.stat({ bigint: true }), stats)) {
      throw changedMeanwhile(path);
    }
    return { content, stats };
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle, bytes: number, signal: AbortSignal): Promise<Buffer> {
  const content = Buffer.alloc(bytes);
  let length = 0;
  while (length < bytes) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(content, length, Math.min(CHUNK_BYTES, bytes - length));
    if (bytesRead === 0) {
      break; // It was cut meanwhile, which the next look sees.
    }
    length += bytesRead;
  }
  return content.subarray(0, length);
}

function isUnchanged(now: BigIntStats | undefined, then: BigIntStats): boolean {
  return (
    now !== undefined &&
    isSameFile(now, then) &&
    now.size === then.size &&
    now.mtimeNs === then.mtimeNs &&
    now.ctimeNs === then.ctimeNs
  );
}

function changedMeanwhile(path: string): Error {
  return new Error(
    `Cannot change a file as somebody else changed it meanwhile, and nothing was written: ${path}; read it again`,
  );
}
