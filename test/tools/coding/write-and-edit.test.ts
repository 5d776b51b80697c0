import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { changeInside, writeInside } from "../../../src/system/file-inside.ts";
import { rootFolder } from "../../../src/system/root-folder.ts";
import type { Edit } from "../../../src/tools/coding/apply-edits.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { call, isWindows, mayEverything } from "./work-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

async function write(path: string, content: string, overwrite?: boolean): Promise<string> {
  const input = { path, content, ...(overwrite === undefined ? {} : { overwrite }) };
  return (await call("write_file", input, { root: folder.path })).text;
}

async function edit(path: string, ...edits: readonly Edit[]): Promise<string> {
  return (await call("edit_file", { path, edits }, { root: folder.path })).text;
}

function bytesOf(name: string): string {
  return readFileSync(folder.at(name), "latin1");
}

test.each([
  ["little", Buffer.from("\ufeffone\n", "utf16le")],
  ["big", Buffer.from("\ufeffone\n", "utf16le").swap16()],
])(
  "edit_file says of a file in UTF-16 (%s endian) what can be done instead",
  async (_, content) => {
    writeFileSync(folder.at("wide"), content);
    await expect(edit("wide", { oldText: "one", newText: "two" })).rejects.toThrow(
      "Cannot edit a file as it is in UTF-16, and only UTF-8 is edited: wide; write the whole file",
    );
    expect(readFileSync(folder.at("wide"))).toEqual(content);
  },
);

describe("write_file", () => {
  test("makes the file with its folders, or replaces it, and says which", async () => {
    expect(await write("a/b/c", "é")).toBe("Created a/b/c (2 bytes).");
    expect(await write("a/b/c", "")).toBe("Replaced a/b/c (0 bytes).");
    expect(bytesOf("a/b/c")).toBe("");
    expect(readdirSync(folder.at("a/b"))).toEqual(["c"]);
  });

  test("writes what it is given and nothing else", async () => {
    await write("a#1 %23", "\ufeffone\r\ntwo\n");
    expect(bytesOf("a#1 %23")).toBe("\u00ef\u00bb\u00bfone\r\ntwo\n");
  });

  test.skipIf(isWindows)("keeps the mode, and a link in the root", async () => {
    chmodSync(folder.write("tool", "old"), 0o754);
    symlinkSync("tool", folder.at("link"));
    symlinkSync("to/come", folder.at("dangling"));
    await write("link", "new");
    await write("dangling", "new");
    expect(bytesOf("tool")).toBe("new");
    expect(bytesOf("to/come")).toBe("new");
    expect(statSync(folder.at("tool")).mode & 0o777).toBe(0o754);
    expect(lstatSync(folder.at("link")).isSymbolicLink()).toBe(true);
  });

  test("replaces nothing where it was told not to, though somebody makes the file meanwhile", async () => {
    expect(await write("a", "one", false)).toBe("Created a (3 bytes).");
    await expect(write("a", "two", false)).rejects.toThrow(
      "Cannot write a file as something is there already: a",
    );
    const racing = Array.from(
      { length: 5 },
      async (_, index) => await write("b", `${index}`, false),
    );
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(bytesOf("a")).toBe("one");
    expect(readdirSync(folder.path).sort()).toEqual(["a", "b"]);
  });

  test("does not write where no file can be", async () => {
    folder.write("file");
    folder.write("folder/a");
    await expect(write("folder", "x")).rejects.toThrow("as it is a folder: folder");
    await expect(write(".", "x")).rejects.toThrow("as it is a folder: .");
    await expect(write("new/", "x")).rejects.toThrow("as it is a folder: new/");
    await expect(write("file/a", "x")).rejects.toThrow("as a folder on its way is a file: file/a");
    await expect(write("a\0b", "x")).rejects.toThrow("Cannot use a path");
    expect(readdirSync(folder.path).sort()).toEqual(["file", "folder"]);
  });

  test.skipIf(isWindows)("replaces no pipe", async () => {
    execFileSync("mkfifo", [folder.at("pipe")]);
    await expect(write("pipe", "x")).rejects.toThrow("a pipe, a socket or a device: pipe");
    await expect(edit("pipe", { oldText: "a", newText: "b" })).rejects.toThrow("a pipe, a socket");
  });

  test.skipIf(isWindows || mayEverything)("says that it may not write", async () => {
    folder.write("folder/a");
    chmodSync(folder.at("folder"), 0o500);
    await expect(write("folder/b", "x")).rejects.toThrow("as this user may not: folder/b");
    chmodSync(folder.at("folder"), 0o700);
  });
});

describe("edit_file", () => {
  test("keeps line ends, byte order mark, mode and all bytes that are not meant", async () => {
    const content = "\ufeffone\r\ntwo\r\n";
    folder.write("a", Buffer.concat([Buffer.from(content), Buffer.from([0xff, 0xfe, 0])]));
    chmodSync(folder.at("a"), 0o750);
    const text = await edit(
      "a",
      { oldText: "one\ntwo", newText: "1\n2\n3" },
      { oldText: "\n", newText: "\n\n", replaceAll: true },
    );
    expect(text).toBe("Edited a: 4 replacements.");
    expect(bytesOf("a")).toBe(
      Buffer.concat([
        Buffer.from("\ufeff1\r\n\r\n2\r\n\r\n3\r\n\r\n"),
        Buffer.from([0xff, 0xfe, 0]),
      ]).toString("latin1"),
    );
    if (!isWindows) {
      expect(statSync(folder.at("a")).mode & 0o777).toBe(0o750);
    }
  });

  test("leaves the file as it was where one of the edits fails", async () => {
    folder.write("a", "one two");
    const before = statSync(folder.at("a"), { bigint: true });
    await expect(
      edit("a", { oldText: "one", newText: "1" }, { oldText: "three", newText: "3" }),
    ).rejects.toThrow("Cannot apply edit 2 of 2 as the old text is not in the file");
    const { ino, mtimeNs } = statSync(folder.at("a"), { bigint: true });
    expect({ ino, mtimeNs }).toEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
    expect(readdirSync(folder.path)).toEqual(["a"]);
  });

  test("makes no file", async () => {
    const change = { oldText: "a", newText: "b" };
    await expect(edit("none", change)).rejects.toThrow("as it does not exist: none");
    await expect(edit("none/a", change)).rejects.toThrow("as it does not exist: none/a");
    folder.write("folder/a");
    await expect(edit("folder", change)).rejects.toThrow("as it is a folder: folder");
    await expect(edit("folder/a", change)).rejects.toThrow(
      "the old text is not in the file; it is empty",
    );
    expect(existsSync(folder.at("none"))).toBe(false);
  });

  test("does not load a file that is too long", async () => {
    truncateSync(folder.write("huge", "a"), 5 * 1024 ** 3);
    await expect(edit("huge", { oldText: "a", newText: "b" })).rejects.toThrow(
      "Cannot change a file as it may have 33554432 bytes, and has 5368709120: huge",
    );
  });

  const changes: readonly (readonly [string, () => void])[] = [
    ["written in place", () => writeFileSync(folder.at("a"), "theirs")],
    [
      "replaced by another",
      () => {
        folder.write("b", "mine!!");
        renameSync(folder.at("b"), folder.at("a"));
      },
    ],
    ["removed", () => renameSync(folder.at("a"), folder.at("gone"))],
    [
      "replaced by a link",
      () => {
        renameSync(folder.at("a"), folder.at("gone"));
        symlinkSync("gone", folder.at("a"));
      },
    ],
  ];

  test.each(changes)("sees that the file was %s since it was read", async (_, change) => {
    folder.write("a", "before");
    const changing = changeInside(rootFolder(folder.path), "a", {
      change: () => {
        change();
        return Buffer.from("mine");
      },
      limitBytes: 100,
      signal: idle,
    });
    await expect(changing).rejects.toThrow(/meanwhile/);
    expect(existsSync(folder.at("a")) && readFileSync(folder.at("a"), "utf8")).not.toBe("mine");
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("stops when it is cancelled, and leaves the file as it was", async () => {
    folder.write("a", "before");
    const stop = new AbortController();
    const changing = changeInside(rootFolder(folder.path), "a", {
      change: () => {
        stop.abort(new Error("enough"));
        return Buffer.from("mine");
      },
      limitBytes: 100,
      signal: stop.signal,
    });
    await expect(changing).rejects.toThrow("enough");
    await expect(
      writeInside(rootFolder(folder.path), "a", { content: "x", signal: stop.signal }),
    ).rejects.toThrow("enough");
    expect(bytesOf("a")).toBe("before");
    expect(readdirSync(folder.path)).toEqual(["a"]);
  });
});
