/** The fields of a file of servers: which there are, what each must be, and what stands for those that are left out. */
import { isPlainObject } from "../../tools/plain-object.ts";
import type { InnerSettings } from "./inner-settings.ts";

/** The longest time that a timer of the platform can wait, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

const MOST_ATTEMPTS = 10;

/** A field of ours, and what its value has to be, as in "must be a text". */
interface Own {
  readonly kind: "own";
  readonly rule: string;
  readonly isRight: (value: unknown) => boolean;
}

/** A field of another host that has the meaning of one of ours. */
interface Alias extends Pick<Own, "rule" | "isRight"> {
  readonly kind: "alias";
  /** The field of ours; `fanfold.allow` is `allow` of `fanfold`. */
  readonly as: string;
  /** What its value is as that of the field of ours. It is called with any value. */
  readonly toOwn: (value: unknown) => unknown;
  /** What both are together where the file has both; undefined where it cannot have both. */
  readonly join: ((one: unknown, other: unknown) => unknown) | undefined;
}

/** A field of another host that says how that host asks its user, or shows things. */
interface Ignored {
  readonly kind: "ignored";
  /** What there is here in place of it. */
  readonly instead: string | undefined;
}

/** A field of another host that a server may rely on, or that keeps it from something, and that is not honoured here. */
interface Refused {
  readonly kind: "refused";
  /** Why, and what to do instead, as in "cannot be used as". */
  readonly why: string;
}

/** What becomes of a field. */
export type Field = Own | Alias | Ignored | Refused;

const own = (rule: string, isRight: Own["isRight"]): Own => ({ kind: "own", rule, isRight });
const alias = (
  as: string,
  { rule, isRight }: Own,
  { toOwn = (value) => value, join }: Partial<Pick<Alias, "toOwn" | "join">> = {},
): Alias => ({ kind: "alias", rule, isRight, as, toOwn, join });
const ignored = (instead?: string): Ignored => ({ kind: "ignored", instead });
const refused = (why: string): Refused => ({ kind: "refused", why });

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);
const TEXT = own("a text that is not empty", (value) => isText(value) && value !== "");
const TEXTS = own("a list of texts", isTexts);
const SOME_TEXTS = own(
  "a list of texts, one at least",
  (value) => isTexts(value) && value.length > 0,
);
const FLAG = own("true or false", (value) => typeof value === "boolean");
const MAPPING = own("an object", isPlainObject);
const MAPPING_OF_TEXTS = own(
  "an object whose values are texts",
  (value) => isPlainObject(value) && Object.values(value).every(isText),
);
const integer = (most: number): Own =>
  own(
    most === Number.MAX_SAFE_INTEGER ? "an integer from 1" : `an integer from 1 to ${most}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most,
  );
const COUNT = integer(Number.MAX_SAFE_INTEGER);
const TIME = integer(LONGEST_MS);

/** How a server is spoken to, by what hosts call it: it is started, at an address, or at one with the transport of before 2025. */
export const TYPES: Readonly<Record<string, "program" | "address" | "old address">> = {
  stdio: "program",
  local: "program", // GitHub Copilot
  http: "address",
  "streamable-http": "address",
  streamableHttp: "address", // Cline
  sse: "old address",
};
const TYPE = own(
  `one of ${Object.keys(TYPES).join(", ")}`,
  (value) => isText(value) && Object.hasOwn(TYPES, value),
);

/** What there may be at a place, by name. */
export type ServerFields = Readonly<Record<string, Field>>;

/** The file as a whole. */
export const FILE: ServerFields = {
  mcpServers: MAPPING,
  $schema: TEXT,
  servers: alias("mcpServers", MAPPING), // Visual Studio Code
  context_servers: alias("mcpServers", MAPPING), // Zed
  globalShortcut: ignored(), // Claude Desktop
  // Visual Studio Code
  inputs: refused(
    "nobody is asked for values; put ${NAME}, a variable of the environment, in place of ${input:…}",
  ),
  sandbox: refused("servers run without a sandbox; start one by their commands"),
  // Gemini CLI
  mcp: refused("it may leave out servers; disable those that it does, and take it out of the file"),
};

const EITHER_OF_FLAGS: Alias["join"] = (one, other) => one === true || other === true;
const ALL_OF_BOTH: Alias["join"] = (one, other) => [one, other].flat();
const NO_OAUTH = 'OAuth is not spoken; put what the server needs into "headers"';
const NO_SANDBOX = "servers run without a sandbox; start one by the command";

/** The fields of a server that other hosts have. Who has each is said by one that does. */
const FOREIGN: ServerFields = {
  enabled: alias("disabled", FLAG, { toOwn: (value) => value === false, join: EITHER_OF_FLAGS }), // Zed
  httpUrl: alias("url", TEXT), // Gemini CLI
  serverUrl: alias("url", TEXT), // Windsurf, Antigravity
  transport: alias("type", TYPE), // FastMCP
  transportType: alias("type", TYPE), // Cline
  working_directory: alias("cwd", TEXT), // Warp
  includeTools: alias("fanfold.allow", SOME_TEXTS), // Gemini CLI
  tools: alias("fanfold.allow", SOME_TEXTS), // GitHub Copilot, with "*" for all
  excludeTools: alias("fanfold.deny", TEXTS, { join: ALL_OF_BOTH }), // Gemini CLI
  disabledTools: alias("fanfold.deny", TEXTS, { join: ALL_OF_BOTH }), // Kiro, Roo Code

  alwaysAllow: ignored(), // Roo Code
  autoApprove: ignored(), // Cline, Kiro
  trust: ignored(), // Gemini CLI
  description: ignored(), // Gemini CLI
  icon: ignored(), // FastMCP
  gallery: ignored(), // Visual Studio Code
  version: ignored(), // Visual Studio Code
  source: ignored(), // Zed
  extension: ignored(), // Gemini CLI
  isDefaultServer: ignored(), // GitHub Copilot
  alwaysLoad: ignored(), // Claude Code
  deferTools: ignored(), // GitHub Copilot
  dev: ignored(), // Visual Studio Code
  watchPaths: ignored(), // Roo Code
  // Milliseconds to Claude Code, Gemini CLI and Amazon Q, seconds to Cline and Roo Code.
  timeout: ignored('"timeoutMs" of "fanfold"'),

  oauth: refused(NO_OAUTH), // Claude Code, Gemini CLI, Kiro
  oauthScopes: refused(NO_OAUTH), // Kiro
  auth: refused(NO_OAUTH), // Cursor, FastMCP, GitHub Copilot
  authentication: refused(NO_OAUTH), // FastMCP
  oidc: refused(NO_OAUTH), // GitHub Copilot
  authProviderType: refused(NO_OAUTH), // Gemini CLI
  targetAudience: refused(NO_OAUTH), // Gemini CLI
  targetServiceAccount: refused(NO_OAUTH), // Gemini CLI
  headersHelper: refused('it is not run; put what it prints into "headers"'), // Claude Code
  envFile: refused('it is not read; put its variables into "env"'), // Visual Studio Code, Cursor
  sandbox: refused(NO_SANDBOX), // Visual Studio Code
  sandboxEnabled: refused(NO_SANDBOX), // Visual Studio Code
  filterMapping: refused("results are not filtered; take it out where they need not be"), // GitHub Copilot
  tcp: refused('servers are spoken to by a "command" or a "url" alone'), // Gemini CLI
};

const COMMON: ServerFields = { type: TYPE, disabled: FLAG, fanfold: MAPPING };
const OF_PROGRAM: ServerFields = {
  command: TEXT,
  args: TEXTS,
  env: MAPPING_OF_TEXTS,
  cwd: TEXT,
  ...COMMON,
};
const OF_ADDRESS: ServerFields = { url: TEXT, headers: MAPPING_OF_TEXTS, ...COMMON };
const NOT_STARTED = 'a server at a "url" is not started here';

/** A server that is started. */
export const PROGRAM: ServerFields = {
  ...OF_PROGRAM,
  ...FOREIGN,
  headers: refused('they are sent to a "url" alone; put what the server needs into "env"'),
};

/** A server at an address. */
export const ADDRESS: ServerFields = {
  ...OF_ADDRESS,
  ...FOREIGN,
  args: refused(NOT_STARTED),
  cwd: refused(NOT_STARTED),
  working_directory: refused(NOT_STARTED),
  env: refused(`${NOT_STARTED}; put what it needs into "headers"`),
};

/** A server of which it is not known which it is. */
export const ANY_SERVER: ServerFields = { ...OF_PROGRAM, ...OF_ADDRESS, ...FOREIGN };

/** What it may be asked: `fanfold` of a server. */
export const OWN: ServerFields = {
  concurrency: COUNT,
  requestsPerMinute: COUNT,
  timeoutMs: TIME,
  startTimeoutMs: TIME,
  attempts: integer(MOST_ATTEMPTS),
  allow: TEXTS,
  deny: TEXTS,
  tools: MAPPING,
};

/** What is known of a tool. */
export const TOOL: ServerFields = { reads: TEXTS, writes: TEXTS, parallel: FLAG, timeoutMs: TIME };

/** What a server may be asked that says nothing of it. */
export const DEFAULTS: Omit<InnerSettings, "name" | "target" | "redact"> = {
  concurrency: 4,
  requestsPerMinute: Infinity,
  timeoutMs: 120_000,
  startTimeoutMs: 30_000,
  attempts: 1,
  allow: [],
  deny: [],
  tools: {},
};
