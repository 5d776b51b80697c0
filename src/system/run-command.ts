/** Runs one command in a process group of its own, and leaves nothing of that group behind. */
import { spawn, type ChildProcess } from "node:child_process";
import { endGroup, forgetGroup, killGroup, trackGroup } from "./process-group.ts";
import { LineReader } from "./line-reader.ts";

/** A command to run. */
export interface CommandOptions {
  /** A string goes through the shell (`/bin/sh`, on Windows `cmd`); a list is run as it is: the program, then its arguments. */
  readonly command: string | readonly [string, ...string[]];
  /** Asks the command to stop: its group gets SIGTERM, and SIGKILL after the grace. */
  readonly signal: AbortSignal;
  /** How long the group may take to end after SIGTERM, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** Called with each line of output, cut at 8 KiB. Half a gigabyte passes through without being kept. */
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
}

/** How long output may still come after the last process of the group has ended, in milliseconds. */
const DRAIN_MS = 200;

/** How many lines are kept. */
const TAIL_LINES = 50;

/**
 * Runs a command to its end. Standard input is closed.
 *
 * Guarantees: resolves or rejects only when every process of the group has ended. What the command left running in the background
 * is ended as well. Does not see processes that left the group by `setsid`. On Windows the tree is ended with `taskkill`.
 *
 * Cancellation: through `signal`; the promise then resolves with how the command ended.
 *
 * @throws `Error`, as a rejection, when the program cannot be started: its `code` is `ENOENT` or `EACCES`.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const { command, signal, graceMs = 5000, onLine } = options;
  signal.throwIfAborted();
  const child = start(command);
  trackGroup(child);
  const tail: string[] = [];
  const reader = (stream: "stdout" | "stderr"): LineReader =>
    new LineReader((line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) {
        tail.shift();
      }
      onLine?.(line, stream);
    });
  const readers = { stdout: reader("stdout"), stderr: reader("stderr") };
  child.stdout?.on("data", (chunk: Buffer) => readers.stdout.add(chunk));
  child.stderr?.on("data", (chunk: Buffer) => readers.stderr.add(chunk));
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const exit = await exitOf(child, { signal, graceMs });
  await endGroup(child, graceMs);
  // Whoever still holds the output open has left the group: it is not waited for. What is in the pipe already is read first.
  await Promise.race([closed, drained()]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  await closed;
  readers.stdout.end();
  readers.stderr.end();
  return { ...exit, tail };
}

function drained(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, DRAIN_MS);
  });
}

function start(command: CommandOptions["command"]): ChildProcess {
  const isWindows = process.platform === "win32";
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  if (typeof command === "string") {
    return spawn(command, { shell: true, detached: !isWindows, stdio });
  }
  const [program, ...rest] = command;
  return spawn(program, rest, { detached: !isWindows, stdio });
}

function exitOf(
  child: ChildProcess,
  options: { readonly signal: AbortSignal; readonly graceMs: number },
): Promise<Pick<CommandResult, "exitCode" | "signal">> {
  const { signal, graceMs } = options;
  return new Promise((resolve, reject) => {
    let force: NodeJS.Timeout | undefined;
    const stop = (): void => {
      killGroup(child, "SIGTERM");
      force = setTimeout(() => killGroup(child, "SIGKILL"), graceMs);
    };
    const forget = (): void => {
      clearTimeout(force);
      signal.removeEventListener("abort", stop);
    };
    signal.addEventListener("abort", stop, { once: true });
    child.once("error", (error) => {
      forget();
      forgetGroup(child);
      reject(error);
    });
    child.once("exit", (code, signalName) => {
      forget();
      resolve({ exitCode: code ?? undefined, signal: signalName ?? undefined });
    });
  });
}
