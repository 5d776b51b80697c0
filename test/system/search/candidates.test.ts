import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { relative } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { searchCandidates } from "../../../src/system/search/candidates.ts";
import { hasCommand } from "../../support/has-command.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

/** What is looked into, relative to the folder of the test. */
async function candidates(
  names: readonly string[],
  glob?: readonly string[],
): Promise<readonly string[]> {
  const folders = names.map((name) => folder.at(name));
  const paths = await searchCandidates({ folders, glob, signal: idle });
  return paths.map((path) => relative(folder.path, path));
}

describe("searchCandidates, where there is no repository,", () => {
  beforeEach(() => {
    for (const name of ["b.ts", "a.ts", "a.js", ".hidden", "src/a.ts", "src/deep/a.ts"]) {
      folder.write(name);
    }
    for (const name of [
      ".git/a.ts",
      ".fanfold/a.ts",
      "node_modules/a.ts",
      "src/node_modules/x/a.ts",
    ]) {
      folder.write(name);
    }
    folder.write(".gitignore", "a.ts\n");
  });

  test("finds all files, sorted, but what lies in .git, .fanfold and node_modules", async () => {
    expect(await candidates(["."])).toEqual([
      ...[".gitignore", ".hidden", "a.js", "a.ts", "b.ts", "src/a.ts", "src/deep/a.ts"],
    ]);
  });

  test("finds each file once, however many of the folders it lies in", async () => {
    expect(await candidates(["src/deep", "src", "src/a.ts"])).toEqual([
      ...["src/a.ts", "src/deep/a.ts"],
    ]);
  });

  test("finds what lies in a folder or file that is named itself", async () => {
    expect(await candidates(["node_modules", ".git/a.ts"])).toEqual([
      ...[".git/a.ts", "node_modules/a.ts"],
    ]);
  });

  test("matches a glob without a slash with names, one with a slash with paths", async () => {
    expect(await candidates(["."], ["*.ts"])).toEqual([
      ...["a.ts", "b.ts", "src/a.ts", "src/deep/a.ts"],
    ]);
    expect(await candidates(["."], ["src/*.ts"])).toEqual(["src/a.ts"]);
    expect(await candidates(["."], ["*.{ts,js}", "!a.*"])).toEqual(["b.ts"]);
    expect(await candidates(["."], ["*.ts", "!src/**"])).toEqual(["a.ts", "b.ts"]);
  });

  test("applies no glob to a file that is named itself", async () => {
    expect(await candidates(["a.js", "src"], ["*.ts"])).toEqual([
      ...["a.js", "src/a.ts", "src/deep/a.ts"],
    ]);
  });

  test("takes a folder whose name looks like a glob", async () => {
    folder.write("[s]r{c}/x");
    expect(await candidates(["[s]r{c}"])).toEqual(["[s]r{c}/x"]);
  });

  test("rejects for a folder that does not exist, and names it", async () => {
    await expect(candidates(["missing"])).rejects.toThrow(
      `Cannot search as it does not exist: ${folder.at("missing")}`,
    );
  });

  test.skipIf(process.platform === "win32")(
    "rejects for a pipe, and does not open it",
    async () => {
      execFileSync("mkfifo", [folder.at("pipe")]);
      await expect(candidates(["pipe"])).rejects.toThrow("neither a file nor a folder");
    },
  );

  test("rejects with the reason of an abort", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    const search = searchCandidates({ folders: [folder.path], signal });
    await expect(search).rejects.toThrow("too late");
  });
});

describe.skipIf(!hasCommand("git"))("searchCandidates in a repository", () => {
  beforeEach(() => {
    folder.git("init");
    folder.write(".gitignore", "out/\n*.log\nx\n");
    for (const name of ["a.ts", "b.log", "src/a.ts", "src/b.log", "src/out/a.ts", "out/a.ts"]) {
      folder.write(name);
    }
    folder.write("out/b.log");
    folder.write("out/deep/a.ts");
    folder.write("tracked.log");
    folder.git("add", "--force", "tracked.log", "a.ts");
  });

  test("passes over what git ignores, but not what git knows already", async () => {
    expect(await candidates(["."])).toEqual([".gitignore", "a.ts", "src/a.ts", "tracked.log"]);
    expect(await candidates(["src"])).toEqual(["src/a.ts"]);
  });

  test("finds all that lies in an ignored folder that is named itself", async () => {
    expect(await candidates(["out"])).toEqual(["out/a.ts", "out/b.log", "out/deep/a.ts"]);
    expect(await candidates(["out/deep"])).toEqual(["out/deep/a.ts"]);
    expect(await candidates(["out"], ["*.log"])).toEqual(["out/b.log"]);
  });

  test("finds all that lies behind a link to an ignored folder that is named itself", async () => {
    symlinkSync(folder.at("out"), folder.at("link"));
    expect(await candidates(["link"])).toEqual(["link/a.ts", "link/b.log", "link/deep/a.ts"]);
  });

  test("finds an ignored file that is named itself", async () => {
    expect(await candidates(["src/b.log"])).toEqual(["src/b.log"]);
  });

  test("finds of the files that a glob matches only those that are not ignored", async () => {
    expect(await candidates(["."], ["*.ts"])).toEqual(["a.ts", "src/a.ts"]);
    expect(await candidates(["."], ["*.log", "out/**"])).toEqual(["tracked.log"]);
  });

  test("takes names as they are: spaces, quotes, line ends, letters of all kinds", async () => {
    const names = ["src/a b.ts", 'src/a"b.ts', "src/é.ts", "src/a\nb.ts"];
    names.forEach((name) => folder.write(name));
    expect(await candidates(["src"])).toEqual([...names, "src/a.ts"].sort());
  });

  test("asks the repository of the folder, not one that a hook of git speaks of", async () => {
    mkdirSync(folder.at("other"));
    vi.stubEnv("GIT_DIR", folder.at("other"));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await candidates(["src"])).toEqual(["src/a.ts"]);
  });
});
