import { beforeEach, describe, expect, test } from "vitest";
import { searchFiles, type SearchOptions } from "../../../src/system/search/search-files.ts";
import { hasCommand } from "../../support/has-command.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder();

function search(pattern: string, options: Partial<SearchOptions> = {}) {
  const signal = new AbortController().signal;
  return searchFiles({ pattern, folders: [folder.path], cwd: folder.path, signal, ...options });
}

/** The matches of a search, written as by `grep -n`. */
async function found(
  pattern: string,
  options: Partial<SearchOptions> = {},
): Promise<readonly string[]> {
  const { matches } = await search(pattern, options);
  return matches.map(({ path, line, text }) => `${path}:${line}:${text}`);
}

describe("searchFiles", () => {
  beforeEach(() => {
    folder.write("b.ts", "one\nTwo\none two\n");
    folder.write("a/c.md", "two\n");
    folder.write("B.ts", "three (two)\n");
  });

  test("finds lines in the order of paths, as code units sort, and of lines", async () => {
    expect(await found("two|one")).toEqual([
      ...["B.ts:1:three (two)", "a/c.md:1:two", "b.ts:1:one", "b.ts:3:one two"],
    ]);
  });

  test("writes paths relative to its folder, wherever the files lie", async () => {
    const folders = [folder.at("a"), folder.at("B.ts")];
    expect(await found("two", { folders, cwd: folder.at("a") })).toEqual([
      ...["../B.ts:1:three (two)", "c.md:1:two"],
    ]);
  });

  test("takes capital letters for small ones only when it is told so", async () => {
    expect(await found("^two")).toEqual(["a/c.md:1:two"]);
    expect(await found("^two", { ignoreCase: true })).toEqual(["a/c.md:1:two", "b.ts:2:Two"]);
  });

  test("takes a literal pattern as a text", async () => {
    expect(await found("(two)", { literal: true })).toEqual(["B.ts:1:three (two)"]);
  });

  test("looks only into files that the glob names", async () => {
    expect(await found("two", { glob: ["*.ts", "!B.*"] })).toEqual(["b.ts:3:one two"]);
  });

  test("is truncated exactly where there are more matches than are wanted", async () => {
    const whole = await search("two|one");
    expect(whole.truncated).toBe(false);
    const lengths = [1, 2, 3, 4, 5].map(async (maxMatches) => {
      const { matches, truncated } = await search("two|one", { maxMatches });
      expect(matches).toEqual(whole.matches.slice(0, maxMatches));
      return truncated;
    });
    expect(await Promise.all(lengths)).toEqual([true, true, true, false, false]);
    const folders = [folder.at("b.ts")];
    expect(await search("o", { folders, maxMatches: 2 })).toMatchObject({ truncated: true });
    expect(await search("o", { folders, maxMatches: 3 })).toMatchObject({ truncated: false });
  });

  test("finds no matches where there are no files", async () => {
    expect(await search("two", { folders: [] })).toMatchObject({ matches: [], truncated: false });
  });

  test("rejects a pattern before it looks at any folder", async () => {
    const options = { folders: [folder.at("missing")] };
    await expect(search("a(?=b)", options)).rejects.toThrow(TypeError);
    await expect(search("a", options)).rejects.toThrow("it does not exist");
  });

  test.skipIf(!hasCommand("git"))("passes over what git ignores, unless it is named", async () => {
    folder.git("init");
    folder.write(".gitignore", "a/\nb.ts\n");
    expect(await found("^two")).toEqual([]);
    expect(await found("^two", { folders: [folder.at("a")] })).toEqual(["a/c.md:1:two"]);
    expect(await found("^one$", { folders: [folder.at("b.ts")] })).toEqual(["b.ts:1:one"]);
  });
});
