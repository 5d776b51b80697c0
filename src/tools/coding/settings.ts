/** What the built-in tools share: their folder and their limits. */
import { limit, type Limit } from "../../core/limits/limit.ts";
import { hostList, type HostList } from "../../system/host-list.ts";
import { rootFolder, type RootFolder } from "../../system/root-folder.ts";

/** How many of a kind run at once: an integer from 1, Infinity, or a `limit()` shared with others. */
export type KindLimit = number | Limit;

/** Options of {@link codingTools}. */
export interface CodingToolsOptions {
  /** The folder that the tools work in, and that files are never read or written outside of. Must exist; a link is followed once, now. */
  readonly root: string;
  /** How much runs at once, over all calls and turns. */
  readonly limits?: CodingLimits | undefined;
  /**
   * The hosts that `fetch_url` may ask: `"example.com"`, `"*.example.com"` for every name below, `"*"` for all; with a port, as in
   * `"example.com:8443"`, where it is not the usual one. None of them may have an address that is not public. @defaultValue none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Hosts, written like `allowedHosts`, that `fetch_url` may ask wherever they are, such as `"localhost:3000"`. @defaultValue none */
  readonly privateHosts?: readonly string[] | undefined;
  /** How long a command runs that says nothing of it, in milliseconds: an integer from 1 to 3600000. @defaultValue 120000 */
  readonly commandTimeoutMs?: number | undefined;
  /** How long a command that was told to stop may take to do so before it is killed, in milliseconds: an integer from 0. @defaultValue 2000 */
  readonly commandGraceMs?: number | undefined;
  /** Environment variables of this process that commands do not get, such as those of keys. @defaultValue none */
  readonly hiddenVariables?: readonly string[] | undefined;
  /**
   * The longest text of a result, in bytes of UTF-8: an integer from 1000. Each file or command of a call gets its share. No more than
   * `maxResultBytes` of the toolbox, which cuts the middle out of longer ones. @defaultValue 28000
   */
  readonly maxResultBytes?: number | undefined;
}

/** How much of each kind runs at once. */
export interface CodingLimits {
  /** Files that are read. @defaultValue 5 */
  readonly reads?: KindLimit | undefined;
  /** Calls that search or list files. @defaultValue 3 */
  readonly searches?: KindLimit | undefined;
  /** Commands. @defaultValue 3 */
  readonly commands?: KindLimit | undefined;
  /** Files that are written or edited. @defaultValue 5 */
  readonly writes?: KindLimit | undefined;
  /** Requests. @defaultValue 8 */
  readonly requests?: KindLimit | undefined;
}

/** The options, checked and complete. */
export interface CodingSettings {
  readonly root: RootFolder;
  readonly limits: Readonly<Record<keyof CodingLimits, Limit>>;
  readonly allowedHosts: HostList;
  readonly privateHosts: HostList;
  readonly commandTimeoutMs: number;
  readonly commandGraceMs: number;
  readonly hiddenVariables: readonly string[];
  readonly maxResultBytes: number;
  /** How much of all files of a call is kept together, in UTF-16 units. */
  readonly longestTexts: number;
  /** What whoever calls knows the field as that names folders. */
  readonly foldersField: string;
}

/** What `longestTexts` is, unless it is shared out. */
export const LONGEST_TEXTS = 8 * 1024 * 1024;

/** The longest that a command may run, in milliseconds. */
export const LONGEST_COMMAND_MS = 3_600_000;

/** How long a regular expression may be, in characters: far below what any system takes as an argument. */
export const LONGEST_PATTERN = 10_000;

const DEFAULT_LIMITS: Readonly<Record<keyof CodingLimits, number>> = {
  reads: 5,
  searches: 3,
  commands: 3,
  writes: 5,
  requests: 8,
};

/** @throws `TypeError` or `RangeError` when an option is invalid, and an `Error` when there is no such folder. */
export function codingSettings(options: CodingToolsOptions): CodingSettings {
  const { commandTimeoutMs = 120_000, commandGraceMs = 2000, maxResultBytes = 28_000 } = options;
  checkInteger("commandTimeoutMs", commandTimeoutMs, { from: 1, to: LONGEST_COMMAND_MS });
  checkInteger("commandGraceMs", commandGraceMs, { from: 0, to: LONGEST_COMMAND_MS });
  checkInteger("maxResultBytes", maxResultBytes, { from: 1000, to: Infinity });
  return {
    root: rootFolder(options.root),
    limits: limitsOf(options.limits ?? {}),
    allowedHosts: hostList(options.allowedHosts ?? []),
    privateHosts: hostList(options.privateHosts ?? []),
    commandTimeoutMs,
    commandGraceMs,
    hiddenVariables: options.hiddenVariables ?? [],
    maxResultBytes,
    longestTexts: LONGEST_TEXTS,
    foldersField: "folders",
  };
}

function limitsOf(given: CodingLimits): CodingSettings["limits"] {
  const of = (kind: keyof CodingLimits): Limit => {
    const value = given[kind] ?? DEFAULT_LIMITS[kind];
    return typeof value === "number" ? limit({ name: kind, concurrency: value }) : value;
  };
  return {
    reads: of("reads"),
    searches: of("searches"),
    commands: of("commands"),
    writes: of("writes"),
    requests: of("requests"),
  };
}

function checkInteger(
  name: string,
  value: number,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new RangeError(
      `Cannot make coding tools as "${name}" must be an integer from ${from}${to === Infinity ? "" : ` to ${to}`}: ${value}`,
    );
  }
}
