// What hosts are told of the server, word by word, and what of it the documentation shows.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOSTS, hostConfig } from "../../src/cli/host-config.ts";
import { withoutFlag } from "../../src/cli/print-config.ts";
import { startCommand } from "../../src/cli/start-command.ts";
import { wordsOf } from "../support/host-words.ts";

const word = fc
  .string({
    unit: fc.oneof(fc.constantFrom(..."'\"\\$`!*~#;&| \n\t\u007f\u0001-".split("")), fc.string()),
  })
  .filter((text) => !text.includes("\0"));

describe("a block", () => {
  test.each(HOSTS)("for %s says the very words, whatever they are", (host) => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const given = ["program", ...words];
        expect(wordsOf(host, hostConfig(host, given).text)).toEqual(given);
      }),
      { numRuns: host === "claude" ? 40 : 200 },
    );
  });

  test.each(HOSTS)("for %s is what docs/mcp.md shows", (host) => {
    const page = readFileSync(new URL("../../docs/mcp.md", import.meta.url), "utf8");
    const { text } = hostConfig(host, ["npx", "-y", "fanfold", "mcp", "--root", "."]);
    expect(page).toContain(`\n${text}\`\`\``);
  });

  test("for codex lets it make calls at the same time", () => {
    const { text } = hostConfig("codex", ["fanfold", "mcp"]);
    expect(text.split("\n")).toContain("supports_parallel_tool_calls = true");
  });

  test("for claude is one line of a shell without side effects", () => {
    const { text } = hostConfig("claude", ["$(touch hacked)", "`id`", "a\nb"]);
    expect(execFileSync("sh", ["-n", "-c", text]).toString()).toBe("");
  });
});

describe("the words after the flag are taken out", () => {
  test.each<[readonly string[], readonly string[]]>([
    [["--print-config", "codex"], []],
    [
      ["--root", "a b", "--print-config", "gemini", "--read-only"],
      ["--root", "a b", "--read-only"],
    ],
    [
      ["--print-config=claude", "--allow", "x"],
      ["--allow", "x"],
    ],
    [
      ["--allow", "--print-config", "--print-config", "codex"],
      ["--allow", "--print-config"],
    ],
  ])("%j", (args, rest) => {
    expect(withoutFlag(args)).toEqual(rest);
  });
});

describe("an installation is started", () => {
  const node = "/usr/bin/node";
  const main = "fanfold/dist/cli/main.js";
  test.each<[string, string, string, readonly string[]]>([
    ["a project", `/p/node_modules/${main}`, "/p", ["npx", "-y", "fanfold"]],
    ["a folder of it", `/p/node_modules/${main}`, "/p/a/b", ["npx", "-y", "fanfold"]],
    [
      "a project of pnpm",
      `/p/node_modules/.pnpm/fanfold@1.2.3/node_modules/${main}`,
      "/p",
      ["npx", "-y", "fanfold"],
    ],
    ["npx", `/home/.npm/_npx/1f/node_modules/${main}`, "/p", ["npx", "-y", "fanfold@1.2.3"]],
    [
      "all projects",
      `/usr/lib/node_modules/${main}`,
      "/p",
      [node, `/usr/lib/node_modules/${main}`],
    ],
    ["another project", `/q/node_modules/${main}`, "/p", [node, `/q/node_modules/${main}`]],
    ["a checkout", `/src/${main}`, "/src/fanfold", [node, `/src/${main}`]],
  ])("of %s", (_, path, cwd, words) => {
    expect(startCommand({ main: path, cwd, version: "1.2.3", node })).toEqual(words);
  });
});
