/** `fanfold mcp`: a server of the Model Context Protocol over standard input and output, or over HTTP. */
import { Writable } from "node:stream";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { counted } from "../core/counted.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import { readServers } from "../mcp/gateway/read-servers.ts";
import { scrubEnvironment } from "../mcp/scrub-environment.ts";
import { serverFactory } from "../mcp/server.ts";
import { mcpService, type McpService } from "../mcp/service.ts";
import { isSecretName } from "../recording/find-secrets.ts";
import { waitAtMost } from "../system/time-limit.ts";
import { endAtOnce } from "./end-process.ts";
import { overHttp, takeToken, type McpConnection } from "./mcp-http.ts";
import { serverOptionsOf, type McpOptions } from "./mcp-options.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { watchStdout } from "./stdout.ts";
import { watchStrayErrors } from "./stray-errors.ts";

/**
 * How long everything may take to end, in milliseconds; what is left then is killed. Clients end a server that takes longer than two seconds by a
 * signal, and then by SIGKILL.
 */
const CLOSING_MS = 1500;

/**
 * Serves until a signal comes and, without HTTP, until standard input ends or nobody reads the answers any more, and returns the exit code. Without
 * HTTP, nothing but the protocol is printed to standard output: what others in this process print there goes to standard error.
 *
 * @throws RangeError, TypeError or Error - when an option is invalid, or there is no such folder
 */
export async function mcp(options: McpOptions): Promise<number> {
  if (!options.token && options.http === undefined) {
    throw new RangeError("Cannot leave the token away as there is one only with --http");
  }
  const token = takeToken(process.env);
  const serverOptions = serverOptionsOf(options);
  const { warn } = serverOptions;
  // Its variables may be secrets: they are looked up before these are taken out of the environment.
  const gateway =
    options.gateway === undefined
      ? undefined
      : readServers(options.gateway, { environment: { ...process.env }, warn });
  const scrubbed = scrubEnvironment(process.env, options.keepEnv ?? []);
  const unexpected = scrubbed.filter((name) => !isSecretName(name)); // By their names nobody would think of it.
  if (unexpected.length > 0) {
    warn?.(
      `Commands do not see ${unexpected.join(", ")}, as their values hold secrets; --keep-env ${unexpected.join(",")} lets them through`,
    );
  }
  const service = mcpService({ ...serverOptions, gateway });
  process.once("exit", () => service.kill());
  const { promise: ended, resolve: end } = promiseAndHands<number>();
  const signals = watchSignals({
    cancel: (signal) => end(exitCodeOf(signal)),
    end: (signal) => {
      service.kill();
      endAtOnce(exitCodeOf(signal)).catch(() => process.exit(exitCodeOf(signal)));
    },
  });
  const strays = watchStrayErrors({
    canCome: () => service.modules.hasRun,
    onStray: (error) => {
      const count = service.modules.cancelAll(error);
      const what =
        count === 0
          ? "The server goes on, although"
          : `${counted(count, "plan with modules is", "plans with modules are")} cancelled, as`;
      process.stderr.write(`${what} ${error.message}\n`);
    },
  });
  let connection: McpConnection | undefined;
  try {
    connection =
      options.http === undefined
        ? overPipes(service, end)
        : await overHttp(service, { port: options.http, token: options.token ? token : false });
    return await ended;
  } finally {
    signals.nothingToCancel(); // From now on a signal is the second one.
    connection?.stop();
    await waitAtMost(CLOSING_MS, service.close("the server ends"));
    service.kill();
    await connection?.close();
    signals.stop();
    strays.stop();
  }
}

/** Speaks over standard input and output. Calls `end` when either has ended. */
function overPipes(service: McpService, end: (code: number) => void): McpConnection {
  const output = protocolOutput();
  watchStdout({ onClosed: () => end(0), divert: (text) => process.stderr.write(text) });
  for (const event of ["end", "close", "error"]) {
    process.stdin.once(event, () => end(0));
  }
  const transport = new StdioServerTransport(process.stdin, output);
  const close = transport.close.bind(transport);
  // It closes by itself where a message is larger than it takes: nothing would ever be answered again.
  transport.close = async () => {
    end(0);
    await close();
  };
  const connection = serveStdio(serverFactory(service), {
    transport,
    onerror: (error) => process.stderr.write(`${told(error)}\n`),
  });
  return { stop: () => undefined, close: async () => await connection.close() };
}

/** In one line: of what is no message the package tells at length what it is not. */
function told({ name, message }: Error): string {
  return name.endsWith("ZodError") ? "Passed over what is no message of the protocol" : message;
}

/** Standard output for the protocol alone, as it is before others are kept from it. */
function protocolOutput(): Writable {
  const { stdout } = process;
  const write = stdout.write.bind(stdout) as (
    chunk: Buffer,
    done: (error?: Error | null) => void,
  ) => boolean;
  return new Writable({
    write(chunk: Buffer, _, done) {
      write(chunk, done);
    },
  }).on("error", () => undefined); // That nobody reads is noticed by the watch over standard output.
}
