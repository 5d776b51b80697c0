// What is confirmed of the matches of a search: over random contents all of them, and none that the file of the root has not.
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rootFolder } from "../../../src/system/root-folder.ts";
import { confirmMatches } from "../../../src/system/search/confirm.ts";
import type { FileMatches } from "../../../src/system/search/match.ts";
import { searchPattern } from "../../../src/system/search/pattern.ts";
import { searchWithScript } from "../../../src/system/search/script.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { content, pattern } from "./arbitraries.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;

async function find(written: string, files: readonly string[]): Promise<FileMatches> {
  const found = searchPattern(written, { literal: false, ignoreCase: false });
  return await searchWithScript({
    pattern: found,
    ignoreCase: false,
    files,
    maxMatches: Infinity,
    signal,
  });
}

async function confirm(
  found: FileMatches,
  {
    root = folder.path,
    files = [...found.keys()],
    maxMatches = Infinity,
  }: {
    readonly root?: string;
    readonly files?: readonly string[];
    readonly maxMatches?: number;
  } = {},
): Promise<FileMatches> {
  return await confirmMatches(found, { root: rootFolder(root), files, maxMatches, signal });
}

describe("matches", () => {
  test("are confirmed where nothing has changed, whatever the files have", async () => {
    // So long that a file is read in several pieces.
    const beginning = Buffer.from("é\n".repeat(30_000));
    await fc.assert(
      fc.asyncProperty(
        pattern,
        fc.array(fc.record({ rest: content, isLong: fc.boolean() }), { maxLength: 8 }),
        async (written, contents) => {
          const files = contents.map(({ rest, isLong }, index) =>
            folder.write(`${index}`, isLong ? Buffer.concat([beginning, rest]) : rest),
          );
          const found = await find(written, files);
          expect(await confirm(found)).toEqual(found);
        },
      ),
    );
  });

  test.each([
    ["one character too many", "a".repeat(1001)],
    ["a line end at the bound", `${"a".repeat(1000)}\r`],
    ["a carriage return at the bound that ends nothing", `${"a".repeat(1001)}\ra`],
    ["a character of two units at the bound", `${"a".repeat(999)}😀`],
    ["a million characters", "a".repeat(1_000_000)],
  ])("are confirmed in a line with %s", async (_, line) => {
    const found = await find("a", [folder.write("file", `${line}\nb\n${line}`)]);
    expect([...found.values()].flat()).toHaveLength(2);
    expect(await confirm(found)).toEqual(found);
  });

  test("are dropped where their line is another one, and the others stay", async () => {
    const file = folder.write("file", "a1\nb\na3\na4\n");
    const found = await find("a", [file]);
    folder.write("file", "a1\nb\na5\n");
    expect(await confirm(found)).toEqual(new Map([[file, [{ line: 1, text: "a1" }]]]));
  });

  test("are dropped where the path leads out of the folder, or nowhere", async () => {
    const outside = folder.write("outside/file", "secret");
    mkdirSync(folder.at("root"));
    const files = ["root/link", "root/folder/file", "root/gone"].map((path) => folder.at(path));
    symlinkSync(outside, folder.at("root/link"));
    symlinkSync(folder.at("outside"), folder.at("root/folder"));
    const found = await find("secret", [outside]);
    const matches = found.get(outside) ?? [];
    expect(matches).toHaveLength(1);
    const root = folder.at("root");
    const confirmed = await confirm(new Map(files.map((file) => [file, matches])), { root });
    expect([...confirmed.values()].flat()).toEqual([]);
    // As when it led out while it was searched, and leads inside again.
    rmSync(folder.at("root/folder"));
    mkdirSync(folder.at("root/folder"));
    const file = folder.write("root/folder/file", "plain");
    const again = await confirm(new Map([[file, matches]]), { root });
    expect([...again.values()].flat()).toEqual([]);
  });

  test("are confirmed in the order of the files, until there are enough", async () => {
    const files = Array.from({ length: 100 }, (_, index) =>
      folder.write(String(index).padStart(2, "0"), "a\na\n"),
    );
    const found = await find("a", files);
    // The first of them are not there any more: others count in their place.
    files.slice(0, 20).forEach((file) => renameSync(file, `${file}.gone`));
    const confirmed = await confirm(found, { files, maxMatches: 5 });
    const first = files.flatMap((file) => (confirmed.get(file) ?? []).map(() => file)).slice(0, 5);
    expect(first).toEqual([20, 20, 21, 21, 22].map((index) => files[index]));
    expect(confirmed.size).toBeLessThan(100);
  });

  test("are confirmed for nobody any more after an abort", async () => {
    const found = await find("a", [folder.write("file", "a")]);
    const root = rootFolder(folder.path);
    const aborted = AbortSignal.abort(new Error("too late"));
    const files = [...found.keys()];
    await expect(
      confirmMatches(found, { root, files, maxMatches: 1, signal: aborted }),
    ).rejects.toThrow("too late");
  });
});
