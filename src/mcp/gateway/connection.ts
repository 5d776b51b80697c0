/** A connection to a server behind the gateway, over whichever transport and in whichever revision of the protocol it speaks. */
import { Client, type Transport } from "@modelcontextprotocol/client";
import { timeLimit } from "../../system/time-limit.ts";
import { formatDuration } from "../../core/format-duration.ts";
import type { McpClient } from "../../adapters/mcp/mcp-client.ts";
import { addressProblem, addressTransport } from "./address-transport.ts";
import type { InnerSettings } from "./inner-settings.ts";
import { reasonOf } from "./reason-of.ts";
import { ServerProcess } from "./server-process.ts";

/** How long a program may take to say which revision it speaks, before it is taken for one that speaks an older one, in milliseconds. */
const PROBE_MS = 5000;

/** A connection that is open. */
export interface Connection {
  readonly client: McpClient;
  /** Why it is not open any more; undefined while it is. */
  readonly whyClosed: string | undefined;
  /** Ends it, and the server where it was started here. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** How a connection is opened. */
export interface OpenOptions {
  readonly version: string;
  /** Where programs run that do not say it. */
  readonly cwd: string;
  /** A mark for the process that nothing else has. */
  readonly mark: string;
  /** Gives up. */
  readonly signal: AbortSignal;
  onToolsChanged(): void;
  /** Called when a connection that was open is not open any more, but for one that was closed here. */
  onClosed(connection: Connection): void;
}

/** Opens connections to servers. */
export type Open = (settings: InnerSettings, options: OpenOptions) => Promise<Connection>;

/** @throws Error - that says why there is no connection, with the last lines of what the server wrote */
export const openConnection: Open = async (settings, options) => {
  const time = timeLimit(options.signal, settings.startTimeoutMs);
  const timing = { ...options, signal: time.signal };
  try {
    return await attempt(settings, timing, "auto");
  } catch (error) {
    if (time.isOver) {
      throw tooLate(settings, error as Failure);
    }
    // Some programs end at the first question of the newer protocol.
    if (!(error as Failure).hasEnded || time.signal.aborted) {
      throw error;
    }
    return await attempt(settings, timing, "legacy");
  } finally {
    time.clear();
  }
};

/** Why an attempt failed. */
class Failure extends Error {
  /** Whether it is a program that has ended. */
  readonly hasEnded: boolean;
  /** What it wrote to standard error. */
  readonly heard: string;

  constructor(message: string, { hasEnded, heard }: Pick<Failure, "hasEnded" | "heard">) {
    super(message + heard);
    this.hasEnded = hasEnded;
    this.heard = heard;
  }
}

function tooLate({ startTimeoutMs }: InnerSettings, { heard = "" }: Partial<Failure>): Error {
  return new Error(`it did not answer within ${formatDuration(startTimeoutMs)}${heard}`);
}

async function attempt(
  settings: InnerSettings,
  options: OpenOptions,
  mode: "auto" | "legacy",
): Promise<Connection> {
  const { signal, onClosed } = options;
  const { startTimeoutMs, timeoutMs } = settings;
  const { transport, problemOf, ...way } = wayTo(settings, options);
  const client = clientOf(settings, options, mode);
  let isOpen = false;
  let whyClosed: string | undefined;
  const onclose = (): void => {
    whyClosed ??= `${way.howEnded() ?? "the connection was closed"}${way.heard()}`;
    if (isOpen) {
      onClosed(connection);
    }
  };
  Object.assign(client, { onclose });
  const connection: Connection = {
    client,
    get whyClosed() {
      return whyClosed;
    },
    async close() {
      isOpen = false;
      await client.close();
      await transport.close();
    },
  };
  const abandon = (): void => {
    transport.close().catch(() => undefined); // That it was given up is told by the attempt to connect.
  };
  signal.addEventListener("abort", abandon, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect(transport, { timeout: Math.max(startTimeoutMs, timeoutMs) });
  } catch (error) {
    const howEnded = way.howEnded();
    await transport.close();
    const reason = howEnded === undefined ? problemOf(error) : `${howEnded} before it answered`;
    const hasEnded = howEnded !== undefined && settings.target.kind === "program";
    throw new Failure(reason, { hasEnded, heard: way.heard() });
  } finally {
    signal.removeEventListener("abort", abandon);
  }
  isOpen = true;
  return connection;
}

/** How a server is reached, and what is known of it where that fails. */
interface Way {
  readonly transport: Transport;
  /** How its program has ended, or its connection was ended from here; undefined where neither is so. */
  howEnded(): string | undefined;
  /** The last lines of what it wrote to standard error; empty where there is none. */
  heard(): string;
  /** Why there is no connection. */
  problemOf(error: unknown): string;
}

function wayTo({ target, redact }: InnerSettings, { cwd, mark }: OpenOptions): Way {
  if (target.kind === "address") {
    return {
      ...addressTransport(target),
      heard: () => "",
      problemOf: (error) => addressProblem(error, target),
    };
  }
  const process = new ServerProcess(target, { cwd, mark, redact });
  return {
    transport: process,
    howEnded: () => (process.pid === null ? undefined : process.howEnded),
    heard: () => heardFrom(process),
    problemOf: reasonOf,
  };
}

function clientOf(
  { target, startTimeoutMs }: InnerSettings,
  { version, onToolsChanged }: OpenOptions,
  mode: "auto" | "legacy",
): Client {
  const timeoutMs = Math.min(PROBE_MS, Math.ceil(startTimeoutMs / 3));
  const client = new Client(
    { name: "fanfold", version },
    {
      capabilities: {},
      // Nobody can be asked on behalf of a server: it is told so.
      inputRequired: { autoFulfill: false },
      versionNegotiation: { mode, ...(target.kind === "program" && { probe: { timeoutMs } }) },
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } },
    },
  );
  const onerror = (): void => undefined; // What matters of it fails a call, or ends the connection.
  return Object.assign(client, { onerror });
}

function heardFrom({ lastLines }: ServerProcess): string {
  return lastLines.length === 0
    ? ""
    : `. The last lines of its standard error:\n${lastLines.map((line) => `  ${line}`).join("\n")}`;
}
