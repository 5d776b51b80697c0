/** The errors of commands: one that could not be started, one that ended with a failure. */
import { existsSync, statSync } from "node:fs";
import { FanfoldError, hasCode } from "../core/errors.ts";
import { fileError } from "./file-error.ts";
import { programFiles } from "./find-program.ts";
import type { CommandResult } from "./run-command.ts";

/** A command could not be started, or ended with a failure. */
export class CommandError extends FanfoldError {
  override readonly name = "CommandError";
  /** How it ended; undefined when it never started. */
  readonly result: CommandResult | undefined;

  constructor(
    message: string,
    options: {
      readonly result?: CommandResult | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super("COMMAND_FAILED", message, { cause: options.cause });
    this.result = options.result;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is CommandError {
    return hasCode(error, "COMMAND_FAILED");
  }
}

/** What was to be started, and where. */
interface Start {
  readonly command: string | readonly [string, ...string[]];
  readonly cwd: string | undefined;
  readonly path: string | undefined;
}

/** Says why a command could not be started, in words that name what is missing. */
export function startError(start: Start, cause: NodeJS.ErrnoException): CommandError {
  return new CommandError(`Cannot start ${shown(start.command)} as ${reason(start, cause)}`, {
    cause,
  });
}

/** Says why a command could not be started whose input is a file. */
export function inputError(
  { command, file }: { readonly command: Start["command"]; readonly file: string },
  cause: unknown,
): CommandError {
  const { message } = fileError(`read the input of ${shown(command)}`, file, cause);
  return new CommandError(message, { cause });
}

/** Says how a command failed. The shell's own codes for a program that is missing or not executable are put into words. */
export function failureOf(command: Start["command"], result: CommandResult): CommandError {
  const { exitCode, signal } = result;
  const how =
    signal !== undefined
      ? `ended by ${signal}`
      : exitCode === 127 && typeof command === "string"
        ? "the shell found no such program (exit code 127)"
        : exitCode === 126 && typeof command === "string"
          ? "the shell found the program, which is not executable (exit code 126)"
          : `exit code ${exitCode}`;
  return new CommandError(`${shown(command)} failed: ${how}`, { result });
}

function reason({ command, cwd, path }: Start, { code, message }: NodeJS.ErrnoException): string {
  if (cwd !== undefined && !isFolder(cwd)) {
    return `its folder does not exist or is not a folder: ${cwd}`;
  }
  const program = typeof command === "string" ? "/bin/sh" : command[0];
  switch (code) {
    case "ENOENT":
      return missing(program);
    case "EACCES": {
      // The system says so too where a folder of the PATH may not be looked into.
      const file = program.includes("/")
        ? program
        : programFiles(program, { env: { PATH: path } }).find((each) => existsSync(each));
      return file === undefined ? missing(program) : `the file is not executable: ${file}`;
    }
    case "E2BIG":
      return "its arguments and environment are longer than the system allows";
    default:
      return message;
  }
}

function missing(program: string): string {
  return program.includes("/")
    ? `there is no such program: ${program}`
    : `no program of that name is on the PATH: ${program}`;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // It is not there, may not be looked at, or has a name that nothing can have.
  }
}

/** How a command is named in messages: its beginning. */
function shown(command: Start["command"]): string {
  const text = typeof command === "string" ? command : command.join(" ");
  const line = text.split("\n", 1)[0] ?? "";
  return JSON.stringify(
    line.length < text.length || line.length > 60 ? `${line.slice(0, 60)}…` : line,
  );
}
