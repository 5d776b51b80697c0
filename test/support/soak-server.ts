/** A server for a soak: a real client over real pipes, whose every line is counted, and which may be ended in any way. */
import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/client";
import { MAIN } from "./mcp-client.ts";

/** What a client takes as a transport. */
type Transport = Parameters<Client["connect"]>[0];
type Message = Parameters<Transport["send"]>[0];

/** Requests of this kind of id are none of the client: their answers are kept from it. */
const RAW = "raw-";

/** How long a server may take to end, in milliseconds: clients wait two seconds, and this machine may be busy. */
const MOST_ENDING_MS = 20_000;

/** The variable by which processes of a server are found. */
const VARIABLE = "FANFOLD_SOAK";

/** One server and its client. */
export interface SoakServer {
  readonly client: Client;
  readonly folder: string;
  readonly child: ChildProcess;
  /** Marks all processes that it starts. */
  readonly mark: string;
  /** Writes a line as it is. */
  write(line: string): void;
  /** What is wrong with the lines that came: other things than messages, and requests that were answered more than once. */
  faults(): readonly string[];
  /** Resolves when the process has ended; rejects where it does not. */
  ended(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

/** Starts a server in a folder, and connects to it. */
export async function soakServer(
  folder: string,
  { mark, mode }: { readonly mark: string; readonly mode: "auto" | "legacy" },
): Promise<SoakServer> {
  const child = spawn(process.execPath, [MAIN, "mcp"], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, [VARIABLE]: mark },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const closed = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const faults: string[] = [];
  const answered = new Set<string | number>();
  const write = (line: string): void => void child.stdin.write(`${line}\n`);
  child.stdin.on("error", () => undefined); // It was ended.
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => {
      write(JSON.stringify(message));
      return Promise.resolve();
    },
    close: () => {
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      faults.push(`no message: ${line.slice(0, 200)}`);
      return;
    }
    const { id } = message as { readonly id?: string | number };
    if (id !== undefined && !("method" in message)) {
      if (answered.has(id)) {
        faults.push(`answered twice: ${id}`);
      }
      answered.add(id);
    }
    if ("method" in message || (id !== undefined && !String(id).startsWith(RAW))) {
      transport.onmessage?.(message);
    }
  });
  child.stdout.once("close", () => transport.onclose?.());
  const client = new Client({ name: "soak", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  await client.listTools(); // What comes first decides which revision of the protocol holds: it must be no malformed line.
  return {
    client,
    folder,
    child,
    mark,
    write,
    faults: () => faults,
    async ended() {
      const startedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("the server does not end")), MOST_ENDING_MS);
      });
      const code = await Promise.race([closed, late]).finally(() => clearTimeout(timer));
      return { code, ms: performance.now() - startedAt };
    },
  };
}

/** The processes that a server has started and that are still there, but for itself. Linux only. */
export async function processesOf({ mark, child }: SoakServer): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === child.pid) {
      continue;
    }
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(`${VARIABLE}=${mark}`)) {
      found.push(pid);
    }
  }
  return found;
}

/** The resident memory of a process, in MiB. Linux only. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
