import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeFileAtomically, type FileContent } from "../../src/system/write-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;
const isWindows = process.platform === "win32";

async function write(name: string, content: FileContent, signal = idle): Promise<number> {
  return (await writeFileAtomically(folder.at(name), content, { signal })).bytes;
}

function read(name: string): string {
  return readFileSync(folder.at(name), "utf8");
}

function modeOf(name: string): number {
  return statSync(folder.at(name)).mode & 0o777;
}

describe("writeFileAtomically", () => {
  test("writes bytes and texts as they are, and says how many bytes they have", async () => {
    const content = fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }));
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 4, maxLength: 4 }), async (contents) => {
        const writing = contents.map(async (each, index) => await write(String(index), each));
        const lengths = await Promise.all(writing);
        contents.forEach((each, index) => {
          const bytes = Buffer.from(each as string);
          expect(lengths[index]).toBe(bytes.length);
          expect(readFileSync(folder.at(String(index))).equals(bytes)).toBe(true);
        });
      }),
      { numRuns: 3 }, // Each waits for the disk.
    );
  });

  test("writes what is longer than what it writes at once, also as a copy", async () => {
    const bytes = Buffer.alloc(1024 * 1024 + 1, "abc");
    expect(await write("a", bytes)).toBe(bytes.length);
    expect(await write("b", { copyOf: folder.at("a") })).toBe(bytes.length);
    expect(readFileSync(folder.at("b")).equals(bytes)).toBe(true);
    expect(await write("b", { copyOf: folder.at("b") })).toBe(bytes.length);
    expect(readFileSync(folder.at("b")).equals(bytes)).toBe(true);
  });

  test("creates the folders that are missing, and leaves nothing but the file", async () => {
    await write("x/y/a", "new");
    await write("x/y/a", "newer");
    expect(read("x/y/a")).toBe("newer");
    expect(readdirSync(folder.at("x/y"))).toEqual(["a"]);
  });

  test.skipIf(isWindows)("leaves the old content to whoever reads it already", async () => {
    const reader = openSync(folder.write("a", "old"), "r");
    try {
      await write("a", "new and longer");
      expect(readFileSync(reader, "utf8")).toBe("old");
    } finally {
      closeSync(reader);
    }
    expect(read("a")).toBe("new and longer");
  });

  test("lets one of many writers win whole", async () => {
    const contents = Array.from({ length: 4 }, (_, index) => `${index}`.repeat(100_000));
    await Promise.all(contents.map(async (content) => await write("a", content)));
    expect(contents).toContain(read("a"));
    expect(readdirSync(folder.path)).toEqual(["a"]);
  });

  test.skipIf(isWindows)("keeps the mode of the file, else takes that of the copied", async () => {
    chmodSync(folder.write("tool"), 0o755);
    chmodSync(folder.write("secret"), 0o600);
    chmodSync(folder.write("shared"), 0o666);
    await write("tool", { copyOf: folder.at("secret") });
    await write("secret", "new");
    await write("new", { copyOf: folder.at("shared") });
    expect(["tool", "secret", "new"].map(modeOf)).toEqual([0o755, 0o600, 0o666]);
    folder.write("usual");
    await write("plain", "new");
    expect(modeOf("plain")).toBe(modeOf("usual"));
  });

  test("replaces the file behind links, and leaves the links", async () => {
    folder.write("real/a", "old");
    symlinkSync("real", folder.at("linked"));
    symlinkSync("linked/a", folder.at("one"));
    symlinkSync(folder.at("one"), folder.at("two"));
    await write("two", "new");
    expect(read("real/a")).toBe("new");
    expect(
      ["linked", "one", "two"].map((name) => lstatSync(folder.at(name)).isSymbolicLink()),
    ).toEqual([true, true, true]);
    expect(readdirSync(folder.at("real"))).toEqual(["a"]);
  });

  test("creates the file that a link leads to, with its folders", async () => {
    symlinkSync("missing/deep/a", folder.at("link"));
    await write("link", "new");
    expect(read("missing/deep/a")).toBe("new");
    expect(lstatSync(folder.at("link")).isSymbolicLink()).toBe(true);
  });

  test("rejects for links that lead in a circle", async () => {
    symlinkSync("two", folder.at("one"));
    symlinkSync("one", folder.at("two"));
    await expect(write("one", "new")).rejects.toMatchObject({
      message: `Cannot write a file as its links lead in a circle: ${folder.at("one")}`,
      code: "ELOOP",
    });
  });

  test("rejects for a folder, and for a name that could only be one", async () => {
    mkdirSync(folder.at("folder"));
    const expected = {
      message: expect.stringContaining("it is a folder") as string,
      code: "EISDIR",
    };
    await expect(write("folder", "new")).rejects.toMatchObject(expected);
    const named = writeFileAtomically(`${folder.at("new")}/`, "new", { signal: idle });
    await expect(named).rejects.toMatchObject(expected);
    expect(readdirSync(folder.path)).toEqual(["folder"]);
  });

  test("rejects where a file has the name of a folder on the way", async () => {
    folder.write("a", "old");
    for (const name of ["a/b", "a/b/c"]) {
      await expect(write(name, "new")).rejects.toMatchObject({
        message: `Cannot write a file as a folder on its way is a file: ${folder.at(name)}`,
        code: "ENOTDIR",
      });
    }
    expect(read("a")).toBe("old");
  });

  test.skipIf(process.platform !== "linux").each([
    ["/proc/nope/x", "nothing can be created in /proc"],
    ["/proc/version", "nothing can be created in /proc"],
    ["/proc/version/x", "a folder on its way is a file"],
  ])("rejects where the system takes nothing new: %s", async (path, rule) => {
    const writing = writeFileAtomically(path, "new", { signal: idle });
    await expect(writing).rejects.toThrow(`Cannot write a file as ${rule}: ${path}`);
  });

  test.skipIf(isWindows)("rejects for a pipe, and leaves it", async () => {
    execFileSync("mkfifo", [folder.at("pipe")]);
    await expect(write("pipe", "new")).rejects.toThrow("it is not a regular file");
    await expect(write("a", { copyOf: folder.at("pipe") })).rejects.toThrow("not a regular file");
    expect(lstatSync(folder.at("pipe")).isFIFO()).toBe(true);
  });

  test("removes its temporary file where the name cannot be taken", async () => {
    const name = "x".repeat(300);
    await expect(write(name, "new")).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("rejects where there is nothing to copy, and creates nothing", async () => {
    await expect(write("x/a", { copyOf: folder.at("missing") })).rejects.toMatchObject({
      message: `Cannot copy a file as it does not exist: ${folder.at("missing")}`,
      code: "ENOENT",
    });
    await expect(write("x/a", { copyOf: folder.path })).rejects.toMatchObject({ code: "EISDIR" });
    expect(existsSync(folder.at("x"))).toBe(false);
  });

  test("leaves the old content at an abort, before or in the middle", async () => {
    folder.write("a", "old");
    const aborted = AbortSignal.abort(new Error("too late"));
    await expect(write("a", "new", aborted)).rejects.toThrow("too late");
    for (const content of ["new", Buffer.alloc(2_000_000), { copyOf: folder.at("a") }]) {
      const controller = new AbortController();
      const writing = write("a", content, controller.signal);
      controller.abort(new Error("enough"));
      await expect(writing).rejects.toThrow("enough");
    }
    expect(read("a")).toBe("old");
    expect(readdirSync(folder.path)).toEqual(["a"]);
  });
});
