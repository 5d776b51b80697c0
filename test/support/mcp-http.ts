/** The built `fanfold mcp --http`, as a process. */
import { spawn, type ChildProcess } from "node:child_process";
import { MAIN } from "./mcp-client.ts";

/** A token that is long enough. */
export const TOKEN = "a-token-for-the-tests";

/** A server that listens. */
export interface HttpProcess {
  readonly pid: number;
  readonly url: string;
  /** What it has printed to standard error. */
  readonly errors: () => string;
  signal(name: NodeJS.Signals): void;
  /** How the process ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends it, and waits until it has. */
  close(): Promise<void>;
}

/** How it is started. */
export interface HttpProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server on a free port, and resolves when it listens. */
export async function openHttp(
  args: readonly string[],
  { cwd, env = {} }: HttpProcessOptions,
): Promise<HttpProcess> {
  const child = spawn(process.execPath, [MAIN, "mcp", "--http", "0", ...args], {
    cwd,
    env: { ...process.env, FANFOLD_MCP_TOKEN: TOKEN, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
      const found = /^Serving at (\S+)\n.+\n/m.exec(errors)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    child.once("close", () => reject(new Error(`The server has ended: ${errors}`)));
  });
  const ended = endOf(child);
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    url: await url,
    errors: () => errors,
    signal: (name) => void child.kill(name),
    ended,
    close,
  };
}

function endOf(child: ChildProcess): HttpProcess["ended"] {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}
