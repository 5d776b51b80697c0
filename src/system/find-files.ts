/** Turns paths and globs into the files that they name. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { callbackify } from "node:util";
import type { FileSystemAdapter } from "tinyglobby";
import { errorCode, fileError } from "./file-error.ts";
import { escapeGlob, isGlob, splitGlob } from "./glob.ts";
import { isWithin } from "./real-path.ts";

/** Where to look, and until when. */
export interface FindOptions {
  /** The folder that patterns are relative to. */
  readonly cwd: string;
  /** Stops the search; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** Folders that are passed over unless a pattern names them. */
const PASSED_OVER = [".git", "node_modules", ".fanfold"];

/**
 * Finds the files that paths and globs name.
 *
 * - A path without wildcards names a file, or a folder and everything in it; it must exist.
 * - `*`, `?` and `[…]` stay within one name, `**` stands for any number of folders; `{a,b}` and `+(a|b)` choose; a backslash takes a
 *   character as it is. Hidden files are found like others. A glob may match nothing.
 * - `!x` takes out what `x` matches, and everything in it, wherever it stands in the list.
 * - Folders called `.git`, `node_modules` and `.fanfold` are passed over, unless the pattern names them.
 * - A link to a file is found under its own name. A link to a folder is entered only where the plain start of the pattern names it.
 *
 * Guarantees: absolute paths, sorted by code unit, each once; every match of a glob lies below its {@link globBase}.
 * Does not see what other processes change meanwhile, does not resolve links in the paths that it returns, and does not find names with
 * line ends by `**`.
 *
 * @throws TypeError - when a pattern is empty or has `..` after a wildcard
 * @throws Error - when a path without wildcards does not exist, or a folder on the way may not be read
 */
export async function findFiles(
  patterns: readonly string[],
  options: FindOptions,
): Promise<readonly string[]> {
  const { cwd, signal } = options;
  signal.throwIfAborted();
  for (const pattern of patterns.filter((pattern) => !isExclusion(pattern) && !isGlob(pattern))) {
    const { base } = splitGlob(pattern);
    await mustExist(pattern, resolve(cwd, base));
    signal.throwIfAborted();
  }
  return await matchFiles(patterns, options);
}

/** As {@link findFiles}, but a path without wildcards that does not exist matches nothing. */
export async function matchFiles(
  patterns: readonly string[],
  options: FindOptions,
): Promise<readonly string[]> {
  const cwd = resolve(options.cwd);
  const excluded = patterns.filter(isExclusion).map((pattern) => locate(pattern.slice(1), cwd));
  const found = new Set<string>();
  for (const pattern of patterns.filter((pattern) => !isExclusion(pattern))) {
    for (const path of await crawl(locate(pattern, cwd), excluded, options.signal)) {
      found.add(path);
    }
  }
  return [...found].sort();
}

/** A pattern of which the plain part is absolute. */
interface Located {
  /** The folder where the wildcards begin, or the path itself. */
  readonly base: string;
  /** What is wanted in the folder; `""` for the path itself. */
  readonly rest: string;
}

/** A leading `!(` begins a choice, not an exclusion. */
function isExclusion(pattern: string): boolean {
  return pattern.startsWith("!") && !pattern.startsWith("!(");
}

function locate(pattern: string, cwd: string): Located {
  const { base, rest } = splitGlob(pattern);
  // As a plain folder stands for everything in it, so does one with wildcards and a slash at its end.
  return { base: resolve(cwd, base), rest: rest.endsWith("/") ? `${rest}**` : rest };
}

async function mustExist(pattern: string, path: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(`find "${pattern}"`, path, error);
  });
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new Error(`Cannot find "${pattern}" as it is neither a file nor a folder: ${path}`);
  }
}

/** One pattern at a time: the crawler then starts at its plain folder, behind whatever links lead there. */
async function crawl(
  pattern: Located,
  excluded: readonly Located[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = (await isFolder(pattern)) ? { ...pattern, rest: "**" } : pattern;
  // The crawler compares no `..`: all is said relative to a folder above all.
  const folders = [wanted, ...excluded].map(({ base, rest }) =>
    rest === "" ? dirname(base) : base,
  );
  const root = folders.reduce(commonFolder);
  const problems: unknown[] = [];
  const written = patternBelow(root, wanted);
  const { glob } = await import("tinyglobby"); // Loaded by those who look for files alone.
  const paths = await glob(written, {
    cwd: root,
    ignore: excluded.flatMap((one) => [
      patternBelow(root, one),
      patternBelow(root, contentsOf(one)),
    ]),
    absolute: true,
    dot: true,
    expandDirectories: false,
    fs: folderReader({
      passedOver: PASSED_OVER.filter((name) => !names(wanted.rest, name)),
      problems,
    }),
    signal,
  });
  signal.throwIfAborted();
  if (problems.length > 0) {
    throw problems[0];
  }
  return paths.map((path) => resolve(path));
}

async function isFolder({ base, rest }: Located): Promise<boolean> {
  return (
    rest === "" &&
    (await stat(base).then(
      (stats) => stats.isDirectory(),
      () => false, // It is missing, and the crawler will not find it either.
    ))
  );
}

function commonFolder(one: string, other: string): string {
  let folder = one;
  while (!isWithin(other, folder) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}

function patternBelow(root: string, { base, rest }: Located): string {
  const plain = escapeGlob(relative(root, base).split(sep).join("/"));
  if (plain === "") {
    // At the start of a pattern the crawler would take two dots for the folder above.
    return rest.replace(/^\.\./, "\\..");
  }
  return rest === "" ? plain : `${plain}/${rest}`;
}

function contentsOf({ base, rest }: Located): Located {
  return { base, rest: rest === "" ? "**" : `${rest}/**` };
}

/** Whether a pattern has this name as a segment, or as one choice for a segment. */
function names(pattern: string, name: string): boolean {
  return pattern
    .replaceAll("\\", "")
    .split(/[/{},()|]/)
    .includes(name);
}

interface ReaderOptions {
  readonly passedOver: readonly string[];
  /** Where errors are collected: the crawler itself keeps silent about folders that it cannot read. */
  readonly problems: unknown[];
}

/**
 * How the crawler reads a folder: without the folders that are passed over, links to files as files, links to folders not at all.
 * So what is found depends neither on circles nor on who is read first.
 */
function folderReader({ passedOver, problems }: ReaderOptions): FileSystemAdapter {
  const read = async (path: string): Promise<readonly Dirent[]> => {
    try {
      const entries = await readdir(path, { withFileTypes: true });
      const kept = entries.filter(
        (entry) => !entry.isDirectory() || !passedOver.includes(entry.name),
      );
      const resolved = await Promise.all(kept.map((entry) => resolveLink(path, entry)));
      return resolved.filter((entry) => entry !== undefined);
    } catch (error) {
      if (!["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
        problems.push(fileError("read a folder", path, error));
      }
      return [];
    }
  };
  const readWithCallback = callbackify(read);
  const adapter = (path: string, _: unknown, done: ReadDone): void => readWithCallback(path, done);
  // The crawler calls `readdir` in this one of its many shapes.
  return { readdir: adapter as unknown as NonNullable<FileSystemAdapter["readdir"]> };
}

type ReadDone = (error: NodeJS.ErrnoException | null, entries: readonly Dirent[]) => void;

async function resolveLink(folder: string, entry: Dirent): Promise<Dirent | undefined> {
  if (!entry.isSymbolicLink()) {
    return entry;
  }
  const isFile = await stat(join(folder, entry.name)).then(
    (stats) => stats.isFile(),
    () => false, // It leads nowhere.
  );
  return isFile ? asFile(entry) : undefined;
}

function asFile(entry: Dirent): Dirent {
  const file = Object.create(entry) as Dirent;
  return Object.assign(file, { isFile: () => true, isSymbolicLink: () => false });
}
