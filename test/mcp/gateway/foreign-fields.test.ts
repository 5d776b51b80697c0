// A file of servers that was written for another host: what is understood of it, what is passed over, and what is refused.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InnerSettings } from "../../../src/mcp/gateway/inner-settings.ts";
import { parseServers } from "../../../src/mcp/gateway/read-servers.ts";
import { ADDRESS, FILE, PROGRAM, type Field } from "../../../src/mcp/gateway/server-fields.ts";

interface Reading {
  readonly servers: readonly InnerSettings[];
  readonly warnings: readonly string[];
}

const readFile = (file: object): Reading => {
  const warnings: string[] = [];
  const servers = parseServers(JSON.stringify(file), {
    file: "servers.json",
    environment: { HOME: "/home/me", TOKEN: "t0ken-of-the-wiki" },
    warn: (message) => warnings.push(message),
  });
  return { servers, warnings };
};

const read = (server: object): Reading => readFile({ mcpServers: { wiki: server } });

const one = (server: object): InnerSettings => read(server).servers[0]!;

const complaintsOf = (file: object): readonly string[] => {
  try {
    readFile(file);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
  return [];
};

const program = { kind: "program", command: "npx" };
const address = (isOld = false) => ({ kind: "address", url: "https://h/mcp", isOld });

describe("what has the meaning of a field of ours is understood:", () => {
  test.each<[string, object, object]>([
    ["httpUrl of Gemini CLI", { httpUrl: "https://h/mcp" }, { target: address() }],
    ["serverUrl of Windsurf", { serverUrl: "https://h/mcp" }, { target: address() }],
    [
      "streamableHttp of Cline",
      { type: "streamableHttp", url: "https://h/mcp" },
      { target: address() },
    ],
    [
      "streamable-http of Roo Code",
      { type: "streamable-http", url: "https://h/mcp" },
      { target: address() },
    ],
    ["http of Visual Studio Code", { type: "http", url: "https://h/mcp" }, { target: address() }],
    [
      "transportType of Cline",
      { transportType: "sse", url: "https://h/mcp" },
      { target: address(true) },
    ],
    ["transport of FastMCP", { transport: "sse", url: "https://h/mcp" }, { target: address(true) }],
    [
      "local, and tools, of GitHub Copilot",
      { type: "local", command: "npx", tools: ["get_page"] },
      { target: program, allow: ["get_page"] },
    ],
    ["tools for all of GitHub Copilot", { command: "npx", tools: ["*"] }, { allow: ["*"] }],
    [
      "working_directory of Warp",
      { command: "npx", working_directory: "/srv" },
      { target: { ...program, cwd: "/srv" } },
    ],
    [
      "includeTools and excludeTools of Gemini CLI",
      { command: "npx", includeTools: ["get", "put"], excludeTools: ["put"] },
      { allow: ["get", "put"], deny: ["put"] },
    ],
    [
      "disabledTools of Kiro",
      { command: "npx", disabledTools: ["put"], fanfold: { deny: ["delete_*"], concurrency: 2 } },
      { deny: ["delete_*", "put"], concurrency: 2 },
    ],
    ["enabled of Zed", { command: "npx", enabled: true }, { target: program }],
  ])("%s", (_, server, settings) => {
    const { servers, warnings } = read(server);
    expect(servers).toMatchObject([settings]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["servers of Visual Studio Code", { servers: { wiki: { command: "npx" } }, inputs: [] }],
    ["context_servers of Zed", { context_servers: { wiki: { command: "npx" } } }],
  ])("%s", (_, file) => {
    expect(readFile(file).servers).toMatchObject([{ name: "wiki", target: program }]);
  });

  test("enabled of Zed, where it is false", () => {
    expect(read({ command: "npx", enabled: false }).servers).toEqual([]);
  });

  test("with variables filled in", () => {
    const target = { url: "https://h/t0ken-of-the-wiki" };
    expect(one({ serverUrl: "https://h/${TOKEN}" })).toMatchObject({ target });
    expect(one({ command: "x", working_directory: "${HOME}/x" })).toMatchObject({
      target: { cwd: "/home/me/x" },
    });
  });

  test("in any order, and together with ours", () => {
    const names = ["a", "b", "c"];
    const flag = fc.constantFrom(undefined, true, false);
    const fields = fc.record({
      disabled: flag,
      enabled: flag,
      disabledTools: fc.subarray(names),
      excludeTools: fc.subarray(names),
      own: fc.subarray(names),
      hasOwn: fc.boolean(),
      order: fc.shuffledSubarray(
        ["disabled", "enabled", "disabledTools", "excludeTools", "fanfold"],
        {
          minLength: 5,
        },
      ),
    });
    fc.assert(
      fc.property(fields, ({ order, own, hasOwn, ...given }) => {
        const all: Record<string, unknown> = { ...given, fanfold: hasOwn ? { deny: own } : {} };
        const server = Object.fromEntries(order.map((name) => [name, all[name]]));
        const { servers } = read({ command: "npx", ...server });
        if (given.disabled === true || given.enabled === false) {
          expect(servers).toEqual([]);
          return;
        }
        const denied = [...given.disabledTools, ...given.excludeTools, ...(hasOwn ? own : [])];
        expect(new Set(servers[0]?.deny)).toEqual(new Set(denied));
      }),
    );
  });

  test.each<[string, object, string]>([
    [
      "a list of tools that is empty: to some hosts that is none, to us all",
      { mcpServers: { a: { command: "npx", includeTools: [] } } },
      'servers.json:1:52 "a.includeTools" must be a list of texts, one at least',
    ],
    [
      "a value that the host would not take",
      { mcpServers: { a: { command: "npx", enabled: "yes" } } },
      '"a.enabled" must be true or false',
    ],
    [
      "two addresses",
      { mcpServers: { a: { url: "https://h", httpUrl: "https://h" } } },
      'servers.json:1:39 There cannot be both "url" and "httpUrl"',
    ],
    [
      "two lists of which both should hold",
      { mcpServers: { a: { command: "x", includeTools: ["x"], fanfold: { allow: ["y"] } } } },
      'There cannot be both "fanfold.allow" and "includeTools"',
    ],
    [
      "two lists of servers",
      { servers: { a: { command: "x" } }, mcpServers: { a: { command: "x" } } },
      'There cannot be both "mcpServers" and "servers"',
    ],
    [
      "an address that is none, by the name that it has in the file",
      { mcpServers: { a: { serverUrl: "ftp://h" } } },
      'servers.json:1:33 "serverUrl" of server "a" must begin with http:// or https://',
    ],
    [
      "a variable that is not set, by the name that the field has in the file",
      { mcpServers: { a: { serverUrl: "https://${NONE}" } } },
      'servers.json:1:33 "a.serverUrl" needs the environment variable NONE, which is not set',
    ],
    [
      "a transport of another kind of server",
      { mcpServers: { a: { command: "x", transportType: "http" } } },
      '"transportType" of server "a" must be "stdio" where there is a "command"',
    ],
    [
      "WebSockets of Claude Code",
      { mcpServers: { a: { type: "ws", url: "wss://h" } } },
      '"a.type" must be one of stdio, local, http, streamable-http, streamableHttp, sse',
    ],
    ["no server", { servers: {} }, "servers.json:1:12 There must be a server at least"],
    [
      "a field of nobody",
      { mcpServers: { a: { command: "x", excludeTool: ["x"] } } },
      '"a" has no field "excludeTool" (did you mean "excludeTools"?)',
    ],
    [
      "a field of nobody that is nearest to one that is passed over",
      { mcpServers: { a: { command: "x", timeoutMs: 5 } } },
      '"a" has no field "timeoutMs"; it may have command, args, env, cwd, type, disabled, fanfold',
    ],
  ])("but not %s", (_, file, complaint) => {
    expect(complaintsOf(file)).toEqual([expect.stringContaining(complaint)]);
  });
});

describe("what concerns another host alone is passed over, and told once:", () => {
  test.each<[string, object, string]>([
    ["Roo Code", { alwaysAllow: ["get"], watchPaths: ["dist"] }, "alwaysAllow, watchPaths"],
    ["Cline", { autoApprove: ["get"] }, "autoApprove"],
    ["Kiro", { autoApprove: "*" }, "autoApprove"],
    [
      "Gemini CLI",
      { trust: true, description: "All pages", extension: { name: "wiki" } },
      "trust, description, extension",
    ],
    ["FastMCP", { icon: "https://h/icon.png" }, "icon"],
    [
      "Visual Studio Code",
      { gallery: "https://h", version: "1.0.0", dev: { watch: "src/**" } },
      "gallery, version, dev",
    ],
    ["Zed", { source: "custom" }, "source"],
    [
      "GitHub Copilot",
      { isDefaultServer: false, deferTools: "auto" },
      "isDefaultServer, deferTools",
    ],
    ["Claude Code", { alwaysLoad: true }, "alwaysLoad"],
    ["Gemini CLI, in milliseconds", { timeout: 600_000 }, 'timeout (use "timeoutMs" of "fanfold")'],
    ["Cline, in seconds", { timeout: 60 }, 'timeout (use "timeoutMs" of "fanfold")'],
  ])("of %s", (_, fields, names) => {
    const { servers, warnings } = read({ command: "npx", ...fields });
    expect(servers).toEqual([{ ...one({ command: "npx" }), redact: expect.anything() as unknown }]);
    expect(warnings).toEqual([`servers.json: ignored fields of other hosts: ${names}`]);
  });

  test("of Claude Desktop, beside the servers", () => {
    const file = { globalShortcut: "Ctrl+Space", mcpServers: { wiki: { command: "npx" } } };
    expect(readFile(file).warnings).toEqual([
      "servers.json: ignored fields of other hosts: globalShortcut",
    ]);
  });

  test("in one line, however many servers have them", () => {
    const server = { command: "npx", alwaysAllow: ["a"], timeout: 60 };
    const { warnings } = readFile({ mcpServers: { a: server, b: { ...server, trust: true } } });
    expect(warnings).toEqual([
      'servers.json: ignored fields of other hosts: alwaysAllow, timeout (use "timeoutMs" of "fanfold"), trust',
    ]);
  });

  test("unless their server is left out, or the file is refused", () => {
    expect(read({ command: "npx", trust: true, disabled: true }).warnings).toEqual([]);
    const warnings: string[] = [];
    const text = '{ "mcpServers": { "a": { "command": "x", "trust": true, "oauth": true } } }';
    const warn = (message: string): void => void warnings.push(message);
    expect(() => parseServers(text, { file: "f", environment: {}, warn })).toThrow("OAuth");
    expect(warnings).toEqual([]);
  });
});

describe("what a server may rely on is refused:", () => {
  const oauth = 'OAuth is not spoken; put what the server needs into "headers"';
  const sandbox = "servers run without a sandbox; start one by the command";
  test.each<[string, object, string]>([
    ["oauth of Claude Code", { oauth: { clientId: "s3cret" } }, oauth],
    ["oauthScopes of Kiro", { oauthScopes: ["s3cret"] }, oauth],
    ["auth of Cursor", { auth: { CLIENT_ID: "s3cret" } }, oauth],
    ["authentication of FastMCP", { authentication: { token: "s3cret" } }, oauth],
    ["oidc of GitHub Copilot", { oidc: true }, oauth],
    ["authProviderType of Gemini CLI", { authProviderType: "google_credentials" }, oauth],
    ["targetAudience of Gemini CLI", { targetAudience: "s3cret" }, oauth],
    ["targetServiceAccount of Gemini CLI", { targetServiceAccount: "s3cret" }, oauth],
    [
      "headersHelper of Claude Code",
      { headersHelper: "/opt/s3cret.sh" },
      'it is not run; put what it prints into "headers"',
    ],
    [
      "envFile of Visual Studio Code",
      { envFile: "/s3cret/.env" },
      'it is not read; put its variables into "env"',
    ],
    ["sandbox of Visual Studio Code", { sandbox: { network: {} } }, sandbox],
    ["sandboxEnabled of Visual Studio Code", { sandboxEnabled: true }, sandbox],
    [
      "filterMapping of GitHub Copilot",
      { filterMapping: "hidden_characters" },
      "results are not filtered; take it out where they need not be",
    ],
    [
      "tcp of Gemini CLI",
      { tcp: "s3cret:80" },
      'servers are spoken to by a "command" or a "url" alone',
    ],
  ])("%s", (_, fields, why) => {
    const [name = ""] = Object.keys(fields);
    for (const target of [{ command: "npx" }, { url: "https://h" }]) {
      const column = JSON.stringify({ mcpServers: { a: target } }).length - 1;
      expect(complaintsOf({ mcpServers: { a: { ...target, ...fields } } })).toEqual([
        `servers.json:1:${column} "a.${name}" cannot be used as ${why}`,
      ]);
    }
  });

  test.each<[object, string]>([
    [{ url: "https://h", env: { KEY: "s3cret" } }, "a.env"],
    [{ url: "https://h", args: ["s3cret"] }, "a.args"],
    [{ url: "https://h", cwd: "/s3cret" }, "a.cwd"],
    [{ url: "https://h", working_directory: "/s3cret" }, "a.working_directory"],
    [{ command: "x", headers: { KEY: "s3cret" } }, "a.headers"],
    [{ tcp: "s3cret:80" }, "a.tcp"],
  ])("what is of the other kind of server, as in %j", (server, where) => {
    const [complaint = "", ...others] = complaintsOf({ mcpServers: { a: server } });
    expect(complaint).toContain(`"${where}" cannot be used as `);
    expect(complaint).not.toContain("s3cret");
    expect(others).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "inputs of Visual Studio Code",
      { inputs: [{ type: "promptString", id: "key" }] },
      '"inputs" cannot be used as nobody is asked for values; put ${NAME}, a variable of the environment, in place of ${input:…}',
    ],
    [
      "sandbox of Visual Studio Code",
      { sandbox: { network: { allowedDomains: [] } } },
      '"sandbox" cannot be used as servers run without a sandbox; start one by their commands',
    ],
    [
      "mcp of Gemini CLI",
      { mcp: { excluded: ["wiki"] } },
      '"mcp" cannot be used as it may leave out servers; disable those that it does, and take it out of the file',
    ],
  ])("%s, beside the servers", (_, fields, complaint) => {
    const file = { mcpServers: { wiki: { command: "npx" } }, ...fields };
    expect(complaintsOf(file)).toEqual([`servers.json:1:42 ${complaint}`]);
  });

  test("unless it asks for nothing, or its server is left out", () => {
    const nothing = { oauth: {}, sandboxEnabled: false, envFile: "", auth: null, oauthScopes: [] };
    expect(read({ command: "npx", ...nothing, headers: {} }).warnings).toEqual([]);
    expect(read({ url: "https://h", ...nothing, args: [], env: {} }).servers).toHaveLength(1);
    expect(read({ url: "https://h", oauth: { clientId: "x" }, disabled: true }).servers).toEqual(
      [],
    );
    expect(read({ url: "https://h", oauth: { clientId: "x" }, enabled: false }).servers).toEqual(
      [],
    );
  });
});

describe("every field of another host", () => {
  const kinds: Record<string, Field["kind"]> = {
    as: "alias",
    ignored: "ignored",
    refused: "refused",
  };

  /** What the documentation says of each. */
  const documented = (): readonly string[] => {
    const page = readFileSync(new URL("../../../docs/mcp-gateway.md", import.meta.url), "utf8");
    const section = page.split("## Files of other hosts")[1]?.split("\n## ")[0] ?? "";
    return section.split("\n").flatMap((line) => {
      const [, names = "", , here = ""] = line.split("|");
      const kind = kinds[/^ (as|ignored|refused)\b/.exec(here)?.[1] ?? ""];
      return kind === undefined
        ? []
        : [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${name} ${kind}`);
    });
  };

  test("is in the documentation, as what becomes of it", () => {
    const fields = [FILE, PROGRAM, ADDRESS].flatMap((each) => Object.entries(each));
    const foreign = fields.filter(([name, { kind }]) => {
      const isOurs = [PROGRAM, ADDRESS].some((each) => each[name]?.kind === "own");
      return kind !== "own" && !isOurs;
    });
    const expected = foreign.map(([name, { kind }]) => `${name} ${kind}`);
    // To a server at an address there is nowhere to run.
    const known = new Set(expected.filter((each) => each !== "working_directory refused"));
    expect([...new Set(documented())].toSorted()).toEqual([...known].toSorted());
  });
});
