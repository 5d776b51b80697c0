/** The built-in tools as calls of a model: what they claim, what a model is told of them, and what it reads. */
import { readFileSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codingTools } from "../../../src/tools/coding/coding-tools.ts";
import type { CodingToolsOptions } from "../../../src/tools/coding/settings.ts";
import { fileResource } from "../../../src/system/file-resource.ts";
import { toolbox, type Toolbox } from "../../../src/tools/toolbox.ts";
import type { ToolCall, ToolResult } from "../../../src/tools/result.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { isWindows, toolNamed } from "./work-folder.ts";

const folder = temporaryFolder();

function tools(options: Partial<CodingToolsOptions> = {}): Toolbox {
  return toolbox(codingTools({ root: folder.path, ...options }), { root: folder.path });
}

/** Calls with ids from 1. */
function calls(...given: readonly (readonly [string, unknown])[]): readonly ToolCall[] {
  return given.map(([name, input], index) => ({ id: String(index + 1), name, input }));
}

function textsOf(results: readonly ToolResult[]): readonly string[] {
  return results.map(({ text }) => text);
}

/** What an array of paths claims, as the tool says it. */
function claims(name: string, input: unknown): readonly (readonly string[])[] {
  const tool = toolNamed(name, { root: folder.path });
  return [tool.reads?.(input) ?? [], tool.writes?.(input) ?? []].map((names) => [names].flat());
}

const file = (path: string): string => fileResource(folder.at(path));

describe("the built-in tools", () => {
  test("tell a model of each argument, in a schema and in words", () => {
    const { descriptions } = tools();
    expect(descriptions.map(({ name }) => name)).toEqual([
      "read_files",
      "search",
      "list_files",
      "run_commands",
      "edit_file",
      "write_file",
      "fetch_url",
    ]);
    for (const { description, inputSchema } of descriptions) {
      expect(description.length).toBeGreaterThan(40);
      expect(inputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
    }
    // Every turn pays for them.
    expect(JSON.stringify(descriptions).length).toBeLessThan(8000);
  });

  test("claim what they touch, and behind links what that is", () => {
    folder.write("real/a");
    symlinkSync("real", folder.at("link"));
    const odd = "a#1 %23";
    expect(
      claims("read_files", {
        files: [{ path: "link/a" }, { path: "real/a" }, { path: odd }, { path: "../x" }],
      }),
    ).toEqual([[file("real/a"), file(odd)], []]);
    expect(claims("write_file", { path: "link/new", content: "" })).toEqual([
      [],
      [file("real/new")],
    ]);
    expect(claims("edit_file", { path: folder.at("link/a"), edits: [] })).toEqual([
      [],
      [file("real/a")],
    ]);
    expect(claims("search", { pattern: "x", folders: ["link", "b"] })).toEqual([
      [file("real"), file("b")],
      [],
    ]);
    expect(claims("list_files", {})).toEqual([[file("")], []]);
    const declared = { command: "x", reads: ["link/**/*.ts", "port:1"], writes: ["file:out"] };
    expect(claims("run_commands", { commands: [declared, { command: "y", reads: [] }] })).toEqual([
      [file("real"), "port:1"],
      [file("out")],
    ]);
    expect(claims("run_commands", { commands: [declared, { command: "y" }] })).toEqual([
      [file("real"), "port:1"],
      ["*"],
    ]);
    expect(toolNamed("fetch_url", { root: folder.path })).toMatchObject({ parallel: true });
  });

  test("see what calls before them have made, and change nothing for those before", async () => {
    folder.write("a#1", "one\n");
    symlinkSync("a#1", folder.at("link"));
    const read = ["read_files", { files: [{ path: "a#1" }] }] as const;
    const edit = (oldText: string, newText: string) =>
      ["edit_file", { path: "link", edits: [{ oldText, newText }] }] as const;
    const results = await tools().run(
      calls(
        read,
        edit("one", "two"),
        read,
        edit("two", "three"),
        ["write_file", { path: "b", content: "three?" }],
        ["search", { pattern: "three" }],
        ["run_commands", { commands: [{ command: "echo four > 'a#1'" }] }],
        read,
      ),
    );
    expect(textsOf(results)).toEqual([
      "== a#1\n1\tone",
      "Edited link: 1 replacement.",
      "== a#1\n1\ttwo",
      "Edited link: 1 replacement.",
      "Created b (6 bytes).",
      "a#1\n1: three\nb\n1: three?\nlink\n1: three\n3 matches.",
      "$ echo four > 'a#1'\n(exit code 0)",
      "== a#1\n1\tfour",
    ]);
  });

  test.skipIf(isWindows)("run beside each other where they touch nothing in common", async () => {
    // Each of the first three ends only when the others have begun; the last waits for all of them.
    const meet = "touch here-$$; until [ $(ls here-* | wc -l) -ge 3 ]; do sleep 0.01; done";
    const declared = (name: string) =>
      ["run_commands", { commands: [{ command: meet, writes: [name] }] }] as const;
    const box = tools();
    const turn = box.turn();
    const made = calls(declared("a"), declared("b"), declared("c"), [
      "run_commands",
      { commands: [{ command: "ls here-* | wc -l" }] },
    ]);
    made.forEach((call) => turn.call(call));
    turn.commit();
    const results = await turn.results();
    expect(results.at(-1)?.text).toContain("\n3");
    expect(results.at(-1)?.waits).toMatchObject([{ reason: "claim" }]);
    expect(
      results.slice(0, 3).flatMap(({ waits }) => waits.filter(({ reason }) => reason === "claim")),
    ).toEqual([]);
  });

  test.skipIf(isWindows)("order the commands of one call by what they declare", async () => {
    const results = await tools().run(
      calls([
        "run_commands",
        {
          commands: [
            { command: "sleep 0.05; echo 1 >> log", writes: ["log"] },
            { command: "echo 2 >> log", writes: ["./log"] },
            { command: "cat log", reads: ["l*"] },
            { command: "echo not declared" },
          ],
        },
      ]),
    );
    expect(textsOf(results)[0]).toContain("$ cat log\n(exit code 0)\n1\n2\n");
    expect(readFileSync(folder.at("log"), "utf8")).toBe("1\n2\n");
  });

  test("give results that fit, so that the toolbox cuts nothing", async () => {
    folder.write("long", "é\n".repeat(20_000));
    folder.write("wide", "é".repeat(100_000));
    const results = await tools().run(
      calls(
        ["read_files", { files: [{ path: "long" }, { path: "wide" }] }],
        ["search", { pattern: "é", maxMatches: 2000 }],
        ["run_commands", { commands: [{ command: "cat long" }, { command: "cat wide" }] }],
      ),
    );
    for (const { text, file } of results) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(28_000);
      expect(Buffer.byteLength(text)).toBeGreaterThan(4_000);
      expect(file).toBe(undefined);
    }
  });

  test("say what is wrong with arguments, and what failed", async () => {
    const results = await tools().run(
      calls(
        ["read_files", { files: [] }],
        ["read_files", { files: [{ path: "none" }] }],
        ["write_file", { path: "../x", content: "" }],
        ["edit_file", { path: "none", edits: [{ oldText: "a", newText: "b" }] }],
        ["fetch_url", { url: "https://example.com" }],
        ["run_commands", { commands: [{ command: "x", reads: ["*/../x"] }] }],
        ["run_commands", { commands: [{ command: "true", writes: ["db:"] }] }],
      ),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "invalid",
      "failed",
      "failed",
      "failed",
      "failed",
      "invalid",
      "completed",
    ]);
    expect(results[5]?.text).toContain('- commands[0].reads[0]: Cannot use a pattern as ".."');
    expect(results[2]?.text).toMatch(
      /^write_file failed: Cannot use a path as it lies outside of the root: \.\.\/x;/,
    );
  });

  test.each([
    [{ root: "none" }, /^Cannot use a folder as root/],
    [{ root: ".", limits: { reads: 0 } }, /integer from 1/],
    [
      { root: ".", commandTimeoutMs: 0 },
      /"commandTimeoutMs" must be an integer from 1 to 3600000: 0/,
    ],
    [{ root: ".", commandGraceMs: -1 }, /"commandGraceMs"/],
    [{ root: ".", maxResultBytes: 999 }, /"maxResultBytes" must be an integer from 1000: 999/],
    [{ root: ".", allowedHosts: ["https://x.com"] }, /^Cannot allow a host as/],
  ])("cannot be made with %j", (options, error) => {
    expect(() => codingTools(options)).toThrow(error);
  });
});
