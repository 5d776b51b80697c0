// `fanfold mcp --print-config`: what it prints starts the server, with the very words that it prints.
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, test } from "vitest";
import { HOSTS } from "../../src/cli/host-config.ts";
import { fanfold, inFolder } from "../support/fanfold.ts";
import { wordsOf } from "../support/host-words.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The names of the tools of the server that these words start in a folder. */
async function toolsOf([command = "", ...args]: readonly string[], cwd: string): Promise<string[]> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command, args, cwd, stderr: "pipe" }));
  const { tools } = await client.listTools();
  const { content } = await client.callTool({
    name: "parallel_read",
    arguments: { steps: [{ read: "here.txt" }] },
  });
  expect(JSON.stringify(content)).toContain("it is here");
  await client.close();
  return tools.map(({ name }) => name);
}

const options = [
  "--root",
  "a folder",
  "--read-only",
  "--limit",
  "read=2",
  "--allow",
  `it's "$x" **`,
];

describe("what is printed", () => {
  test.each(HOSTS)("for %s starts the server with the other options", async (host) => {
    await inFolder({}, async (cwd) => {
      await mkdir(join(cwd, "a folder"));
      await cp(import.meta.filename, join(cwd, "a folder", "here.txt"));
      const { code, stdout } = await fanfold(["mcp", ...options, "--print-config", host], { cwd });
      expect(code).toBe(0);
      const words = wordsOf(host, stdout);
      expect(words.slice(2)).toEqual(["mcp", ...options]);
      expect(await toolsOf(words, cwd)).toEqual(["parallel_read"]); // it is here
    });
  });

  test("says where it belongs, and nothing but the block on standard output", async () => {
    await inFolder({}, async (cwd) => {
      for (const host of HOSTS) {
        const { stdout, stderr } = await fanfold(["mcp", "--print-config", host], { cwd });
        expect(stdout.startsWith("#") ? stdout : stderr).toMatch(/Codex:|Claude Code:|: /);
        expect(stdout.startsWith("#") ? stderr : "").toBe("");
      }
    });
  });

  test.each<[readonly string[], string]>([
    [["--root", "nowhere"], "nowhere"],
    [["--allow", "** x"], "must begin with a program"],
    [["--allow-host", "https://a.org/"], 'must be written as "example.com"'],
    [["--limit", "comand=1"], '(did you mean "command"?)'],
  ])("is nothing where the server would not start: %j", async (args, text) => {
    await inFolder({}, async (cwd) => {
      const ended = await fanfold(["mcp", ...args, "--print-config", "codex"], { cwd });
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 2, stdout: "" });
      expect(ended.stderr).toContain(text);
    });
  });

  test("is of use to everybody who works on a project that has the package", async () => {
    await inFolder({ "package.json": "{}", "here.txt": "it is here" }, async (cwd) => {
      await install(cwd);
      const bin = join(cwd, "node_modules/.bin/fanfold");
      const { stdout } = await promisify(execFile)(bin, ["mcp", "--print-config", "generic"], {
        cwd,
      });
      const words = wordsOf("generic", stdout);
      expect(words).toEqual(["npx", "-y", "fanfold", "mcp"]);
      expect(await toolsOf(words, cwd)).toContain("parallel_run");
    });
  });
});

/** Puts the package into a project, as `npm install` does. */
async function install(cwd: string): Promise<void> {
  const modules = join(cwd, "node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".") && name !== "fanfold") {
      await symlink(join(ROOT, "node_modules", name), join(modules, name));
    }
  }
  await cp(join(ROOT, "dist"), join(modules, "fanfold/dist"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(modules, "fanfold/package.json"));
  await symlink("../fanfold/dist/cli/main.js", join(modules, ".bin/fanfold"));
}
