/** The fields of steps: what each kind takes, for models as JSON Schema, and what is wrong with a value, in words. */
import type { JsonSchema } from "../tools/tool.ts";
import { LONGEST_COMMAND_MS, LONGEST_PATTERN } from "../tools/coding/settings.ts";
import type { StepKind } from "./step.ts";

/** A field. */
export interface Field {
  /** What models are told of it. */
  readonly schema: JsonSchema;
  /** What its value has to be, as in "must be a text". */
  readonly rule: string;
  readonly isRight: (value: unknown) => boolean;
}

/** How many entries a list may have. */
const MOST_ENTRIES = 1000;

const isText = (value: unknown): value is string => typeof value === "string";
const isFilled = (value: unknown): boolean => isText(value) && value !== "";
const isListOf = (value: unknown, is: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= MOST_ENTRIES && value.every(is);

const TEXT = {
  schema: { type: "string" },
  rule: "a text",
  isRight: isText,
};
const FILLED = { ...TEXT, rule: "a text that is not empty", isRight: isFilled };
const PATTERN = {
  ...TEXT,
  rule: `a text of 1 to ${LONGEST_PATTERN} characters`,
  isRight: (value: unknown) => isText(value) && value !== "" && value.length <= LONGEST_PATTERN,
};
const FLAG = {
  schema: { type: "boolean" },
  rule: "true or false",
  isRight: (value: unknown) => typeof value === "boolean",
};
const LIST = {
  schema: { type: "array", items: { type: "string" } },
  rule: `a list of at most ${MOST_ENTRIES} texts`,
  isRight: (value: unknown) => isListOf(value, isFilled),
};
const ONE_OR_MORE = {
  schema: { type: ["string", "array", "object"], items: {} },
  rule: `a text or a list of 1 to ${MOST_ENTRIES} texts, none of them empty`,
  isRight: (value: unknown) =>
    isFilled(value) || (isListOf(value, isFilled) && (value as readonly unknown[]).length > 0),
};
const ARGUMENTS = {
  schema: { type: ["string", "array"], items: {} },
  rule: "a text for the shell, or a list: a program and its arguments",
  isRight: (value: unknown) =>
    isFilled(value) || (isListOf(value, isText) && isFilled((value as readonly unknown[])[0])),
};
const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Field => ({
  schema: { type: "integer" },
  rule: `an integer from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}`,
  isRight: (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
});

function told(field: Field, description: string): Field {
  return { ...field, schema: { ...field.schema, description } };
}

/** Every field by its name. One that several kinds have means the same in each. */
export const FIELDS: Readonly<Record<string, Field>> = {
  read: told(ONE_OR_MORE, "Path or paths of files"),
  from: told(integer(0), "read: first line. fetch: characters to skip"),
  to: told(integer(1), "read: last line"),
  search: told(PATTERN, "Regular expression, matched per line"),
  in: told(ONE_OR_MORE, "search: folders or files. Default: the root"),
  literal: told(FLAG, "search: plain text"),
  ignoreCase: told(FLAG, "search"),
  glob: told(ONE_OR_MORE, 'search, list: which files, as "*.ts" or "!*.min.js"'),
  list: told(ONE_OR_MORE, "Folder or folders to list"),
  depth: told(integer(1), "list: levels"),
  fetch: told(FILLED, "URL to GET"),
  run: told(ARGUMENTS, "Shell command, or list of program and arguments"),
  cwd: told(FILLED, "run: folder"),
  stdin: told(TEXT, "run: its input"),
  timeoutMs: told(integer(1, LONGEST_COMMAND_MS), "run"),
  reads: told(LIST, "run: all paths it reads, from the root"),
  writes: told(LIST, "run: all it writes"),
  edit: told(FILLED, "Path of a file to edit"),
  old: told(TEXT, "edit: exact text, there once"),
  new: told(TEXT, "edit: text in its place"),
  all: told(FLAG, "edit: replace every occurrence"),
  write: told(FILLED, "Path of a file to write"),
  content: told(TEXT, "write: the whole file"),
  overwrite: told(FLAG, "write: false keeps an existing file"),
};

/** Which fields a kind has; the first is the kind itself. */
export const FIELDS_OF: Readonly<Record<StepKind, readonly string[]>> = {
  read: ["read", "from", "to"],
  search: ["search", "in", "glob", "literal", "ignoreCase"],
  list: ["list", "glob", "depth"],
  fetch: ["fetch", "from"],
  run: ["run", "cwd", "stdin", "timeoutMs", "reads", "writes"],
  edit: ["edit", "old", "new", "all"],
  write: ["write", "content", "overwrite"],
};

/** Without which a step of the kind means nothing. */
export const NEEDED: Readonly<Partial<Record<StepKind, readonly string[]>>> = {
  edit: ["old", "new"],
  write: ["content"],
};

/** What other tools call a field that has another name here. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  path: "read",
  paths: "read",
  file: "read",
  files: "read",
  pattern: "search",
  query: "search",
  grep: "search",
  regex: "search",
  folder: "list",
  folders: "in",
  ls: "list",
  url: "fetch",
  command: "run",
  cmd: "run",
  bash: "run",
  shell: "run",
  args: "run",
  timeout: "timeoutMs",
  timeout_ms: "timeoutMs",
  globs: "glob",
  include: "glob",
  text: "content",
  oldText: "old",
  old_string: "old",
  old_text: "old",
  newText: "new",
  new_string: "new",
  new_text: "new",
  replaceAll: "all",
  replace_all: "all",
  dependsOn: "after",
  depends_on: "after",
  needs: "after",
  name: "id",
};
