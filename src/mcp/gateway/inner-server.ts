/**
 * One server behind a gateway: started when it is first needed, again after it has ended, and not at once where it keeps ending.
 *
 * ```
 *   not started -> starting -> connected -> ended -> starting …
 * ```
 */
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/format-duration.ts";
import { untilAborted } from "../../core/until-aborted.ts";
import { listMcpTools } from "../../adapters/mcp/list-mcp-tools.ts";
import type { McpClient, McpListedTool } from "../../adapters/mcp/mcp-client.ts";
import { starSource } from "../star-pattern.ts";
import type { Connection, Open } from "./connection.ts";
import type { InnerSettings } from "./inner-settings.ts";
import { reasonOf } from "./reason-of.ts";

/** How long after the second failure in a row it is not started, in milliseconds; twice as long after each further one. */
const FIRST_PAUSE_MS = 1000;

const LONGEST_PAUSE_MS = 60_000;

/** What a server is run with. */
export interface InnerServerOptions {
  readonly open: Open;
  readonly clock: Clock;
  readonly version: string;
  /** Where programs run that do not say it. */
  readonly cwd: string;
  newMark(): string;
}

/** A server. */
export class InnerServer {
  readonly settings: InnerSettings;
  /** A client that connects by itself. */
  readonly client: McpClient;
  readonly #options: InnerServerOptions;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #starting: Promise<Connection> | undefined;
  #listing: Promise<readonly McpListedTool[]> | undefined;
  #listed: readonly McpListedTool[] | undefined;
  /** Whether the tools may be others than those listed. */
  #isStale = true;
  /** How many calls are under way on each connection that is not closed. */
  readonly #calls = new Map<Connection, number>();
  /** What is still being closed. */
  readonly #leaving = new Set<Promise<void>>();
  /** How often in a row it could not be started, or has ended, without having answered a call. */
  #failures = 0;
  #pausedUntilMs = 0;
  #lastFailure = "";

  constructor(settings: InnerSettings, options: InnerServerOptions) {
    this.settings = settings;
    this.#options = options;
    this.client = {
      getProtocolEra: () => undefined, // Whichever it will be, options are the second argument.
      listTools: async (params, request) => {
        const connection = await this.#connected();
        return await connection.client.listTools(params, request);
      },
      callTool: async (params, request) => await this.#call(params, request),
    };
  }

  /**
   * Its tools as it lists them, but for those that the configuration leaves out. Starts it where they are not known.
   *
   * @throws Error - when it cannot be started, or does not list them
   */
  async tools(): Promise<readonly McpListedTool[]> {
    if (this.#listed !== undefined && !this.#isStale) {
      return this.#listed;
    }
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return await this.#listing;
  }

  /** Ends it, and whatever is under way. */
  async close(reason: string): Promise<void> {
    this.#closing.abort(new Error(reason));
    await this.#starting?.catch(() => undefined);
    const connections = new Set([...this.#calls.keys(), this.#connection ?? []].flat());
    connections.forEach((connection) => this.#leave(connection));
    await Promise.all(this.#leaving);
  }

  async #list(): Promise<readonly McpListedTool[]> {
    const { name, startTimeoutMs } = this.settings;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(startTimeoutMs)]);
    try {
      await this.#connected();
      this.#isStale = false; // What changes from now on makes it stale again.
      const listed = await listMcpTools(this.client, { server: name, signal });
      this.#listed = listed.filter((tool) => this.#isOffered(tool));
      return this.#listed;
    } catch (error) {
      this.#isStale = true;
      throw this.#plain(error);
    }
  }

  #isOffered({ name }: McpListedTool): boolean {
    const { allow, deny } = this.settings;
    const isAllowed = allow.length === 0 || allow.some((pattern) => fits(pattern, name));
    return isAllowed && !deny.some((pattern) => fits(pattern, name));
  }

  async #call(params: object, request: object | undefined): Promise<object> {
    const { signal } = (request ?? {}) as { readonly signal?: AbortSignal };
    const starting = this.#connected();
    const connection = await (signal === undefined ? starting : untilAborted(signal, starting));
    this.#calls.set(connection, (this.#calls.get(connection) ?? 0) + 1);
    try {
      const answer = await connection.client.callTool(params as { name: string }, request);
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (signal?.aborted === true) {
        throw error;
      }
      if (this.settings.target.kind === "address" && isOfTransport(error)) {
        this.#ended(connection, reasonOf(error));
      }
      const { whyClosed } = connection;
      const effect = "the call was under way and may have had its effect";
      throw this.#plain(whyClosed === undefined ? error : new Error(`${effect}; ${whyClosed}`));
    } finally {
      this.#calls.set(connection, (this.#calls.get(connection) ?? 1) - 1);
      this.#leaveIfUnused(connection);
    }
  }

  async #connected(): Promise<Connection> {
    this.#closing.signal.throwIfAborted();
    if (this.#connection !== undefined) {
      return this.#connection;
    }
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return await this.#starting;
  }

  async #start(): Promise<Connection> {
    const { settings } = this;
    const { open, clock, version, cwd, newMark } = this.#options;
    const pauseMs = this.#pausedUntilMs - clock.now();
    if (pauseMs > 0) {
      throw new Error(
        `MCP server "${settings.name}" failed ${this.#failures} times in a row, and is not started again before ${formatDuration(pauseMs)} are over. The last time: ${this.#lastFailure}`,
      );
    }
    try {
      const connection = await open(settings, {
        version,
        cwd,
        mark: newMark(),
        signal: this.#closing.signal,
        onToolsChanged: () => {
          this.#isStale = true;
        },
        onClosed: (closed) => this.#ended(closed, closed.whyClosed ?? ""),
      });
      if (connection.whyClosed !== undefined) {
        throw new Error(connection.whyClosed); // It ended as soon as it had answered.
      }
      this.#connection = connection;
      this.#isStale = true; // It may be another version of it.
      return connection;
    } catch (error) {
      const reason = settings.redact(reasonOf(error));
      this.#fail(reason);
      throw notStarted(settings.name, reason);
    }
  }

  /** A connection is of no use any more. */
  #ended(connection: Connection, why: string): void {
    if (this.#connection === connection) {
      this.#connection = undefined;
      this.#fail(this.settings.redact(why));
      this.#leaveIfUnused(connection);
    }
  }

  /** Other calls of a connection that failed one may still be answered. */
  #leaveIfUnused(connection: Connection): void {
    const isUnused = (this.#calls.get(connection) ?? 0) === 0;
    if (this.#connection !== connection && (isUnused || connection.whyClosed !== undefined)) {
      this.#calls.delete(connection);
      this.#leave(connection);
    }
  }

  #leave(connection: Connection): void {
    const close = async (): Promise<void> => {
      await connection.close().catch(() => undefined); // It is gone already.
      this.#leaving.delete(leaving);
    };
    const leaving = close();
    this.#leaving.add(leaving);
  }

  #fail(why: string): void {
    this.#failures += 1;
    this.#lastFailure = why;
    const pauseMs =
      this.#failures === 1
        ? 0
        : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 2));
    this.#pausedUntilMs = this.#options.clock.now() + pauseMs;
  }

  /** An error without the secrets of the configuration. */
  #plain(error: unknown): Error {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    return new Error(
      code === "UNSUPPORTED_RESULT_TYPE"
        ? "it asks for input, from a person or a model, which cannot be passed on"
        : this.settings.redact(reasonOf(error)),
    );
  }
}

function notStarted(name: string, reason: string): Error {
  return new Error(`MCP server "${name}" could not be started: ${reason}`);
}

/** Whether there was no answer of the server, not even one that is refused: an address may have another server by now. */
function isOfTransport(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (
    error instanceof TypeError || // What `fetch` throws.
    /^(?:SEND_FAILED|NOT_CONNECTED|CONNECTION_CLOSED|CLIENT_HTTP)/.test(String(code))
  );
}

/** Whether a pattern is a name, where `*` stands for any characters. */
function fits(pattern: string, name: string): boolean {
  return new RegExp(`^${starSource(pattern)}$`).test(name);
}
