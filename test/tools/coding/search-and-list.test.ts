import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ListFilesOutput } from "../../../src/tools/coding/list-files.ts";
import type { SearchOutput } from "../../../src/tools/coding/search.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { call, isWindows, type Called, toolNamed } from "./work-folder.ts";

const folder = temporaryFolder();

async function search(input: object, options = {}): Promise<Called<SearchOutput>> {
  return await call<SearchOutput>("search", input, { root: folder.path, ...options });
}

async function list(input: object, options = {}): Promise<Called<ListFilesOutput>> {
  return await call<ListFilesOutput>("list_files", input, { root: folder.path, ...options });
}

describe("search", () => {
  test("finds lines in many folders, by file", async () => {
    folder.write("a/one.ts", "let x = 1;\nlet y = 2;\n");
    folder.write("b/two.ts", "const x = 1;\n");
    folder.write("b/two.js", "var x;\n");
    folder.write("c/x");
    const { text } = await search({
      pattern: "\\bx =|y",
      folders: ["b", "a", "b"],
      globs: ["*.ts"],
    });
    expect(text).toBe(
      "a/one.ts\n1: let x = 1;\n2: let y = 2;\nb/two.ts\n1: const x = 1;\n3 matches.",
    );
    expect((await search({ pattern: "LET (", literal: true, ignoreCase: true })).text).toBe(
      "No match.",
    );
    expect((await search({ pattern: "LET X", literal: true, ignoreCase: true })).text).toContain(
      "1 match.",
    );
  });

  test("takes patterns of 10,000 characters, and none that are longer", async () => {
    folder.write("a", "x");
    expect((await search({ pattern: "y|".repeat(5000) })).text).toContain("1 match.");
    const { input } = toolNamed("search", { root: folder.path });
    const checked = await input?.["~standard"].validate({ pattern: "y|".repeat(5001) });
    expect(checked?.issues).toMatchObject([{ path: ["pattern"] }]);
  });

  test("searches what is there, and says what is not", async () => {
    folder.write("a", "found");
    const { text } = await search({ pattern: "found", folders: ["none", "a", "../x"] });
    expect(text).toBe(
      `Cannot look into as it does not exist: none\nCannot use a path as it lies outside of the root: ../x; give one relative to ${folder.path}\na\n1: found\n1 match.`,
    );
    await expect(search({ pattern: "x", folders: ["none"] })).rejects.toThrow(
      "does not exist: none",
    );
    await expect(search({ pattern: "(" })).rejects.toThrow("Cannot search for");
  });

  test("says that there are more matches than it tells", async () => {
    folder.write("a", "x\n".repeat(300));
    const { output, text } = await search({ pattern: "x" });
    expect(output.matches).toHaveLength(200);
    expect(text).toMatch(/200: x\nThe first 200 matches; there are more: narrow the search\.$/);
    expect((await search({ pattern: "x", maxMatches: 300 })).text).toMatch(/\n300 matches\.$/);
  });

  test("tells no more than fits", async () => {
    folder.write("a", `${"long ".repeat(100)}\n`.repeat(50));
    const { text } = await search({ pattern: "long" }, { maxResultBytes: 3000 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000);
    expect(text).toContain("… (200 more characters)");
    expect(text).toContain("… cut here as the result is full");
  });

  test.skipIf(isWindows)(
    "waits for no pipe, named or found, also through a link that git knows",
    async () => {
      execFileSync("mkfifo", [folder.at("pipe")]);
      folder.write("a", "found");
      symlinkSync("pipe", folder.at("link"));
      symlinkSync("/dev/zero", folder.at("device"));
      expect((await search({ pattern: "found" })).text).toBe("a\n1: found\n1 match.");
      folder.git("init");
      folder.git("add", ".");
      expect((await search({ pattern: "found" })).text).toBe("a\n1: found\n1 match.");
      await expect(search({ pattern: "x", folders: ["pipe"] })).rejects.toThrow(
        "neither a folder nor a file",
      );
    },
  );
});

describe("list_files", () => {
  test("lists files down to a depth, and counts those below", async () => {
    for (const name of [
      "a",
      "src/b.ts",
      "src/c.md",
      "src/deep/d.ts",
      "src/deep/er/e.ts",
      "other/f",
    ]) {
      folder.write(name);
    }
    expect((await list({ depth: 1 })).text).toBe("a\nother/ (1 file)\nsrc/ (4 files)\n3 entries.");
    expect((await list({ folders: ["src"], depth: 1 })).text).toBe(
      "src/b.ts\nsrc/c.md\nsrc/deep/ (2 files)\n3 entries.",
    );
    expect((await list({ globs: ["*.ts", "!**/er"] })).text).toBe(
      "src/b.ts\nsrc/deep/d.ts\n2 entries.",
    );
    expect((await list({ folders: ["a", "none"] })).text).toBe(
      "Cannot look into as it does not exist: none\na\n1 entry.",
    );
    expect((await list({ globs: ["*.go"] })).text).toBe("No files.");
  });

  test("leaves out what git ignores", async () => {
    folder.git("init");
    folder.write(".gitignore", "out/\n*.log\n");
    ["a", "b.log", "out/c", "node_modules/d"].forEach((name) => folder.write(name));
    expect((await list({ globs: ["*", "**/*"] })).text).toBe(".gitignore\na\n2 entries.");
  });

  test("lists thousands of files, tells as many as it may, and how many there are", async () => {
    for (let index = 0; index < 1000; index += 1) {
      folder.write(`f${String(index).padStart(4, "0")}`);
    }
    const { output, text } = await list({});
    expect(output.entries).toHaveLength(500);
    expect(text).toMatch(
      /f0499\nThe first 500 of 1,000 entries: use a smaller depth, other folders or globs\.$/,
    );
    expect((await list({ maxEntries: 9 }, { maxResultBytes: 1000 })).text).toContain(
      "The first 9 of 1,000",
    );
    const { text: short } = await list({ maxEntries: 2000 }, { maxResultBytes: 1000 });
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(1000);
  });
});

test("both tell no more of what cannot be looked into than there is room for", async () => {
  folder.write("a/b.txt", "found\n");
  const none = Array.from({ length: 999 }, (_, index) => `nowhere-${index}`);
  const options = { maxResultBytes: 2000 };
  const found = await search({ pattern: "found", folders: ["a", ...none] }, options);
  const listed = await list({ folders: ["a", ...none] }, options);
  for (const { text } of [found, listed]) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2000);
    expect(text).toMatch(/not exist: nowhere-0\n(?:.*\n)+… and 9\d\d more problems\na\/b.txt\n/);
  }
});
