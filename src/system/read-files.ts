/** Reads files as text, a few at a time and no more than a bound together. */
import { open, stat, type FileHandle } from "node:fs/promises";
import { fileError } from "./file-error.ts";

/** A file that was read. */
export interface ReadFile {
  /** As it was handed in. */
  readonly path: string;
  /** Its content. */
  readonly text: string;
}

/** How much to read, and until when. */
export interface ReadFilesOptions {
  /** Stops the reading; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  /** The most bytes that all files may have together. @defaultValue 67108864 (64 MiB) */
  readonly limitBytes?: number | undefined;
}

/** How many files are open at the same time. */
const OPEN_FILES = 16;

/** How much is read at once, in bytes. */
const CHUNK_BYTES = 64 * 1024;

const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Reads files as UTF-8, in the order given. A path that is given twice is read, and counts, twice.
 *
 * A byte order mark at the start is taken out; bytes that are no UTF-8 become U+FFFD. Line ends stay as they are.
 *
 * Guarantees: all files or none; no file is open when the promise settles; the limit also holds for a file that grows meanwhile.
 * Does not promise that the texts belong to one moment when other processes write.
 *
 * @throws Error - when a path is missing, a folder, not a regular file, or may not be read; `code` is that of the system
 * @throws RangeError - when the files have more than `limitBytes` together
 */
export async function readFiles(
  paths: readonly string[],
  options: ReadFilesOptions,
): Promise<readonly ReadFile[]> {
  const { signal, limitBytes = DEFAULT_LIMIT_BYTES } = options;
  const sizes = await mapSome(paths, signal, sizeOf);
  let totalBytes = 0;
  for (const [index, size] of sizes.entries()) {
    totalBytes += size;
    checkTotal(paths[index] ?? "", { totalBytes, limitBytes });
  }
  let readBytes = 0;
  return await mapSome(paths, signal, async (path) => {
    const text = await readText(path, signal, (bytes) => {
      readBytes += bytes;
      checkTotal(path, { totalBytes: readBytes, limitBytes });
    });
    return { path, text };
  });
}

/** Looks before it opens: to open a pipe would wait for its writer, and nothing could stop that. */
async function sizeOf(path: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError("read a file", path, error);
  });
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? "a folder" : "not a regular file";
    const error = new Error(`Cannot read a file as it is ${what}: ${path}`);
    throw stats.isDirectory() ? Object.assign(error, { code: "EISDIR" }) : error;
  }
  return stats.size;
}

function checkTotal(
  path: string,
  { totalBytes, limitBytes }: { readonly totalBytes: number; readonly limitBytes: number },
): void {
  if (totalBytes > limitBytes) {
    throw new RangeError(
      `Cannot read files as they may have ${limitBytes} bytes together, and with this one have ${totalBytes}: ${path}`,
    );
  }
}

async function readText(
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    return new TextDecoder().decode(await readAll(handle, signal, onBytes));
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof RangeError ? error : fileError("read a file", path, error);
  } finally {
    await handle?.close();
  }
}

async function readAll(
  handle: FileHandle,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(CHUNK_BYTES) });
    if (bytesRead === 0) {
      return Buffer.concat(chunks);
    }
    onBytes(bytesRead);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/**
 * Does work for every path, a few at a time and in their order. After a failure nothing more is begun, and what runs is waited for;
 * since everything before it in the order was begun, the first failure in the order is known, whatever came first in time.
 */
async function mapSome<T>(
  paths: readonly string[],
  signal: AbortSignal,
  work: (path: string) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  const failures = new Map<number, unknown>();
  const queue = paths.entries();
  const workers = Array.from({ length: Math.min(OPEN_FILES, paths.length) }, async () => {
    for (const [index, path] of queue) {
      if (signal.aborted || failures.size > 0) {
        return;
      }
      await work(path).then(
        (result) => (results[index] = result),
        (error: unknown) => failures.set(index, error),
      );
    }
  });
  await Promise.all(workers);
  signal.throwIfAborted();
  if (failures.size > 0) {
    throw failures.get(Math.min(...failures.keys()));
  }
  return results;
}
