/** Runs one command in a process group of its own, and leaves nothing of that group behind. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { systemClock, type Clock } from "../core/clock.ts";
import { CommandEnd } from "./command-end.ts";
import { inputError, startError } from "./command-error.ts";
import { LineReader } from "./line-reader.ts";
import { markedEnvironment } from "./marked-processes.ts";
import { OutputFile, type KeptOutput, type Output } from "./output-file.ts";
import { trackGroup } from "./process-group.ts";

/** A command to run. */
export interface CommandOptions {
  /** A string goes through the shell (`/bin/sh`, on Windows `cmd`); a list is run as it is: the program, then its arguments. */
  readonly command: string | readonly [string, ...string[]];
  /** Where it runs. @defaultValue the folder of this process */
  readonly cwd?: string | undefined;
  /** Environment variables, besides those of this process; undefined takes one of those away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What it reads: a text, or a file that it reads itself. @defaultValue nothing: standard input is empty */
  readonly stdin?: { readonly text: string } | { readonly file: string } | undefined;
  /** How much of each stream stays in memory. @defaultValue the first 16 KiB */
  readonly kept?: KeptOutput | undefined;
  /** Where all of its standard output is kept. @defaultValue nowhere */
  readonly stdoutFile?: string | undefined;
  /** Where all of its standard error is kept. @defaultValue nowhere */
  readonly stderrFile?: string | undefined;
  /** Asks the command to stop: its group, and what carries its mark, gets SIGTERM, and what is left after the grace SIGKILL. */
  readonly signal: AbortSignal;
  /** How long all of them may take to end after SIGTERM, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** What the grace is measured by. @defaultValue the real time */
  readonly clock?: Clock | undefined;
  /** Marks the environment, so that on Linux a cancelled command is found even where it left its group by `setsid`. */
  readonly mark?: string | undefined;
  /** Called with each line of output; of more than 8192 characters with the beginning, and how many follow. */
  readonly onLine?: ((line: string, stream: "stdout" | "stderr") => void) | undefined;
}

/** How a command ended. */
export interface CommandResult {
  /** What it exited with; undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** The signal that ended it. */
  readonly signal: string | undefined;
  /** Its last lines, of both streams as they came; at most 50. */
  readonly tail: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * How long output may still come after the last process of the group has ended: this many looks in a row that find nothing, so far apart, in
 * milliseconds. Looks are counted, not time: where this process itself has to wait for its turn, time passes without anybody looking.
 */
const QUIET_LOOKS = 10;
const LOOK_MS = 20;

/** How many lines are kept. */
const TAIL_LINES = 50;

/**
 * Runs a command to its end.
 *
 * Guarantees: resolves or rejects only when every process of the group has ended. What the command left running in the background
 * is ended as well. Half a gigabyte of output passes through without being kept in memory; a slow disk slows the command
 * down, one that fails loses output and says so in the result. Does not see a process that left the group by `setsid`, unless
 * the command was cancelled and marked. On Windows the tree is ended with `taskkill`.
 *
 * Cancellation: through `signal`; the promise then resolves with how the command ended.
 *
 * @throws `CommandError`, as a rejection, when the command cannot be started.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const { signal, graceMs = 5000, mark, onLine, clock = systemClock } = options;
  signal.throwIfAborted();
  const child = start(options);
  trackGroup(child);
  const tail = new Tail(onLine);
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const collect = (stream: "stdout" | "stderr", path: string | undefined): Collector =>
    new Collector(child[stream], new OutputFile(path, options.kept), (line) =>
      tail.add(line, stream),
    );
  const stdout = collect("stdout", options.stdoutFile);
  const stderr = collect("stderr", options.stderrFile);
  const exit = await exitOf(
    child,
    options,
    new CommandEnd({ leader: child, mark, graceMs, clock }),
  );
  // Whoever still holds the output open has left the group: it is not waited for. What is in the pipe already is read first.
  await closedOrQuiet(closed, [stdout, stderr]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  await closed;
  return { ...exit, tail: tail.lines, stdout: await stdout.end(), stderr: await stderr.end() };
}

/** The last lines of both streams. */
class Tail {
  readonly lines: string[] = [];
  readonly #onLine: CommandOptions["onLine"];

  constructor(onLine: CommandOptions["onLine"]) {
    this.#onLine = onLine;
  }

  add(line: string, stream: "stdout" | "stderr"): void {
    this.lines.push(line);
    if (this.lines.length > TAIL_LINES) {
      this.lines.shift();
    }
    this.#onLine?.(line, stream);
  }
}

/** Reads one stream: to lines and to its file. */
class Collector {
  /** How many chunks came. */
  chunks = 0;
  readonly #lines: LineReader;
  readonly #file: OutputFile;
  readonly #source: Readable | null;

  constructor(source: Readable | null, file: OutputFile, onLine: (line: string) => void) {
    this.#source = source;
    this.#lines = new LineReader(onLine);
    this.#file = file;
    source?.on("data", (chunk: Buffer) => {
      this.chunks += 1;
      this.#lines.add(chunk);
      this.#file.add(chunk, source);
    });
  }

  /** Whether the disk, not the command, is what keeps it from reading on. */
  get isHeldBack(): boolean {
    return this.#source?.isPaused() ?? false;
  }

  async end(): Promise<Output> {
    this.#lines.end();
    return await this.#file.end();
  }
}

/** Resolves when the output is closed, or no more of it comes. */
async function closedOrQuiet(
  closed: Promise<void>,
  collectors: readonly Collector[],
): Promise<void> {
  const chunks = (): number => collectors.reduce((sum, each) => sum + each.chunks, 0);
  let isClosed = false;
  const note = async (): Promise<void> => {
    await closed;
    isClosed = true;
  };
  const noted = note();
  for (let quiet = 0; !isClosed && quiet < QUIET_LOOKS;) {
    const before = chunks();
    await Promise.race([noted, look()]);
    const isQuiet = chunks() === before && !collectors.some(({ isHeldBack }) => isHeldBack);
    quiet = isQuiet ? quiet + 1 : 0;
  }
}

/** Lets the system say what it has: after the timer, and the reading that comes after timers. */
async function look(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, LOOK_MS).unref(); // The output keeps the process alive as long as it is open.
  });
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** An environment that takes these variables away. */
export function withoutVariables(names: readonly string[]): Readonly<Record<string, undefined>> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function start({ command, cwd, env, mark, stdin }: CommandOptions): ChildProcess {
  const input =
    stdin !== undefined && "file" in stdin ? openInput({ command, file: stdin.file }) : undefined;
  const stdio: StdioOptions = [input ?? (stdin === undefined ? "ignore" : "pipe"), "pipe", "pipe"];
  const settings = {
    cwd,
    stdio,
    detached: process.platform !== "win32",
    env: { ...process.env, ...env, ...(mark === undefined ? {} : markedEnvironment(mark)) },
  };
  try {
    const child =
      typeof command === "string"
        ? spawn(command, { ...settings, shell: true })
        : spawn(command[0], command.slice(1), settings);
    if (stdin !== undefined && "text" in stdin) {
      // A command may end without reading its input: that is not a failure.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(stdin.text);
    }
    return child;
  } catch (error) {
    // Some failures, such as arguments that are too long, are thrown rather than told by an event.
    throw startError({ command, cwd, path: settings.env["PATH"] }, error as NodeJS.ErrnoException);
  } finally {
    if (input !== undefined) {
      closeSync(input);
    }
  }
}

function openInput(input: Pick<CommandOptions, "command"> & { readonly file: string }): number {
  try {
    return openSync(input.file, "r");
  } catch (error) {
    throw inputError(input, error);
  }
}

/** How the leader exited. Resolves when nothing else of the command is left either. */
async function exitOf(
  child: ChildProcess,
  { command, cwd, env, signal }: CommandOptions,
  end: CommandEnd,
): Promise<Pick<CommandResult, "exitCode" | "signal">> {
  const ask = (): void => end.ask();
  signal.addEventListener("abort", ask, { once: true });
  try {
    const exit = await new Promise<Pick<CommandResult, "exitCode" | "signal">>(
      (resolve, reject) => {
        child.once("error", (error) => {
          reject(startError({ command, cwd, path: env?.["PATH"] ?? process.env["PATH"] }, error));
        });
        child.once("exit", (code, signalName) => {
          resolve({ exitCode: code ?? undefined, signal: signalName ?? undefined });
        });
      },
    );
    await end.untilGone();
    return exit;
  } finally {
    signal.removeEventListener("abort", ask);
    end.drop();
  }
}
