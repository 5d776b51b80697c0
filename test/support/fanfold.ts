/** The built command, as a user runs it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The file of the command. */
export const MAIN = join(fileURLToPath(new URL("../..", import.meta.url)), "dist/cli/main.js");

/** How the command ended. */
export interface Ended {
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the command is run. */
export interface FanfoldOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that it has printed so far, and the id of its process. */
  readonly onOutput?: (output: string, pid: number) => void;
  /** The same for what it has printed to standard error. */
  readonly onError?: (output: string, pid: number) => void;
  /** Whether the test reads no more after the first output. */
  readonly hangsUp?: boolean;
}

/** Runs `fanfold` to its end. */
export function fanfold(args: readonly string[], options: FanfoldOptions = {}): Promise<Ended> {
  const { cwd, env, onOutput, onError, hangsUp = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CI: "", NO_COLOR: "", FORCE_COLOR: "", ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      onOutput?.(stdout, child.pid ?? 0);
      if (hangsUp) {
        child.stdout.destroy();
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      onError?.(stderr, child.pid ?? 0);
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs `use` with a folder that holds these files, and removes it. */
export async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "fanfold-e2e-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Calls `once` the first time that the output holds `text`. */
export function whenPrinted(
  text: string,
  once: (pid: number) => void,
): NonNullable<FanfoldOptions["onOutput"]> {
  let isDone = false;
  return (output, pid) => {
    if (!isDone && output.includes(text)) {
      isDone = true;
      once(pid);
    }
  };
}
