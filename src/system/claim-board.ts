/**
 * A folder by which processes agree who may touch what: each claim is a file in it.
 *
 * A claim has a ticket: the number after the highest that its process saw, and a random name against equals. It is written, and then the folder is read: where
 * a higher ticket is there by then, nobody can know who saw whom, and it is written again with a higher one. So of any two claims that stand,
 * the later has seen the earlier; it waits until the earlier is gone, if they conflict. Nobody waits for a later ticket: there is no deadlock.
 *
 * A process that somebody runs who has claims, does its work within these: it waits neither for them, nor for what waits for them.
 *
 * This is the bakery of Leslie Lamport ("A New Solution of Dijkstra's Concurrent Programming Problem", 1974) with files for its registers. Whoever
 * dies leaves a file, which those who wait for it remove: on the same machine at once, from elsewhere once it was not touched for a minute.
 */
import { randomUUID } from "node:crypto";
import { conflict, type BoardClaims } from "./board-claims.ts";
import { ClaimFiles, nameOf, type BoardEntry } from "./claim-files.ts";
import { FolderChanges } from "./folder-changes.ts";
import { makeFolder } from "./make-folder.ts";
import { isMarkOf, marksAround } from "./marked-processes.ts";
import { ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** How a claim is made. */
export interface ClaimOptions {
  /** Gives up waiting. */
  readonly signal: AbortSignal;
  /** Told once, when it has to wait, with the process that it waits for. */
  readonly onWait?: ((owner: ProcessIdentity) => void) | undefined;
}

/** A claim that stands. */
export interface BoardHold {
  /** Takes it back. A second call does nothing; that the file is gone already is no error. */
  release(): Promise<void>;
}

/** How a board is opened. */
export interface BoardOptions {
  /** The mark of the processes that run within its claims, or the beginning of their marks. @defaultValue none do */
  readonly mark?: string | undefined;
  /** The marks of this process. @defaultValue those that it carries */
  readonly around?: readonly string[] | undefined;
  /** Makes the folder, at first and again where somebody has removed it. @defaultValue makes it, and those above it */
  readonly makeFolder?: (() => Promise<void>) | undefined;
}

/** A claim on the board. */
interface Posted {
  readonly name: string;
  /** With its ticket; another one after it was written again. */
  file: string;
  readonly entry: BoardEntry;
}

/** After how long to look again where the system tells of no change, in milliseconds: of a process that died it tells nothing. */
const LOOK_AFTER_MS = 100;

/** How often a claim says that its process is alive, in milliseconds. */
const TOUCH_EVERY_MS = 10_000;

/** A board in a folder. */
export class ClaimBoard {
  readonly #folder: string;
  readonly #files: ClaimFiles;
  readonly #id = randomUUID();
  readonly #owner = ownIdentity();
  /** The claims of this board that are not granted, by name. */
  readonly #waiting = new Set<string>();
  /** Claims of this board are written one after the other, so that their tickets are in their order. */
  #writing: Promise<unknown> = Promise.resolve();

  readonly #mark: string | undefined;
  readonly #around: readonly string[];

  private constructor(folder: string, files: ClaimFiles, options: BoardOptions) {
    this.#folder = folder;
    this.#files = files;
    this.#mark = options.mark;
    this.#around = options.around ?? marksAround();
  }

  /**
   * Opens a board; makes the folder where there is none.
   *
   * @throws `Error`, as a rejection, when the folder cannot be made or written.
   */
  static async open(folder: string, options: BoardOptions = {}): Promise<ClaimBoard> {
    const make = options.makeFolder ?? (async () => await makeFolder(folder));
    return new ClaimBoard(folder, await ClaimFiles.open(folder, make), options);
  }

  /**
   * Claims resources. Resolves once no claim stands in its way that was made before: of other boards any that conflicts, of this one any that
   * conflicts and waits itself, so that claims of this board are granted in their order. Those of this board that were granted are for its own process to order.
   *
   * @throws the reason of `signal`, as a rejection, when that is aborted; nothing is claimed then.
   * @throws `Error`, as a rejection, when the folder cannot be read or written.
   */
  async claim(claims: BoardClaims, { signal, onWait }: ClaimOptions): Promise<BoardHold> {
    signal.throwIfAborted();
    const entry: BoardEntry = { ...claims, owner: this.#owner, board: this.#id, mark: this.#mark };
    const posted: Posted = { name: randomUUID(), file: "", entry };
    await this.#post(posted);
    const touching = setInterval(() => this.#files.touch(posted.file), TOUCH_EVERY_MS);
    touching.unref();
    const release = async (): Promise<void> => {
      clearInterval(touching);
      this.#waiting.delete(posted.name);
      await this.#files.remove(posted.file);
    };
    try {
      await this.#untilFree(posted, { signal, onWait });
    } catch (error) {
      await release();
      throw error;
    }
    this.#waiting.delete(posted.name);
    return { release };
  }

  /** Writes a claim, after those that were made before; it waits from then on. */
  async #post(posted: Posted): Promise<void> {
    const before = this.#writing;
    const write = async (): Promise<void> => {
      await before;
      posted.file = await this.#files.post(posted.name, posted.entry);
      this.#waiting.add(posted.name);
    };
    const written = write();
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async #untilFree(posted: Posted, options: ClaimOptions): Promise<void> {
    if (await this.#isFree(posted)) {
      return;
    }
    const changes = new FolderChanges(this.#folder);
    const { signal, onWait } = options;
    let isTold = false;
    const tell = (owner: ProcessIdentity): void => {
      if (!isTold) {
        isTold = true;
        onWait?.(owner);
      }
    };
    try {
      while (!(await this.#isFree(posted, tell))) {
        await changes.next(LOOK_AFTER_MS, signal);
      }
    } finally {
      changes.close();
    }
  }

  /** Whether nothing is in the way of a claim; else who is told. One that somebody has removed is written again. */
  async #isFree(posted: Posted, tell?: (owner: ProcessIdentity) => void): Promise<boolean> {
    const files = await this.#files.list();
    const at = files.indexOf(posted.file);
    if (at < 0) {
      await this.#post(posted);
      return await this.#isFree(posted, tell);
    }
    const owner = await this.#inTheWay(posted.entry, files.slice(0, at));
    if (owner !== undefined) {
      tell?.(owner);
    }
    return owner === undefined;
  }

  /** Who holds one of these claims that is in the way; undefined where nobody does. Claims of the dead are removed. */
  async #inTheWay(
    entry: BoardEntry,
    files: readonly string[],
  ): Promise<ProcessIdentity | undefined> {
    const around: BoardEntry[] = [];
    for (const file of files) {
      const other = await this.#files.read(file);
      if (other === undefined) {
        continue;
      }
      if (this.#isAround(other)) {
        around.push(other);
      } else if (
        conflict(other, entry) &&
        this.#isInTheWay(file, other) &&
        !around.some((each) => conflict(each, other)) // It waits for what is around this process.
      ) {
        return other.owner;
      }
    }
    return undefined;
  }

  #isInTheWay(file: string, { board }: BoardEntry): boolean {
    return board !== this.#id || this.#waiting.has(nameOf(file));
  }

  /** Whether a claim is of somebody who runs this process. */
  #isAround({ mark }: BoardEntry): boolean {
    return mark !== undefined && this.#around.some((each) => isMarkOf(mark, each));
  }
}
