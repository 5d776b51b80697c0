/** What a server may do, and how much at once. */
import { limit, type Limit } from "../core/limits/limit.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { didYouMean } from "../core/suggest.ts";
import { hostList } from "../system/host-list.ts";
import { rootFolder } from "../system/root-folder.ts";
import { codingSettings, type CodingSettings } from "../tools/coding/settings.ts";
import { commandPattern, type CommandPolicy } from "./command-policy.ts";
import type { InnerSettings } from "./gateway/inner-settings.ts";
import type { Roots } from "./roots.ts";

/** Options of a server. All are optional. */
export interface McpServerOptions {
  /** The folders that it works in; relative paths are in the first. @defaultValue that of this process */
  readonly roots?: readonly string[] | undefined;
  /** Whether it offers nothing that changes anything. @defaultValue false */
  readonly readOnly?: boolean | undefined;
  /** How many steps run at once over all kinds and calls. @defaultValue as many as the limits of the kinds allow */
  readonly limit?: number | undefined;
  /** How many run at once by kind: `read`, `search`, `command`, `write`, `http`. @defaultValue 5, 3, 3, 5 and 8 */
  readonly limits?: Readonly<Record<string, number>> | undefined;
  /** The hosts that may be asked, as `allowedHosts` of the coding tools. @defaultValue none */
  readonly allowHosts?: readonly string[] | undefined;
  /** Patterns of commands, one of which a command must match. @defaultValue any command may run */
  readonly allow?: readonly string[] | undefined;
  /** Patterns of commands that may not run. @defaultValue none */
  readonly deny?: readonly string[] | undefined;
  /** How large a result may be, in bytes: from 2000. @defaultValue 10000 */
  readonly maxResultBytes?: number | undefined;
  /** The servers behind it, whose tools it finds and calls. @defaultValue none */
  readonly gateway?: readonly InnerSettings[] | undefined;
  /** Whether it offers tools for files and commands; without them there must be a gateway. @defaultValue true */
  readonly files?: boolean | undefined;
  /** The version of this package, for clients. */
  readonly version: string;
  /** Told what users should know of, besides answers. @defaultValue nobody is */
  readonly warn?: ((message: string) => void) | undefined;
  /** The source of time. @defaultValue the real one */
  readonly clock?: Clock | undefined;
}

/** The options, checked and complete. */
export interface McpSettings {
  readonly roots: Roots;
  readonly readOnly: boolean;
  readonly limit: number | Limit;
  readonly gateway: readonly InnerSettings[];
  readonly hasFiles: boolean;
  /** The settings of the coding tools, but for their folder. */
  readonly coding: Omit<CodingSettings, "root">;
  readonly hasHosts: boolean;
  readonly policy: CommandPolicy;
  readonly maxResultBytes: number;
  readonly version: string;
  readonly warn: (message: string) => void;
  readonly clock: Clock;
}

const DEFAULT_RESULT_BYTES = 10_000;

const LEAST_RESULT_BYTES = 2000;

/** The limits as users call them, as in plans; as the coding tools do; and how wide they are. */
const LIMITS = {
  read: { of: "reads", concurrency: 5 },
  search: { of: "searches", concurrency: 3 },
  command: { of: "commands", concurrency: 3 },
  write: { of: "writes", concurrency: 5 },
  http: { of: "requests", concurrency: 8 },
} as const;

/** @throws RangeError, TypeError or Error - when an option is invalid, or there is no such folder */
export function settingsOf(options: McpServerOptions): McpSettings {
  const { roots = ["."], readOnly = false, allowHosts = [], limits = {} } = options;
  const { maxResultBytes = DEFAULT_RESULT_BYTES, gateway = [], files = true } = options;
  if (!files && gateway.length === 0) {
    throw new RangeError("Cannot serve nothing: without files there must be servers of a gateway");
  }
  if (!Number.isInteger(maxResultBytes) || maxResultBytes < LEAST_RESULT_BYTES) {
    throw new RangeError(
      `Cannot serve as "maxResultBytes" must be an integer from ${LEAST_RESULT_BYTES}: ${maxResultBytes}`,
    );
  }
  const [first, ...others] = (roots.length === 0 ? ["."] : roots).map(rootFolder);
  return {
    roots: [first as Roots[0], ...others], // There is one at least.
    readOnly,
    // Tools of other servers come and go in toolboxes of their own: all of them share this.
    limit:
      options.limit === undefined
        ? Infinity
        : limit({ name: "toolbox", concurrency: options.limit }),
    gateway,
    hasFiles: files,
    coding: {
      ...codingSettings({ root: ".", limits: limitsOf(limits) }),
      allowedHosts: hostList(allowHosts),
    },
    hasHosts: allowHosts.length > 0,
    policy: {
      allow: (options.allow ?? []).map(commandPattern),
      deny: (options.deny ?? []).map(commandPattern),
    },
    maxResultBytes,
    version: options.version,
    warn: options.warn ?? (() => undefined),
    clock: options.clock ?? systemClock,
  };
}

function limitsOf(given: Readonly<Record<string, number>>): Readonly<Record<string, Limit>> {
  const names = Object.keys(LIMITS);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot set the limit "${unknown}" as there is no such limit${didYouMean(unknown, names)}: ${names.join(", ")}`,
    );
  }
  return Object.fromEntries(
    Object.entries(LIMITS).map(([name, { of, concurrency }]) => [
      of,
      limit({ name, concurrency: given[name] ?? concurrency }),
    ]),
  );
}
