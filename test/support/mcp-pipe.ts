/** `fanfold mcp` spoken to line by line, as no client would. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { MAIN } from "./mcp-client.ts";

/** A message of the server. */
export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A server at the other end of pipes. */
export interface Pipe {
  readonly pid: number;
  /** Every line that it has printed to standard output. */
  readonly lines: readonly string[];
  /** What it has printed to standard error. */
  readonly errors: () => string;
  write(text: string): void;
  /** Sends a request, and resolves with its answer. */
  ask(method: string, params: unknown): Promise<Message>;
  /** Calls a tool, and resolves with the text of the answer. */
  call(name: string, given: unknown): Promise<string>;
  /** Sends a request whose answer nobody waits for. */
  send(method: string, params: unknown): void;
  endInput(): void;
  /** Reads no answer any more. */
  hangUp(): void;
  signal(name: NodeJS.Signals): void;
  /** How the process ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts a server, and says hello. */
export async function openPipe(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Pipe> {
  const child = spawn(process.execPath, [MAIN, "mcp", ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  child.stdin.on("error", () => undefined); // It may end before it has read everything.
  const lines: string[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    const message = JSON.parse(line) as Message;
    waiting.get(message.id ?? -1)?.(message);
  });
  let count = 0;
  const send = (method: string, params: unknown): number => {
    count += 1;
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: count, method, params })}\n`);
    return count;
  };
  const ask = (method: string, params: unknown): Promise<Message> => {
    const id = send(method, params);
    return new Promise((resolve) => {
      waiting.set(id, resolve);
    });
  };
  const pipe: Pipe = {
    pid: child.pid ?? 0,
    lines,
    errors: () => errors,
    write: (text) => void child.stdin.write(text),
    ask,
    send,
    async call(name, given) {
      const { result, error } = await ask("tools/call", { name, arguments: given });
      const { content = [] } = (result ?? {}) as { content?: readonly { readonly text: string }[] };
      return error?.message ?? content.map(({ text }) => text).join("\n");
    },
    endInput: () => void child.stdin.end(),
    hangUp: () => void child.stdout.destroy(),
    signal: (name) => void child.kill(name),
    ended: new Promise((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    }),
  };
  const clientInfo = { name: "pipe", version: "1" };
  await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return pipe;
}
