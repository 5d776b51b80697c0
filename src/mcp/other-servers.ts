/**
 * What the servers of one folder agree by, also those of several assistants: a board in `.fanfold/claims` of each root.
 *
 * There is no deadlock. Work gets its claims from the boards before it asks its own process for any: so what waits inside a process, waits for work
 * that has all of its claims, and waits for no other process. Boards are asked in the order of their paths: whoever waits for one holds only those
 * before it, and whom it waits for waits for none before it. What waits behind earlier work of its own process holds nothing yet. And a server that was
 * started by a step of another one does not wait for that.
 */
import { realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { covers, resourceName } from "../core/resource.ts";
import { untilAborted } from "../core/until-aborted.ts";
import { conflict, type BoardClaims } from "../system/board-claims.ts";
import { ClaimBoard, type BoardHold } from "../system/claim-board.ts";
import { errorCode } from "../system/file-error.ts";
import { fileResource } from "../system/file-resource.ts";
import { makeFolder } from "../system/make-folder.ts";
import type { RootFolder } from "../system/root-folder.ts";

/** What a server is to others. */
export interface OtherServersOptions {
  readonly roots: readonly RootFolder[];
  /** The beginning of the marks of the commands that it runs. */
  readonly mark: string;
  readonly clock: Clock;
  /** Told where servers cannot agree about a root, once for each. */
  readonly warn: (message: string) => void;
}

/** How work waits. */
export interface EnterOptions {
  readonly signal: AbortSignal;
  /** Told the process of a server that it has to wait for, once at most for each root. */
  readonly onWait: (pid: number) => void;
}

/** Work that no other server is in the way of. */
export interface Entered {
  /** How long it waited for other servers, in milliseconds. */
  readonly serversMs: number;
  /** How long it waited for earlier calls of this server that waited themselves, in milliseconds. */
  readonly callsMs: number;
  /** Lets others come. */
  leave(): Promise<void>;
}

/** The other servers of the roots of one. */
export class OtherServers {
  readonly #roots: readonly { readonly name: string; readonly board: Board }[];
  readonly #clock: Clock;
  /** What has not got all of its claims yet, in the order in which it came. */
  readonly #line = new Set<{ readonly claims: BoardClaims; readonly gone: Promise<void> }>();

  constructor({ roots, mark, clock, warn }: OtherServersOptions) {
    const paths = [...new Set(roots.map(({ path }) => path))].toSorted();
    this.#roots = paths.map((path) => ({
      name: resourceName(fileResource(path)),
      board: new Board({ root: path, mark, warn }),
    }));
    this.#clock = clock;
  }

  /**
   * Waits until no other server is in the way of these claims, behind earlier ones of this server that conflict with them; calls `next` then at once,
   * so that what it begins is in that order, and returns what that returns.
   *
   * @throws the reason of `signal`, as a rejection, when that is aborted; nothing is claimed then
   */
  async enter<T>(
    claims: BoardClaims,
    options: EnterOptions,
    next: (entered: Entered) => T,
  ): Promise<T> {
    const before = [...this.#line].filter((each) => conflict(each.claims, claims));
    let leaveLine: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      leaveLine = resolve;
    });
    const place = { claims, gone };
    this.#line.add(place);
    try {
      const addedMs = this.#clock.now();
      if (before.length > 0) {
        const all = Promise.all(before.map(async (each) => await each.gone));
        await untilAborted(options.signal, all);
      }
      const callsMs = this.#clock.now() - addedMs;
      return next({ callsMs, ...(await this.#claim(claims, options)) });
    } finally {
      this.#line.delete(place);
      leaveLine();
    }
  }

  async #claim(
    claims: BoardClaims,
    { signal, onWait }: EnterOptions,
  ): Promise<Omit<Entered, "callsMs">> {
    const holds: BoardHold[] = [];
    const leave = async (): Promise<void> => {
      await Promise.all(holds.map(async (hold) => await hold.release()));
    };
    let serversMs = 0;
    try {
      for (const { name, board } of this.#roots) {
        const here = this.#claimsAt(name, claims);
        let sinceMs: number | undefined;
        const tell = (pid: number): void => {
          sinceMs = this.#clock.now();
          onWait(pid);
        };
        const hold = await board.claim(here, { signal, onWait: tell });
        serversMs += sinceMs === undefined ? 0 : this.#clock.now() - sinceMs;
        holds.push(...(hold === undefined ? [] : [hold]));
      }
    } catch (error) {
      await leave();
      throw error;
    }
    return { serversMs, leave };
  }

  /** What concerns a root: all but files that are in other roots alone. */
  #claimsAt(root: string, { reads, writes }: BoardClaims): BoardClaims {
    const others = this.#roots.filter(({ name }) => name !== root);
    const concerns = (claimed: string): boolean => {
      const name = resourceName(claimed);
      const isHere = covers(root, name) || covers(name, root);
      return isHere || !others.some((other) => covers(other.name, name));
    };
    return { reads: reads.filter(concerns), writes: writes.filter(concerns) };
  }
}

/** The board of a root, opened when it is first needed; none where that root cannot be written. */
class Board {
  readonly #root: string;
  readonly #mark: string;
  readonly #warn: (message: string) => void;
  #opened: Promise<ClaimBoard | undefined> | undefined;
  #isWarned = false;

  constructor({
    root,
    mark,
    warn,
  }: Pick<OtherServersOptions, "mark" | "warn"> & { readonly root: string }) {
    this.#root = root;
    this.#mark = mark;
    this.#warn = warn;
  }

  /** Undefined where nothing is claimed, or nothing can be. */
  async claim(
    claims: BoardClaims,
    { signal, onWait }: EnterOptions,
  ): Promise<BoardHold | undefined> {
    signal.throwIfAborted();
    if (claims.reads.length === 0 && claims.writes.length === 0) {
      return undefined;
    }
    this.#opened ??= this.#open();
    const board = await this.#opened;
    try {
      const hold = await board?.claim(claims, { signal, onWait: ({ pid }) => onWait(pid) });
      return hold && { release: async () => await this.#release(hold) };
    } catch (error) {
      signal.throwIfAborted();
      this.#goOn(error);
      return undefined;
    }
  }

  /** What was done in the meantime is done, whatever has become of the folder. */
  async #release(hold: BoardHold): Promise<void> {
    try {
      await hold.release();
    } catch (error) {
      this.#goOn(error);
    }
  }

  async #open(): Promise<ClaimBoard | undefined> {
    try {
      return await ClaimBoard.open(claimsFolder(this.#root), {
        mark: this.#mark,
        makeFolder: async () => await makeClaimsFolder(this.#root),
      });
    } catch (error) {
      this.#goOn(error);
      return undefined;
    }
  }

  #goOn(error: unknown): void {
    if (!this.#isWarned) {
      this.#isWarned = true;
      this.#warn(
        `Other servers of ${this.#root} know nothing of what this one does, and it nothing of them, as .fanfold/claims there cannot be used: ${describeError(error)}`,
      );
    }
  }
}

const claimsFolder = (root: string): string => join(root, ".fanfold", "claims");

/** Makes the folder of claims, but no root: one that somebody has removed stays away. */
async function makeClaimsFolder(root: string): Promise<void> {
  await stat(root);
  const folder = claimsFolder(root);
  await makeFolder(folder);
  if ((await realpath(folder)) !== folder) {
    throw new Error("it is a link");
  }
  await ignoreIn(dirname(folder));
}

/** Keeps a folder out of version control. */
async function ignoreIn(folder: string): Promise<void> {
  try {
    await writeFile(join(folder, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") {
      throw error;
    }
  }
}
