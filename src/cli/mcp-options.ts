/** The options of `fanfold mcp`, as they are read and as the server has them. */
import type { McpServerOptions } from "../mcp/server-options.ts";
import type { Limits } from "./options.ts";
import { packageVersion } from "./package-version.ts";

/** Options of `fanfold mcp`. */
export interface McpOptions {
  readonly root?: readonly string[];
  readonly readOnly?: boolean;
  readonly limit?: Limits;
  readonly allowHost?: readonly string[];
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly keepEnv?: readonly string[];
  readonly maxResult?: number;
  /** The port to serve at over HTTP; undefined for standard input and output. */
  readonly http?: number;
  /** Whether clients over HTTP need a token. */
  readonly token: boolean;
  readonly gateway?: string;
  /** False by `--no-files`. */
  readonly files?: boolean;
}

/** What of them the server itself has to know, but for the servers behind it. */
export function serverOptionsOf(options: McpOptions): McpServerOptions {
  return {
    roots: options.root,
    readOnly: options.readOnly,
    limit: options.limit?.all,
    limits: options.limit?.byName,
    allowHosts: options.allowHost,
    allow: options.allow,
    deny: options.deny,
    maxResultBytes: options.maxResult,
    files: options.files,
    version: packageVersion(),
    warn: (message) => process.stderr.write(`${message}\n`),
  };
}
