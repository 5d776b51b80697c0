/** Replaces a file in one step: whoever reads it sees the old content or the new, never a part. */
import { randomUUID } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import {
  link,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorCode, fileError, NothingCreatedError } from "./file-error.ts";
import { makeFolder } from "./make-folder.ts";

/** What to write: text as UTF-8, bytes, or the content of another file. */
export type FileContent = string | Uint8Array | { readonly copyOf: string };

/** Until when. */
export interface WriteOptions {
  /** Stops the writing; the promise then rejects with its reason, and the file is as it was. */
  readonly signal: AbortSignal;
}

/** How much is written at once, in bytes. An abort is seen between two. */
const CHUNK_BYTES = 1024 * 1024;

/** How many links are followed before they count as a circle. */
const MOST_LINKS = 40;

/**
 * Writes a file in one step: into a temporary file beside it, which then takes its name. Creates missing folders.
 *
 * An existing file keeps its mode; a new one has that of the file it is a copy of, else the usual one. Where `path` is a link, the file
 * that it leads to is replaced, and the link stays.
 *
 * Guarantees: a reader sees the old content or the new; after an error or an abort the content is the old and the temporary file is
 * gone. The content is on the disk before the name changes.
 * Does not keep the owner, other names (hard links) or extended attributes of the old file; does not take back folders it created; and
 * of two that write at once, the later wins whole. A process that is killed may leave a file `.<uuid>.tmp`.
 *
 * @throws Error - when the file cannot be written, or the one to copy not be read; `code` is that of the system
 */
export async function writeFileAtomically(
  path: string,
  content: FileContent,
  options: WriteOptions,
): Promise<{ readonly bytes: number }> {
  const { signal } = options;
  signal.throwIfAborted();
  // Before anything is created: a copy of a file that is not there leaves no folders behind.
  const sourceMode = isCopy(content) ? await modeOfSource(content.copyOf) : undefined;
  const target = await findTarget(path).catch((error: unknown) => {
    throw fileError("write a file", path, error);
  });
  const mode = target.mode ?? sourceMode;
  return await replaceFile(content, { target: target.path, shown: path, mode, signal });
}

/** What is replaced, and how. */
export interface ReplaceOptions extends WriteOptions {
  /** Its path: in a folder that is there, and no link. */
  readonly target: string;
  /** What errors call it. */
  readonly shown: string;
  /** The mode that it gets. @defaultValue the usual one */
  readonly mode: number | undefined;
  /**
   * Whether a file of that name may be replaced: otherwise the system refuses it with `EEXIST`. Needs a disk that knows hard links.
   *
   * @defaultValue true
   */
  readonly overwrite?: boolean | undefined;
  /** Called when all is written and only the name is missing. What it throws leaves everything as it was. */
  readonly beforeRename?: (() => Promise<void>) | undefined;
}

/** The step itself: a temporary file in the same folder, which then takes the name. See {@link writeFileAtomically}. */
export async function replaceFile(
  content: FileContent,
  options: ReplaceOptions,
): Promise<{ readonly bytes: number }> {
  const { target, shown, overwrite = true, signal } = options;
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  try {
    const bytes = await fill(temporary, content, options);
    signal.throwIfAborted();
    await options.beforeRename?.();
    await (overwrite ? rename(temporary, target) : takeName(temporary, target)).catch(
      (error: unknown) => {
        throw fileError("write a file", shown, error);
      },
    );
    return { bytes };
  } catch (error) {
    // What went wrong first is what the caller has to know.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Unlike a new name, a second name is never that of something which is there already. */
async function takeName(temporary: string, target: string): Promise<void> {
  await link(temporary, target);
  await rm(temporary);
}

function isCopy(content: FileContent): content is { readonly copyOf: string } {
  return typeof content !== "string" && !(content instanceof Uint8Array);
}

async function modeOfSource(path: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError("copy a file", path, error);
  });
  if (!stats.isFile()) {
    throw fileError("copy a file", path, notAFile(stats));
  }
  return stats.mode & 0o777;
}

interface Target {
  /** Where the file really lies, behind all links. */
  readonly path: string;
  /** Of the file that is there; undefined when there is none. */
  readonly mode: number | undefined;
}

/** Creates the folders of the target, and follows links, also one whose file does not exist yet. */
async function findTarget(path: string): Promise<Target> {
  if (/[/\\]$/.test(path)) {
    throw systemError("EISDIR");
  }
  let current = resolve(path);
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    await makeFolder(dirname(current));
    current = join(await realpath(dirname(current)), basename(current));
    const stats = await statIfThere(current);
    if (!stats?.isSymbolicLink()) {
      if (stats !== undefined && !stats.isFile()) {
        throw notAFile(stats);
      }
      return { path: current, mode: stats === undefined ? undefined : stats.mode & 0o7777 };
    }
    current = resolve(dirname(current), await readlink(current));
  }
  throw systemError("ELOOP");
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** To replace a device or a pipe by a file would break whoever uses it. */
function notAFile(stats: Stats): Error {
  return stats.isDirectory() ? systemError("EISDIR") : new Error("it is not a regular file");
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function fill(
  temporary: string,
  content: FileContent,
  { shown, mode, signal }: ReplaceOptions,
): Promise<number> {
  let handle: FileHandle | undefined;
  let bytes = 0;
  try {
    handle = await create(temporary, mode);
    for await (const chunk of chunksOf(content)) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
      bytes += chunk.length;
    }
    if (mode !== undefined) {
      await handle.chmod(mode); // What was said when opening was cut by the umask.
    }
    await handle.sync();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof SourceFailure ? error.cause : fileError("write a file", shown, error);
  } finally {
    await handle?.close();
  }
  return bytes;
}

async function create(path: string, mode: number | undefined): Promise<FileHandle> {
  try {
    return await open(path, "wx", mode);
  } catch (error) {
    throw errorCode(error) === "ENOENT" ? new NothingCreatedError(dirname(path), error) : error;
  }
}

/** Tells what went wrong with the file that is copied from what went wrong with the one that is written. */
class SourceFailure extends Error {}

async function* chunksOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (isCopy(content)) {
    yield* fileChunks(content.copyOf);
    return;
  }
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES);
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new SourceFailure(path, { cause: fileError("copy a file", path, error) });
  }
}
