/** Reads the file of the servers behind a gateway, and says everything that is wrong with it at once. Values of it are never repeated: they may be secrets. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Source, type DataPath } from "../../plan/source.ts";
import { createSecretFinder } from "../../recording/find-secrets.ts";
import { createRedact } from "../../recording/redact.ts";
import { isPlainObject } from "../../tools/plain-object.ts";
import { checkFields } from "./check-fields.ts";
import { expandVariables } from "./expand-variables.ts";
import type { AddressTarget, InnerSettings, InnerTool, ProgramTarget } from "./inner-settings.ts";
import { ownFields, type OwnFields } from "./own-fields.ts";
import {
  ADDRESS,
  ANY_SERVER,
  DEFAULTS,
  FILE,
  OWN,
  PROGRAM,
  TOOL,
  TYPES,
  type ServerFields,
} from "./server-fields.ts";

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

type Data = Readonly<Record<string, unknown>>;

/** Where a file of servers is read from. */
export interface ReadServersOptions {
  /** What `${NAME}` stands for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told which fields were passed over. @defaultValue nobody is */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Reads a file of servers.
 *
 * @throws Error - when it cannot be read, or with all that is wrong with it, each with its place
 */
export function readServers(path: string, options: ReadServersOptions): readonly InnerSettings[] {
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // What node:fs throws.
    const reason = code === "ENOENT" ? "it does not exist" : message;
    throw new Error(`Cannot read the servers of the gateway as ${reason}: ${path}`, {
      cause: error,
    });
  }
  return parseServers(text, { ...options, file: path });
}

/** As {@link readServers}, of a text. */
export function parseServers(
  text: string,
  { environment, warn, file }: ReadServersOptions & { readonly file: string },
): readonly InnerSettings[] {
  const source = Source.read(text);
  if (!(source instanceof Source)) {
    const lines = source.map(
      ({ line, column }) => `${file}:${line}:${column} This is not JSON, or a name is there twice`,
    );
    throw new Error(`Cannot use the servers of the gateway:\n${lines.join("\n")}`);
  }
  const reader = new ServersReader(source, { environment, file });
  const servers = reader.read();
  if (reader.complaints.length > 0) {
    throw new Error(`Cannot use the servers of the gateway:\n${reader.complaints.join("\n")}`);
  }
  if (reader.ignored.size > 0) {
    warn?.(`${file}: ignored fields of other hosts: ${[...reader.ignored].join(", ")}`);
  }
  return servers;
}

class ServersReader {
  readonly complaints: string[] = [];
  /** Fields that were passed over, with what there is in place of them. */
  readonly ignored = new Set<string>();
  readonly #source: Source;
  readonly #environment: ReadServersOptions["environment"];
  readonly #file: string;

  constructor(source: Source, { environment, file }: ReadServersOptions & { file: string }) {
    this.#source = source;
    this.#environment = environment;
    this.#file = file;
  }

  read(): readonly InnerSettings[] {
    const { data: given } = this.#source;
    const { data, nameOf, twins } = ownFields(isPlainObject(given) ? given : {}, FILE);
    if (!isPlainObject(given) || data["mcpServers"] === undefined) {
      const example = '{ "mcpServers": { "wiki": { "command": "npx", "args": ["wiki-server"] } } }';
      this.#complain([], `The file must have "mcpServers", as in ${example}`);
      return [];
    }
    if (!this.#check([], given, FILE) || !this.#checkTwins([], twins)) {
      return [];
    }
    const list = nameOf("mcpServers");
    const servers = Object.entries(data["mcpServers"] as Data);
    if (servers.length === 0) {
      this.#complain([list], "There must be a server at least");
    }
    return servers.flatMap(([name, value]) => this.#server([list, name], value) ?? []);
  }

  #server(path: readonly [string, string], value: unknown): InnerSettings | undefined {
    const [, name] = path;
    if (!NAME.test(name)) {
      const rule = 'must have 1 to 64 letters, digits, "_", "-" or "."';
      this.#complain(
        path,
        `The name of a server ${rule}: ${JSON.stringify(name.slice(0, 80))}`,
        true,
      );
      return undefined;
    }
    if (!isPlainObject(value)) {
      this.#complain(path, `Server "${name}" must be an object`);
      return undefined;
    }
    const fields = ownFields(value, ANY_SERVER);
    const { data, nameOf, twins } = fields;
    const [hasCommand, hasUrl] = [data["command"] !== undefined, data["url"] !== undefined];
    if (!hasCommand && !hasUrl && !this.#check(path, value, ANY_SERVER)) {
      return undefined; // It is probably misspelt.
    }
    if (hasCommand === hasUrl) {
      this.#complain(path, `Server "${name}" must have either "command" or "url"`);
      return undefined;
    }
    const isLeftOut = data["disabled"] === true;
    const isRight = this.#check(path, value, hasCommand ? PROGRAM : ADDRESS, { isLeftOut });
    if (!isRight || !this.#checkTwins(path, twins) || isLeftOut) {
      return undefined;
    }
    const type = TYPES[String(data["type"])];
    if (type !== undefined && (type === "program") !== hasCommand) {
      const rule = hasCommand
        ? '"stdio" where there is a "command"'
        : '"http" or "sse" with a "url"';
      const at = nameOf("type");
      this.#complain([...path, at], `"${at}" of server "${name}" must be ${rule}`);
    }
    const hasOwn = this.#check([...path, "fanfold"], (value["fanfold"] ?? {}) as Data, OWN);
    const own = (data["fanfold"] ?? {}) as Data;
    const tools = hasOwn ? this.#tools([...path, "fanfold", "tools"], own["tools"]) : {};
    const secrets: Record<string, string>[] = [];
    const target = hasCommand
      ? this.#program(path, fields, secrets)
      : this.#address(path, fields, secrets);
    return {
      ...DEFAULTS,
      ...own,
      name,
      target,
      tools,
      redact: createRedact(createSecretFinder(secrets)),
    };
  }

  #program(
    path: DataPath,
    { data, nameOf }: OwnFields,
    secrets: Record<string, string>[],
  ): ProgramTarget {
    const expand = this.#expander(path, secrets);
    const { command, args = [], cwd } = data;
    const env = expand.all("env", data["env"] as Record<string, string> | undefined);
    const folder = dirname(resolve(this.#file));
    return {
      kind: "program",
      command: expand.one(["command"], command as string),
      args: (args as string[]).map((each, index) => expand.one(["args", index], each)),
      env,
      cwd:
        cwd === undefined ? undefined : resolve(folder, expand.one([nameOf("cwd")], cwd as string)),
    };
  }

  #address(
    path: DataPath,
    { data, nameOf }: OwnFields,
    secrets: Record<string, string>[],
  ): AddressTarget {
    const expand = this.#expander(path, secrets);
    const before = this.complaints.length;
    const at = nameOf("url");
    const url = expand.one([at], data["url"] as string);
    const isKnown = this.complaints.length === before;
    if (isKnown && !(/^https?:\/\//i.test(url) && URL.canParse(url))) {
      this.#complain(
        [...path, at],
        `"${at}" of server "${path[1]}" must begin with http:// or https://`,
      );
    }
    const headers = expand.all("headers", data["headers"] as Record<string, string> | undefined);
    // What follows "Bearer" is a secret by itself.
    secrets.push(
      Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, text.split(" ").at(-1) ?? text]),
      ),
    );
    return { kind: "address", url, headers, isOld: TYPES[String(data["type"])] === "old address" };
  }

  /** Fills in variables, and remembers what may be secret among the values. */
  #expander(
    path: DataPath,
    secrets: Record<string, string>[],
  ): {
    one: (at: DataPath, text: string) => string;
    all: (
      field: string,
      texts: Readonly<Record<string, string>> | undefined,
    ) => Record<string, string>;
  } {
    const one = (at: DataPath, text: string): string => {
      const expanded = expandVariables(text, this.#environment);
      if ("missing" in expanded) {
        const where = [...path.slice(1), ...at].join(".");
        this.#complain(
          [...path, ...at],
          `"${where}" needs the environment variable ${expanded.missing}, which is not set`,
        );
        return "";
      }
      secrets.push(expanded.values);
      return expanded.text;
    };
    return {
      one,
      all: (field, texts = {}) => {
        const entries = Object.entries(texts).map(
          ([name, text]) => [name, one([field, name], text)] as const,
        );
        const all = Object.fromEntries(entries);
        secrets.push(all);
        return all;
      },
    };
  }

  #tools(path: DataPath, given: unknown = {}): Readonly<Record<string, InnerTool>> {
    const entries = Object.entries(given as Data).filter(([name, value]) => {
      const at = [...path, name];
      if (!isPlainObject(value)) {
        this.#complain(at, `"${name}" must be an object with what is known of the tool`);
        return false;
      }
      const { parallel, reads, writes } = value;
      if (parallel !== undefined && (reads ?? writes) !== undefined) {
        this.#complain(at, `"${name}" cannot have both "parallel" and what it reads and writes`);
      }
      return this.#check(at, value, TOOL);
    });
    return Object.fromEntries(entries) as Readonly<Record<string, InnerTool>>;
  }

  /** Whether all fields are known, and what they have to be. What is not honoured does no harm to a server that is left out. */
  #check(
    path: DataPath,
    data: Data,
    fields: ServerFields,
    { isLeftOut = false }: { readonly isLeftOut?: boolean } = {},
  ): boolean {
    const check = checkFields(data, fields, path.slice(1));
    const complaints = check.complaints.filter(({ kind }) => !isLeftOut || kind !== "refused");
    for (const { name, text, kind } of complaints) {
      this.#complain([...path, name], text, kind !== "wrong");
    }
    for (const name of isLeftOut ? [] : check.ignored) {
      this.ignored.add(name);
    }
    return complaints.length === 0;
  }

  #checkTwins(path: DataPath, twins: OwnFields["twins"]): boolean {
    for (const [one, other] of twins) {
      this.#complain([...path, other], `There cannot be both "${one}" and "${other}"`, true);
    }
    return twins.length === 0;
  }

  #complain(path: DataPath, text: string, isKey = false): void {
    const { line, column } = isKey ? this.#source.placeOfKey(path) : this.#source.placeOf(path);
    this.complaints.push(`${this.#file}:${line}:${column} ${text}`);
  }
}
