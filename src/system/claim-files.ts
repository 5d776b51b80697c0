/** The files of a claim board: each a claim, named by its ticket and a random name, written at once and whole. */
import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BoardClaims } from "./board-claims.ts";
import { errorCode } from "./file-error.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";

/** A claim, as it is written. */
export interface BoardEntry extends BoardClaims {
  readonly owner: ProcessIdentity;
  /** The board that made it: one process may have several. */
  readonly board: string;
  /** What the processes carry that its owner runs. */
  readonly mark?: string | undefined;
}

/** After how long without being touched a claim from elsewhere counts as left behind, in milliseconds. */
const LEFT_AFTER_MS = 60_000;

/** Digits of a ticket, so that names sort as numbers. */
const DIGITS = 12;

const NAME = /^(\d{12})-([0-9a-f-]{36})\.json$/;

/** The files of claims in a folder. */
export class ClaimFiles {
  readonly #folder: string;
  readonly #makeFolder: () => Promise<void>;

  private constructor(folder: string, makeFolder: () => Promise<void>) {
    this.#folder = folder;
    this.#makeFolder = makeFolder;
  }

  /** @throws Error - as a rejection, when the folder cannot be made or written */
  static async open(folder: string, makeFolder: () => Promise<void>): Promise<ClaimFiles> {
    await makeFolder();
    const probe = join(folder, `${randomUUID()}.tmp`);
    await writeFile(probe, "");
    await rm(probe, { force: true });
    const files = new ClaimFiles(folder, makeFolder);
    await files.#removeDrafts();
    return files;
  }

  /** Those that are there, the earliest first. */
  async list(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#folder)).filter((name) => NAME.test(name)).toSorted();
    } catch (error) {
      if (errorCode(error) === "ENOENT") {
        return []; // Whoever cleans up has removed it.
      }
      throw error;
    }
  }

  /**
   * Writes a claim with a ticket that is above all that it sees, and returns its file.
   *
   * @throws RangeError - as a rejection, when no ticket is left
   * @throws Error - as a rejection, when the folder cannot be read or written; nothing of the claim stands then
   */
  async post(name: string, entry: BoardEntry): Promise<string> {
    const draft = join(this.#folder, `${name}.tmp`);
    for (;;) {
      const ticket = ticketOf((await this.list()).at(-1)) + 1;
      if (ticket >= 10 ** DIGITS) {
        throw new RangeError(`Cannot claim as no ticket is left above those in ${this.#folder}`);
      }
      const file = `${String(ticket).padStart(DIGITS, "0")}-${name}.json`;
      await this.#write(draft, JSON.stringify(entry));
      await rename(draft, join(this.#folder, file)); // Nobody ever reads half of it.
      let isLast = false;
      try {
        isLast = (await this.list()).at(-1) === file;
      } finally {
        if (!isLast) {
          await this.remove(file);
        }
      }
      if (isLast) {
        return file;
      }
    }
  }

  /**
   * A claim that stands; undefined where it is gone, or was left behind.
   *
   * @throws Error - as a rejection, when it cannot be read: it may be in the way of any other
   */
  async read(file: string): Promise<BoardEntry | undefined> {
    const path = join(this.#folder, file);
    let text: string;
    let touchedAtMs: number;
    try {
      text = await readFile(path, "utf8");
      ({ mtimeMs: touchedAtMs } = await stat(path));
    } catch (error) {
      if (errorCode(error) === "ENOENT") {
        return undefined;
      }
      throw error;
    }
    const isFresh = Date.now() - touchedAtMs < LEFT_AFTER_MS;
    const entry = entryIn(text);
    const stands = entry === undefined ? isFresh : (isAlive(entry.owner) ?? isFresh);
    if (!stands) {
      await rm(path, { force: true });
    }
    return stands ? entry : undefined;
  }

  /** Says that whoever made a claim is alive. */
  touch(file: string): void {
    const now = new Date();
    utimes(join(this.#folder, file), now, now).catch(() => undefined); // It is released at this moment.
  }

  /** Takes a claim away; that it is gone already is no error. */
  async remove(file: string): Promise<void> {
    await rm(join(this.#folder, file), { force: true });
  }

  async #write(path: string, text: string): Promise<void> {
    try {
      await writeFile(path, text);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") {
        throw error;
      }
      await this.#makeFolder(); // Whoever cleans up has removed it.
      await writeFile(path, text);
    }
  }

  /** Removes what processes have left that were killed while they wrote it. */
  async #removeDrafts(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith(".tmp") && (await isOld(path))) {
        await rm(path, { force: true });
      }
    }
  }
}

/** Only boards write here, and whole files at once; but of one that was written when the machine went down nothing may be left. */
function entryIn(text: string): BoardEntry | undefined {
  return text === "" ? undefined : (JSON.parse(text) as BoardEntry);
}

/** Whether nobody has touched a file for long; false where it is gone. */
async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs >= LEFT_AFTER_MS;
  } catch {
    return false;
  }
}

function ticketOf(file: string | undefined): number {
  return Number(NAME.exec(file ?? "")?.[1] ?? 0);
}

/** The random name of a claim. */
export function nameOf(file: string): string {
  return NAME.exec(file)?.[2] ?? "";
}
