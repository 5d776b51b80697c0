/** A server that is started here, as a transport of the client: in a process group of its own, of which nothing is left when it is closed. */
import { spawn, type ChildProcess } from "node:child_process";
import { ReadBuffer, serializeMessage, type JSONRPCMessage } from "@modelcontextprotocol/client";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { systemClock } from "../../core/clock.ts";
import { CommandEnd } from "../../system/command-end.ts";
import { startError } from "../../system/command-error.ts";
import { LineReader } from "../../system/line-reader.ts";
import { markedEnvironment } from "../../system/marked-processes.ts";
import { trackGroup } from "../../system/process-group.ts";
import type { ProgramTarget } from "./inner-settings.ts";
import { LONGEST_MESSAGE, SENT_TOO_LONG } from "./longest-message.ts";

/** How many lines of standard error are kept. */
const LAST_LINES = 5;

/** How long a line of it may be, in characters. */
const LONGEST_LINE = 200;

/** How long it may take to end by itself when its input has ended, in milliseconds; then how long after SIGTERM. */
const BY_ITSELF_MS = 500;
const GRACE_MS = 1000;

/** Where a process runs, and how it is found again. */
export interface ServerProcessOptions {
  /** Where it runs, unless the target says it. */
  readonly cwd: string;
  /** Marks its environment, so that on Linux what leaves its group is found. */
  readonly mark: string;
  /** Takes secrets out of what it writes to standard error. */
  readonly redact: (text: string) => string;
}

/** The process, and the messages to and from it. */
export class ServerProcess {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  /** By this and `pid` the client tells a program: one that does not answer its first question may speak an older protocol. */
  readonly stderr = null;
  readonly #target: ProgramTarget;
  readonly #options: ServerProcessOptions;
  readonly #messages = new ReadBuffer({ maxBufferSize: LONGEST_MESSAGE });
  readonly #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #end: CommandEnd | undefined;
  #howEnded: string | undefined;
  /** Why it was ended from here. */
  #whyEnded: string | undefined;
  #gone: Promise<void> | undefined;

  constructor(target: ProgramTarget, options: ServerProcessOptions) {
    this.#target = target;
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How it ended, such as "exit code 1"; undefined while it runs. */
  get howEnded(): string | undefined {
    return this.#howEnded;
  }

  /** The last lines that it wrote to standard error. */
  get lastLines(): readonly string[] {
    const { redact } = this.#options; // Only when they are asked for: there may be millions of them.
    return this.#lastLines.map((line) => redact(line).slice(0, LONGEST_LINE));
  }

  /** @throws CommandError - when it cannot be started */
  async start(): Promise<void> {
    const { command, args, env, cwd = this.#options.cwd } = this.#target;
    const environment = {
      ...getDefaultEnvironment(),
      ...env,
      ...markedEnvironment(this.#options.mark),
    };
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#child = child;
    trackGroup(child);
    const end = new CommandEnd({
      leader: child,
      mark: this.#options.mark,
      graceMs: GRACE_MS,
      clock: systemClock,
    });
    this.#end = end;
    child.stdin.on("error", () => undefined); // That it has ended is told by its end.
    child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    const lines = new LineReader((line) => this.#note(line));
    child.stderr.on("data", (chunk: Buffer) => lines.add(chunk));
    child.stderr.once("end", () => lines.end());
    this.#gone = this.#untilGone(child, end);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => {
        const start = { command: [command, ...args] as const, cwd, path: environment["PATH"] };
        reject(startError(start, error));
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (this.#howEnded !== undefined || stdin?.writable !== true) {
      throw new Error("Connection closed");
    }
    await new Promise<void>((resolve) => {
      // Called with an error where it has ended meanwhile: that is told by its end.
      stdin.write(serializeMessage(message), () => resolve());
    });
  }

  /** Ends it. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || this.#gone === undefined) {
      return;
    }
    child.stdin?.end();
    const timer = setTimeout(() => this.#end?.ask(), BY_ITSELF_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #receive(chunk: Buffer): void {
    try {
      this.#messages.append(chunk);
    } catch {
      // A message larger than the buffer takes: nothing after it could be understood.
      this.#whyEnded = `it was ended, as it ${SENT_TOO_LONG}`;
      this.#child?.stdout?.destroy();
      this.close().catch(() => undefined); // Its end is told by itself.
      return;
    }
    for (;;) {
      try {
        const message = this.#messages.readMessage();
        if (message === null) {
          return;
        }
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error); // JSON, but no message: passed over, as what is no JSON is.
      }
    }
  }

  #note(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) {
      this.#lastLines.shift();
    }
  }

  /** Resolves when the process has ended, and all that it had started. */
  async #untilGone(child: ChildProcess, end: CommandEnd): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
    });
    await new Promise<void>((resolve) => {
      child.once("exit", (code, signal) => {
        this.#howEnded =
          this.#whyEnded ??
          (code === null ? `it was ended by ${signal}` : `it ended with exit code ${code}`);
        resolve();
      });
      child.once("error", () => {
        this.#howEnded ??= "it could not be started";
        end.drop();
        resolve();
      });
    });
    if (child.pid !== undefined) {
      end.ask();
      await end.untilGone();
      await closed;
    }
    this.#messages.clear();
    this.onclose?.();
  }
}
