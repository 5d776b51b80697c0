/** Outputs that are too long to be shown, each in a file of a folder that only this user may read, for as long as the server runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../system/file-error.ts";
import { markAsOwn, removeLeftFolders } from "./left-folders.ts";

/** How many are kept: the last ones. */
const MOST_FILES = 200;

/** How much they have together, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What the names of folders begin with. */
const PREFIX = "fanfold-mcp-";

/** How much of a name is in that of its file, in characters. */
const LONGEST_NAME = 64;

/** The files. Outside of the roots, so that nothing is written to a project, and a server that only reads writes nothing there. */
export class ResultFiles {
  readonly folder: string = mkdtempSync(join(tmpdir(), PREFIX));
  readonly #mostBytes: number;
  /** How many bytes each has, by its path, the oldest first. */
  readonly #kept = new Map<string, number>();
  #bytes = 0;
  #count = 0;
  #isClosed = false;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
    markAsOwn(this.folder);
  }

  /** Removes what servers have left that were killed, as far as it can be. */
  async removeLeft(): Promise<void> {
    await removeLeftFolders(tmpdir(), PREFIX).catch(() => undefined);
  }

  /** Keeps a text, or bytes, in place of the oldest where there are too many. Returns where; undefined where there is no room for it. */
  async keep(
    name: string,
    content: string | Uint8Array,
    ending = "txt",
  ): Promise<string | undefined> {
    const bytes = Buffer.byteLength(content);
    if (bytes > this.#mostBytes) {
      return undefined;
    }
    this.#count += 1;
    const plain = name.replaceAll(/[^\w.-]+/g, "_").slice(0, LONGEST_NAME);
    const path = join(this.folder, `${this.#count}-${plain}.${ending}`);
    try {
      await this.#inFolder(() => writeFile(path, content, { flag: "wx", mode: 0o600 }));
    } catch {
      await rm(path, { force: true }).catch(() => undefined); // A full disk has its beginning.
      return undefined; // What is shown says how much is missing.
    }
    this.#kept.set(path, bytes);
    this.#bytes += bytes;
    await this.#removeOldest();
    return path;
  }

  /** Whether a file is still there. */
  has(path: string): boolean {
    return this.#kept.has(path);
  }

  async #removeOldest(): Promise<void> {
    const old: string[] = [];
    for (const [path, bytes] of this.#kept) {
      if (this.#kept.size <= MOST_FILES && this.#bytes <= this.#mostBytes) {
        break;
      }
      this.#kept.delete(path);
      this.#bytes -= bytes;
      old.push(path);
    }
    await Promise.all(old.map((path) => rm(path, { force: true })));
  }

  /**
   * Makes a folder for what is needed for a while, which whoever asks for it removes.
   *
   * @throws Error - as a rejection, when the disk has no room for it
   */
  async newFolder(name: string): Promise<string> {
    return await this.#inFolder(() => mkdtemp(join(this.folder, `${name}-`)));
  }

  /** Removes all of them. */
  close(): void {
    this.#isClosed = true;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes something in the folder, which some systems remove when nothing was written there for days. */
  async #inFolder<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (errorCode(error) !== "ENOENT" || this.#isClosed) {
        throw error;
      }
      await mkdir(this.folder, { mode: 0o700 });
      markAsOwn(this.folder);
      return await make();
    }
  }
}
