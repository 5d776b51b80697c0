import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { findFiles, matchFiles } from "../../src/system/find-files.ts";
import { escapeGlob, globBase } from "../../src/system/glob.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

/** What the patterns find, relative to the folder of the test, with slashes. */
async function found(...patterns: readonly string[]): Promise<readonly string[]> {
  const paths = await findFiles(patterns, { cwd: folder.path, signal: idle });
  expect(paths.every(isAbsolute)).toBe(true);
  return paths.map((path) => relative(folder.path, path).split(sep).join("/"));
}

beforeEach(() => {
  for (const name of [
    "b.ts",
    "a.ts",
    "B.md",
    ".hidden",
    "src/a.ts",
    "src/x/y/a.ts",
    "src/x/b.md",
  ]) {
    folder.write(name);
  }
});

const EVERYTHING = [
  ...[".hidden", "B.md", "a.ts", "b.ts", "src/a.ts", "src/x/b.md", "src/x/y/a.ts"],
];

describe("findFiles", () => {
  test("finds a file by its path, and all of a folder by that of the folder", async () => {
    expect(await found("a.ts")).toEqual(["a.ts"]);
    expect(await found("src/x")).toEqual(["src/x/b.md", "src/x/y/a.ts"]);
    expect(await found("src/x/")).toEqual(["src/x/b.md", "src/x/y/a.ts"]);
    expect(await found(".")).toEqual(EVERYTHING);
    expect(await found(folder.path)).toEqual(EVERYTHING);
  });

  test.each([
    ["*", [".hidden", "B.md", "a.ts", "b.ts"]],
    ["*.ts", ["a.ts", "b.ts"]],
    ["?.ts", ["a.ts", "b.ts"]],
    ["[ab].ts", ["a.ts", "b.ts"]],
    ["{a,src/a}.ts", ["a.ts", "src/a.ts"]],
    ["+(a|b).ts", ["a.ts", "b.ts"]],
    ["!(a).ts", ["b.ts"]],
    ["**", EVERYTHING],
    ["**/*.md", ["B.md", "src/x/b.md"]],
    ["src/**/a.ts", ["src/a.ts", "src/x/y/a.ts"]],
    ["src/*", ["src/a.ts"]],
    ["*/x/", ["src/x/b.md", "src/x/y/a.ts"]],
    ["./src/../[a].ts", ["a.ts"]],
    ["\\a.t?", ["a.ts"]],
    ["*.none", []],
    ["missing/*", []],
    ["a.ts/*", []],
  ])("finds what %s matches", async (pattern, expected) => {
    expect(await found(pattern)).toEqual(expected);
  });

  test("finds each file once, sorted by code unit, in whatever order patterns name it", async () => {
    expect(await found("src", "b.ts", "**/*.ts", "B.md")).toEqual([
      ...["B.md", "a.ts", "b.ts", "src/a.ts", "src/x/b.md", "src/x/y/a.ts"],
    ]);
  });

  test("takes out what an exclusion names, with all that is in it, wherever it stands", async () => {
    expect(await found("!src/x", "**")).toEqual([
      ...[".hidden", "B.md", "a.ts", "b.ts", "src/a.ts"],
    ]);
    expect(await found("**/*.ts", "!**/x")).toEqual(["a.ts", "b.ts", "src/a.ts"]);
    expect(await found("src", "!src/**/*.md", `!${folder.at("src/a.ts")}`)).toEqual([
      "src/x/y/a.ts",
    ]);
    expect(await found("src/x/y", "src/x/*", "!src/x")).toEqual([]);
    expect(await found("a.ts", "!a.ts")).toEqual([]);
    expect(await found("a.ts", "!missing")).toEqual(["a.ts"]);
    expect(await found("!**")).toEqual([]);
  });

  test("looks above its folder where the plain start of a pattern says so", async () => {
    const options = { cwd: folder.at("src/x"), signal: idle };
    expect(await findFiles(["../*.ts", "../../b.ts"], options)).toEqual([
      ...[folder.at("b.ts"), folder.at("src/a.ts")],
    ]);
    expect(await findFiles(["../..", "!../../src", "!../../*.md"], options)).toEqual([
      ...[folder.at(".hidden"), folder.at("a.ts"), folder.at("b.ts")],
    ]);
  });

  test("passes over .git, .fanfold and node_modules, unless a pattern names them", async () => {
    for (const name of [
      ".git/a.ts",
      ".fanfold/a.ts",
      "node_modules/a.ts",
      "src/node_modules/p/a.ts",
    ]) {
      folder.write(name);
    }
    expect(await found("**")).toEqual(EVERYTHING);
    expect(await found(".")).toEqual(EVERYTHING);
    expect(await found(".git")).toEqual([".git/a.ts"]);
    expect(await found("node_modules/*")).toEqual(["node_modules/a.ts"]);
    expect(await found("**/node_modules/**")).toEqual([
      ...["node_modules/a.ts", "src/node_modules/p/a.ts"],
    ]);
    expect(await found("{.git,src}/*")).toEqual([".git/a.ts", "src/a.ts"]);
  });

  test("finds a link to a file, and enters a link to a folder only where it is named", async () => {
    symlinkSync(folder.at("a.ts"), folder.at("link.ts"));
    symlinkSync(folder.at("src"), folder.at("linked"));
    symlinkSync(folder.path, folder.at("src/circle"));
    symlinkSync(folder.at("nowhere"), folder.at("dead.ts"));
    expect(await found("*.ts")).toEqual(["a.ts", "b.ts", "link.ts"]);
    expect(await found("**/a.ts")).toEqual(["a.ts", "src/a.ts", "src/x/y/a.ts"]);
    expect(await found("linked/**/a.ts")).toEqual(["linked/a.ts", "linked/x/y/a.ts"]);
    expect(await found("linked")).toEqual(["linked/a.ts", "linked/x/b.md", "linked/x/y/a.ts"]);
  });

  test("finds a file by its escaped path, whatever its name", async () => {
    const names = [
      "a*b",
      "[x]",
      "{1,2}",
      "(a|b)",
      "!n",
      "+(c)",
      "-d",
      "..e",
      "#f",
      "~",
      " a b ",
      "é😀",
    ];
    for (const name of names) {
      folder.write(`names/${name}/${name}`);
    }
    for (const name of names) {
      const path = `names/${name}/${name}`;
      expect(await found(escapeGlob(path))).toEqual([path]);
      expect(await found(`${escapeGlob(`names/${name}`)}/*`)).toEqual([path]);
      expect(await found("names", `!${escapeGlob(path)}`)).toHaveLength(names.length - 1);
    }
  });

  test("takes two dots at the start of a name for a part of it", async () => {
    folder.write("..e");
    expect(await found("..*")).toEqual(["..e"]);
    expect(await found("..[e]")).toEqual(["..e"]);
  });

  test("finds nothing outside of the base of a pattern, and each file once", async () => {
    const segment = fc.constantFrom("*", "**", "src", "x", "a.*", "{src,x}", "[a-c].ts", "..", ".");
    const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((each) => each.join("/"));
    const isBaseless = (pattern: string): boolean => /[*{[].*\/\.\.(?:\/|$)/.test(pattern);
    await fc.assert(
      fc.asyncProperty(pattern, async (pattern) => {
        // Not further above than the folder of the test.
        fc.pre(!isBaseless(pattern) && !/^(?:\.\/)*\.\./.test(pattern));
        fc.pre(resolve(folder.path, globBase(pattern)).startsWith(folder.path));
        const paths = await matchFiles([pattern], { cwd: folder.path, signal: idle });
        const base = resolve(folder.path, globBase(pattern));
        expect(paths.filter((path) => path !== base && !path.startsWith(base + sep))).toEqual([]);
        expect(paths).toEqual([...new Set(paths)].sort());
      }),
    );
  });

  test("rejects for a path that does not exist, and names it as it was written", async () => {
    await expect(found("./missing")).rejects.toMatchObject({
      message: `Cannot find "./missing" as it does not exist: ${folder.at("missing")}`,
      code: "ENOENT",
    });
    await expect(found("a.ts/b")).rejects.toMatchObject({ code: "ENOTDIR" });
    expect(await matchFiles(["missing"], { cwd: folder.path, signal: idle })).toEqual([]);
  });

  test("refuses an empty pattern, and one whose base could not be told", async () => {
    await expect(found("")).rejects.toThrow(TypeError);
    await expect(found("*/../a")).rejects.toThrow(TypeError);
    await expect(found("a.ts", "!*/../a")).rejects.toThrow(TypeError);
  });

  test.skipIf(process.platform === "win32")(
    "rejects for what is neither file nor folder",
    async () => {
      execFileSync("mkfifo", [folder.at("pipe")]);
      await expect(found("pipe")).rejects.toThrow("it is neither a file nor a folder");
      expect(await found("p*")).toEqual([]);
    },
  );

  // The user root may read everything.
  test.skipIf(process.getuid?.() === 0)("rejects for a folder that may not be read", async () => {
    mkdirSync(folder.at("secret"));
    chmodSync(folder.at("secret"), 0);
    await expect(found("**")).rejects.toMatchObject({
      message: expect.stringContaining("Cannot read a folder as this user may not") as string,
      code: "EACCES",
    });
  });

  test("rejects with the reason of an abort", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(findFiles(["**"], { cwd: folder.path, signal })).rejects.toThrow("too late");
    const controller = new AbortController();
    const search = findFiles(["**"], { cwd: folder.path, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(search).rejects.toThrow("enough");
  });
});
