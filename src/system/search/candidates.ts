/** Which files a search looks into. */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileError } from "../file-error.ts";
import { matchFiles } from "../find-files.ts";
import { filesInside } from "../files-inside.ts";
import { escapeGlob } from "../glob.ts";
import type { RootFolder } from "../root-folder.ts";

/** Where to look. */
export interface CandidateOptions {
  /** Folders, and files: absolute. */
  readonly folders: readonly string[];
  /** Which files of the folders; a pattern without a slash is one of names. @defaultValue all */
  readonly glob?: readonly string[] | undefined;
  /** A folder that files must really lie in: those that links on their way lead out of it are left out. @defaultValue none */
  readonly within?: RootFolder | undefined;
  readonly signal: AbortSignal;
}

/**
 * The files of some folders, absolute, sorted by code unit, each once.
 *
 * In a git repository those that git knows or does not ignore; elsewhere, and in a folder that is ignored itself, all but what lies in
 * `.git`, `node_modules` and `.fanfold`. A file that is named itself always belongs to them.
 *
 * @throws Error - when a folder does not exist, or is neither a folder nor a file
 */
export async function searchCandidates(options: CandidateOptions): Promise<readonly string[]> {
  const { folders, glob, within, signal } = options;
  const found = new Set<string>();
  for (const folder of folders) {
    const stats = await stat(folder).catch((error: unknown) => {
      throw fileError("search", folder, error);
    });
    if (!stats.isFile() && !stats.isDirectory()) {
      // To read a pipe would wait for its writer, and nothing could stop that.
      throw new Error(`Cannot search as it is neither a file nor a folder: ${folder}`);
    }
    const paths = stats.isDirectory() ? await filesIn(folder, glob, signal) : [folder];
    for (const path of paths) {
      found.add(path);
    }
  }
  const files = [...found].sort();
  return within === undefined ? files : await filesInside(within, files);
}

async function filesIn(
  folder: string,
  glob: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const known = (await isIgnored(folder, signal)) ? undefined : await gitFiles(folder, signal);
  if (glob === undefined) {
    return known ?? (await matchFiles([escapeGlob(folder)], { cwd: folder, signal }));
  }
  const matching = await matchFiles(glob.map(ofNames), { cwd: folder, signal });
  if (known === undefined) {
    return matching;
  }
  const isKnown = new Set(known);
  return matching.filter((path) => isKnown.has(path));
}

/** As elsewhere, `*.ts` is one of every folder; `src/*.ts` is not. */
function ofNames(pattern: string): string {
  const [, exclusion = "", rest = ""] = /^(!?)(.*)$/su.exec(pattern) ?? [];
  return rest.includes("/") ? pattern : `${exclusion}**/${rest}`;
}

async function gitFiles(
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const list = await git(
    ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z"],
    folder,
    signal,
  );
  return list?.split("\0").flatMap((path) => (path === "" ? [] : [resolve(folder, path)]));
}

async function isIgnored(folder: string, signal: AbortSignal): Promise<boolean> {
  return (await git(["check-ignore", "--quiet", "."], folder, signal)) !== undefined;
}

/** What git prints; undefined when it fails, is not there, or this is no repository. */
function git(
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  // Where a hook of git runs this, these variables would name another repository.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^GIT_(?:DIR|WORK_TREE|INDEX_FILE)$/.test(name),
    ),
  );
  return new Promise((done, fail) => {
    execFile("git", args, { cwd, env, signal, maxBuffer: Infinity }, (error, stdout) => {
      if (signal.aborted) {
        fail(signal.reason as Error);
      } else {
        done(error === null ? stdout : undefined);
      }
    });
  });
}
