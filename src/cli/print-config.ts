/** `fanfold mcp --print-config`: what to paste where, so that a host starts this server with these options. */
import { fileURLToPath } from "node:url";
import { settingsOf } from "../mcp/server-options.ts";
import { HOSTS, hostConfig, type Host } from "./host-config.ts";
import { serverOptionsOf, type McpOptions } from "./mcp-options.ts";
import { packageVersion } from "./package-version.ts";
import { startCommand } from "./start-command.ts";
import { exitWithStdout } from "./stdout.ts";

/** What else was asked for. */
export interface PrintConfigOptions {
  readonly host: Host;
  /** All words behind `mcp`, as they were given. */
  readonly args: readonly string[];
}

const FLAG = "--print-config";

/**
 * Prints nothing but the block to standard output; where it belongs is a comment in it, or stands on standard error where its format has none.
 * Returns the exit code.
 *
 * @throws RangeError, TypeError or Error - when the server would not start with these options
 */
export function printConfig(options: McpOptions, { host, args }: PrintConfigOptions): number {
  exitWithStdout();
  if (options.http !== undefined) {
    throw new RangeError(
      "Cannot print what starts a server over HTTP as hosts do not start those: start it, and give them its address",
    );
  }
  // The servers behind it are read when it starts, with the variables that its host gives it.
  settingsOf({ ...serverOptionsOf(options), files: true });
  const start = startCommand({
    main: fileURLToPath(new URL("./main.js", import.meta.url)),
    cwd: process.cwd(),
    version: packageVersion(),
    node: process.execPath,
  });
  const config = hostConfig(host, [...start, "mcp", ...withoutFlag(args)]);
  if (!config.saysPlace) {
    process.stderr.write(`${config.place}\n`);
  }
  process.stdout.write(config.text);
  return 0;
}

/** The words without the flag and its host: all other options hold for the server. */
export function withoutFlag(args: readonly string[]): readonly string[] {
  const hosts: readonly (string | undefined)[] = HOSTS;
  const isFlag = (at: number): boolean => args[at] === FLAG && hosts.includes(args[at + 1]);
  return args.filter(
    (word, at) =>
      !isFlag(at) && !isFlag(at - 1) && !HOSTS.some((host) => word === `${FLAG}=${host}`),
  );
}
