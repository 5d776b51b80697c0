// The file of the servers behind a gateway: what it says, what is wrong with it, and that nothing of it is told that may be secret.
import { describe, expect, test } from "vitest";
import { parseServers, readServers } from "../../../src/mcp/gateway/read-servers.ts";
import type { InnerSettings } from "../../../src/mcp/gateway/inner-settings.ts";

const ENVIRONMENT = { HOME: "/home/me", WIKI_TOKEN: "t0ken-of-the-wiki", EMPTY: "" };

const read = (text: string): readonly InnerSettings[] =>
  parseServers(text, { file: "/etc/servers.json", environment: ENVIRONMENT });

const one = (server: object): InnerSettings => {
  const [settings] = read(JSON.stringify({ mcpServers: { wiki: server } }));
  return settings!;
};

const complaintOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing is wrong";
};

describe("a server", () => {
  test("that is started has what is usual, unless it says otherwise", () => {
    expect(one({ command: "npx", args: ["-y", "wiki"] })).toEqual({
      name: "wiki",
      target: { kind: "program", command: "npx", args: ["-y", "wiki"], env: {}, cwd: undefined },
      concurrency: 4,
      requestsPerMinute: Infinity,
      timeoutMs: 120_000,
      startTimeoutMs: 30_000,
      attempts: 1,
      allow: [],
      deny: [],
      tools: {},
      redact: expect.any(Function) as unknown,
    });
  });

  test("says what it may be asked", () => {
    const fanfold = {
      concurrency: 1,
      requestsPerMinute: 60,
      timeoutMs: 5,
      startTimeoutMs: 6,
      attempts: 3,
      allow: ["get_*"],
      deny: ["get_all"],
      tools: { get_page: { reads: ["db:pages"], timeoutMs: 7 }, ping: { parallel: true } },
    };
    expect(one({ command: "x", fanfold })).toMatchObject(fanfold);
  });

  test("runs in a folder that is relative to its file", () => {
    const target = (cwd: string): unknown => one({ command: "x", cwd }).target;
    expect(target("sub")).toMatchObject({ cwd: "/etc/sub" });
    expect(target("${HOME}/x")).toMatchObject({ cwd: "/home/me/x" });
  });

  test("has variables filled in, everywhere and once", () => {
    const env = {
      A: "${HOME}",
      B: "${env:WIKI_TOKEN}",
      C: "${NONE:-a default}",
      D: "$HOME ${}",
      E: "${EMPTY}",
    };
    expect(one({ command: "${HOME}/x", args: ["${HOME}:${HOME}"], env }).target).toMatchObject({
      command: "/home/me/x",
      args: ["/home/me:/home/me"],
      env: { A: "/home/me", B: "t0ken-of-the-wiki", C: "a default", D: "$HOME ${}", E: "" },
    });
    const url = "https://wiki.example/${WIKI_TOKEN}";
    const headers = { Authorization: "Bearer ${WIKI_TOKEN}" };
    expect(one({ type: "http", url, headers }).target).toEqual({
      kind: "address",
      url: "https://wiki.example/t0ken-of-the-wiki",
      headers: { Authorization: "Bearer t0ken-of-the-wiki" },
      isOld: false,
    });
  });

  test.each<[string, object, string]>([
    ["of its environment", { command: "x", env: { API_KEY: "written-out-1" } }, "written-out-1"],
    ["among its arguments", { command: "x", args: ["-t=${WIKI_TOKEN}"] }, "t0ken-of-the-wiki"],
    ["of its headers", { url: "http://h", headers: { "X-Api-Key": "abcdefgh" } }, "abcdefgh"],
    [
      "behind Bearer",
      { url: "http://h", headers: { Authorization: "Bearer abcdefgh" } },
      "abcdefgh",
    ],
  ])("keeps a secret %s from what is told", (_, server, secret) => {
    expect(one(server).redact(`it is ${secret}.`)).toMatch(/^it is \[redacted:.*\]\.$/);
  });

  test("that is disabled is left out", () => {
    const servers = { off: { command: "x", disabled: true }, on: { command: "y" } };
    expect(read(JSON.stringify({ mcpServers: servers })).map(({ name }) => name)).toEqual(["on"]);
  });
});

describe("what is wrong is told all at once, each with its place", () => {
  test("and what was probably meant", () => {
    const text = `{
  "mcpServers": {
    "a": { "comand": "x", "url": "http://h" },
    "b": { "command": "x", "args": "y" },
    "c": { "command": "x", "fanfold": { "concurency": 2, "timeoutMs": 0 } },
    "d": { "command": "x", "fanfold": { "tools": { "t": { "read": ["x"] } } } },
    "e e": { "command": "x" },
    "f": { "command": "x", "env": { "TOKEN": "\${NO_SUCH}" } },
    "g": { "command": "x", "url": "http://h" },
    "h": { "type": "http", "command": "x" },
    "i": { "url": "ftp://h" },
    "k": { "url": "https://\${NO_SUCH}/mcp" },
    "j": { "command": "x", "fanfold": { "tools": { "t": { "reads": ["x"], "parallel": true } } } }
  }
}`;
    expect(complaintOf(text).split("\n")).toEqual([
      "Cannot use the servers of the gateway:",
      '/etc/servers.json:3:12 "a" has no field "comand"; it may have url, headers, type, disabled, fanfold',
      '/etc/servers.json:4:36 "b.args" must be a list of texts',
      '/etc/servers.json:5:41 "c.fanfold" has no field "concurency" (did you mean "concurrency"?)',
      '/etc/servers.json:5:71 "c.fanfold.timeoutMs" must be an integer from 1 to 2147483647',
      '/etc/servers.json:6:59 "d.fanfold.tools.t" has no field "read" (did you mean "reads"?)',
      '/etc/servers.json:7:5 The name of a server must have 1 to 64 letters, digits, "_", "-" or ".": "e e"',
      '/etc/servers.json:8:46 "f.env.TOKEN" needs the environment variable NO_SUCH, which is not set',
      '/etc/servers.json:9:10 Server "g" must have either "command" or "url"',
      '/etc/servers.json:10:20 "type" of server "h" must be "stdio" where there is a "command"',
      '/etc/servers.json:11:19 "url" of server "i" must begin with http:// or https://',
      '/etc/servers.json:12:19 "k.url" needs the environment variable NO_SUCH, which is not set',
      '/etc/servers.json:13:57 "t" cannot have both "parallel" and what it reads and writes',
    ]);
  });

  test.each([
    ['{ "mcpServers": ', "/etc/servers.json:1:17 This is not JSON"],
    ["", "/etc/servers.json:1:1 This is not JSON"],
    ['{ "server": {} }', 'must have "mcpServers"'],
    ['{ "mcpServers": { "a": { "comand": "x" } } }', '(did you mean "command"?)'],
    ['{ "mcpServers": {} }', "There must be a server at least"],
    ['{ "mcpServers": [] }', '"mcpServers" must be an object'],
    ['{ "mcpServers": { "a": 5 } }', 'Server "a" must be an object'],
    [
      '{ "mcpServers": { "a": { "command": "x" }, "a": { "command": "y" } } }',
      "or a name is there twice",
    ],
  ])("as of %s", (text, complaint) => {
    expect(complaintOf(text)).toContain(complaint);
  });

  test("and nothing of a value is repeated", () => {
    const text =
      '{ "mcpServers": { "a": { "command": "x", "env": { "KEY": ["s3cret"] }, "args": "s3cret", "url2": "s3cret" } } }';
    expect(complaintOf(text)).toContain('"a.env" must be');
    expect(complaintOf(text)).not.toContain("s3cret");
  });

  test("where there is no file", () => {
    const reading = (): unknown => readServers("/none/servers.json", { environment: {} });
    expect(reading).toThrow(
      "Cannot read the servers of the gateway as it does not exist: /none/servers.json",
    );
  });
});
