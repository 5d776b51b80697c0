/** Finds programs by their bare name, as the system does: on the PATH, and on Windows with the endings of PATHEXT. */
import { accessSync, constants, statSync } from "node:fs";
import { posix, win32 } from "node:path";

/** The endings of programs where Windows does not say. */
const USUAL_ENDINGS = ".COM;.EXE;.BAT;.CMD";

/** Where programs are looked for. */
export interface ProgramSearch {
  /** The variables PATH and PATHEXT. @defaultValue those of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @defaultValue that of this process */
  readonly platform?: NodeJS.Platform | undefined;
}

/** The first program of that name; undefined when there is none. A folder, or a file that may not be run, is none. */
export function findProgram(name: string, search: ProgramSearch = {}): string | undefined {
  return programFiles(name, search).find(isProgram);
}

/** The files that the name may stand for, the first before the others, whether they are there or not. */
export function programFiles(
  name: string,
  { env = process.env, platform = process.platform }: ProgramSearch = {},
): readonly string[] {
  const { delimiter, join } = platform === "win32" ? win32 : posix;
  // An empty entry would be the current folder: what lies there is not called by a bare name here.
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const names = platform === "win32" ? namesOnWindows(name, env["PATHEXT"]) : [name];
  return folders.flatMap((folder) => names.map((each) => join(folder, each)));
}

/** Whether a file is there that may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile(); // A folder has that right too: it may be entered.
  } catch {
    return false;
  }
}

/** A name that has one of the endings is taken as it is. */
function namesOnWindows(name: string, listed: string | undefined): readonly string[] {
  const text = listed === undefined || listed === "" ? USUAL_ENDINGS : listed;
  const endings = text.split(";").filter((ending) => ending !== "");
  const hasEnding = endings.some((each) => name.toLowerCase().endsWith(each.toLowerCase()));
  return hasEnding ? [name] : endings.map((ending) => `${name}${ending}`);
}
