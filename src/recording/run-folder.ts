/** The folders of runs: `.fanfold/runs/<id>/`, with a `.gitignore` of their own, the last of them kept. */
import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { errorCode, fileError } from "../system/file-error.ts";
import { makeFolder } from "../system/make-folder.ts";
import { EVENTS_FILE } from "./format.ts";

/** The folder of one run. */
export interface RunFolder {
  /** The id of the run: its time in UTC, to the millisecond, and a few random letters, so that ids sort by time. */
  readonly id: string;
  /** Where everything of the run stands. Absolute. */
  readonly path: string;
  /** Where the output of commands is kept. */
  readonly logs: string;
  /** Takes the mark away that the run is under way. */
  release(): Promise<void>;
}

const ID = /^\d{8}-\d{9}-[0-9a-f]{6}$/;

/** Names the process that writes a folder, so that no other takes it for old. */
const OWNER_FILE = "pid";

/** Makes the folder of a run in `.fanfold/runs` below `cwd`, or as `out`. */
export async function createRunFolder(options: {
  readonly cwd: string;
  /** The folder itself, in place of one under `.fanfold`. */
  readonly out?: string | undefined;
}): Promise<RunFolder> {
  const id = newId();
  const path =
    options.out === undefined
      ? join(runsFolder(options.cwd), id)
      : resolve(options.cwd, options.out);
  const logs = join(path, "logs");
  await makeFolder(logs).catch((error: unknown) => {
    throw errorCode(error) === "ENOTDIR"
      ? new Error(`Cannot record into a folder as it, or one on its way, is a file: ${path}`)
      : fileError("record into a folder", path, error);
  });
  if (options.out === undefined) {
    await writeFile(join(options.cwd, ".fanfold", ".gitignore"), "*\n");
  } else if ((await readdir(path)).includes(EVENTS_FILE)) {
    throw new Error(`Cannot record into a folder that holds a recording already: ${path}`);
  }
  const owner = join(path, OWNER_FILE);
  await writeFile(owner, String(process.pid));
  return { id, path, logs, release: async () => await rm(owner, { force: true }) };
}

/** The folders of finished and killed runs below `cwd`, the newest first. */
export async function listRunFolders(cwd: string): Promise<readonly string[]> {
  const runs = runsFolder(cwd);
  let names: readonly string[];
  try {
    names = await readdir(runs);
  } catch {
    return []; // There are none yet.
  }
  return names
    .filter((name) => ID.test(name))
    .toSorted()
    .toReversed()
    .map((name) => join(runs, name));
}

/** Removes all but the newest runs. Those of processes that still run stay. */
export async function removeOldRuns(cwd: string, keep: number): Promise<void> {
  for (const folder of (await listRunFolders(cwd)).slice(keep)) {
    if (!(await isUnderWay(folder))) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Whether the process that records into a folder still runs, as far as can be told. */
export async function isUnderWay(folder: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(join(folder, OWNER_FILE), "utf8"));
    // 0 would ask for the group of this process.
    return owner > 0 && process.kill(owner, 0);
  } catch (error) {
    // Otherwise there is no owner, or it has ended. What node:fs and process.kill throw.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function runsFolder(cwd: string): string {
  return join(cwd, ".fanfold", "runs");
}

function newId(): string {
  const [date = "", time = ""] = new Date().toISOString().split("T");
  const random = randomBytes(3).toString("hex");
  return `${date.replaceAll("-", "")}-${time.replaceAll(/\D/g, "")}-${random}`;
}
