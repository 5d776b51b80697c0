import { chmodSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SearchQuery } from "../../../src/system/search/match.ts";
import { searchPattern } from "../../../src/system/search/pattern.ts";
import { findRipgrep, searchWithRipgrep } from "../../../src/system/search/ripgrep.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const bundled = await import("@vscode/ripgrep").then(
  ({ rgPath }) => rgPath,
  () => undefined,
);
const ripgrep = await findRipgrep();
const folder = temporaryFolder();

function query(files: readonly string[], pattern = "a", ignoreCase = false): SearchQuery {
  const signal = new AbortController().signal;
  const written = searchPattern(pattern, { literal: false, ignoreCase });
  return { pattern: written, ignoreCase, files, maxMatches: 1000, signal };
}

test.skipIf(bundled === undefined)("findRipgrep finds the one beside this package", () => {
  expect(ripgrep).toBe(bundled);
});

describe.skipIf(ripgrep === undefined)("searchWithRipgrep", () => {
  test("searches more files than it names in one call", async () => {
    const files = Array.from({ length: 200 }, (_, index) =>
      folder.write(`${index}-${"x".repeat(200)}`, `a${index}`),
    );
    const found = await searchWithRipgrep(query(files), ripgrep ?? "");
    expect([...found.keys()].sort()).toEqual([...files].sort());
  });

  test("takes paths and patterns that look like options as what they are", async () => {
    for (const pattern of ["--files", "-e", "=a", "^-e"]) {
      const file = folder.write("-file", pattern.replace("^", ""));
      const found = await searchWithRipgrep(query([file], pattern), ripgrep ?? "");
      expect([pattern, [...found.keys()]]).toEqual([pattern, [file]]);
    }
  });

  test("rejects a pattern that would need too much memory, with what ripgrep says", async () => {
    const search = searchWithRipgrep(
      query([folder.write("file")], "(.{1000}){1000}"),
      ripgrep ?? "",
    );
    await expect(search).rejects.toThrow(/^Cannot search as ripgrep failed: .*size limit/su);
  });
});

describe.skipIf(process.platform === "win32")("searchWithRipgrep, with a program that", () => {
  /** A program that is not ripgrep. */
  function program(script: string): string {
    const path = folder.write("program", `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test("is killed, rejects rather than lose matches", async () => {
    const search = searchWithRipgrep(query([folder.at("file")]), program("kill -KILL $$"));
    await expect(search).rejects.toThrow("Cannot search as ripgrep failed: it was killed");
  });

  test("complains, rejects with the complaint", async () => {
    const search = searchWithRipgrep(query([folder.at("file")]), program("echo oh >&2; exit 2"));
    await expect(search).rejects.toThrow("Cannot search as ripgrep failed: oh");
  });

  test("is missing, rejects", async () => {
    const search = searchWithRipgrep(query([folder.at("file")]), folder.at("missing"));
    await expect(search).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("takes for ever, is ended by an abort, whose reason is handed on", async () => {
    const controller = new AbortController();
    const sleeper = program("exec sleep 1000");
    const { signal } = controller;
    const search = searchWithRipgrep({ ...query([folder.at("file")]), signal }, sleeper);
    controller.abort(new Error("enough"));
    await expect(search).rejects.toThrow("enough");
  });
});
