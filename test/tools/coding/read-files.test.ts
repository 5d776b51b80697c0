import { execFileSync } from "node:child_process";
import { chmodSync, symlinkSync, truncateSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReadFilesOutput } from "../../../src/tools/coding/read-files.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { call, isWindows, mayEverything, type Called } from "./work-folder.ts";

const folder = temporaryFolder();

async function read(
  files: readonly (
    | string
    | { readonly path: string; readonly from?: number; readonly to?: number }
  )[],
  options: { readonly maxResultBytes?: number } = {},
): Promise<Called<ReadFilesOutput>> {
  const input = { files: files.map((each) => (typeof each === "string" ? { path: each } : each)) };
  return await call<ReadFilesOutput>("read_files", input, { root: folder.path, ...options });
}

/** `count` lines, each its own number. */
function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
}

describe("read_files", () => {
  test("shows lines with their numbers, and what of a file they are", async () => {
    folder.write("a.ts", "one\n\ttwo\n");
    folder.write("long", numbered(9));
    const { text } = await read([
      "a.ts",
      { path: "long", from: 3, to: 4 },
      { path: "long", from: 9 },
    ]);
    expect(text).toBe(
      "== a.ts\n1\tone\n2\t\ttwo\n== long (lines 3-4 of 9)\n3\t3\n4\t4\n== long (lines 9-9 of 9)\n9\t9",
    );
  });

  test("reads what can be read, and says of the rest why not", async () => {
    folder.write("a", "text");
    folder.write("folder/b");
    const { output, text } = await read(["a", "none", "folder", "../x", "/etc/passwd", ""]);
    expect(output.files.map(({ kind }) => kind)).toEqual([
      "text",
      ...Array<string>(5).fill("error"),
    ]);
    expect(text).toBe(
      [
        "== a\n1\ttext",
        "== none\nCannot read a file as it does not exist: none",
        "== folder\nCannot read a file as it is a folder: folder",
        `== ../x\nCannot use a path as it lies outside of the root: ../x; give one relative to ${folder.path}`,
        `== /etc/passwd\nCannot use a path as it lies outside of the root: /etc/passwd; give one relative to ${folder.path}`,
        '== \nCannot use a path as it must name something: ""',
      ].join("\n"),
    );
  });

  test("fails where no file at all can be read", async () => {
    await expect(read(["none", "."])).rejects.toThrow(
      "Cannot read a file as it does not exist: none\nCannot read a file as it is a folder: .",
    );
  });

  test("takes absolute paths and links that stay in the root", async () => {
    folder.write("real/a", "text");
    symlinkSync("real", folder.at("linked"));
    symlinkSync("linked/a", folder.at("link"));
    const { output } = await read([folder.at("real/a"), "linked/a", "link", "linked/../real/./a"]);
    expect(output.files).toMatchObject(output.files.map(() => ({ kind: "text", text: "text" })));
  });

  test("reads exactly the lines that were asked for, whatever the file", async () => {
    const pieces = fc.constantFrom("a", "\n", "\r\n", "é", "𝒙", "x".repeat(20_000));
    const content = fc.array(pieces, { maxLength: 12 }).map((each) => each.join(""));
    const from = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
    const length = fc.option(fc.nat(5), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(content, from, length, async (content, from, length) => {
        folder.write("a", content);
        const to = length === undefined ? undefined : (from ?? 1) + length;
        const { output } = await read([{ path: "a", ...(from && { from }), ...(to && { to }) }]);
        const lines = content.split(/(?<=\n)/).filter((line) => line !== "");
        const wanted = lines.slice((from ?? 1) - 1, to);
        expect(output.files).toEqual([
          {
            path: "a",
            kind: "text",
            bytes: Buffer.byteLength(content),
            text: wanted.join(""),
            from: from ?? 1,
            lines: wanted.length,
            totalLines: lines.length,
            cut: "no",
          },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  test("says that a file is empty, or has no such line", async () => {
    folder.write("empty");
    folder.write("short", "a");
    const { text } = await read([
      "empty",
      { path: "short", from: 3 },
      { path: "short", from: 2, to: 1 },
    ]);
    expect(text).toBe(
      '== empty (empty)\n== short (no line 3: it has 1 line)\n== short\nCannot read lines as "to" is less than "from": 1 < 2',
    );
  });

  test("does not show what is binary, and shows what is no UTF-8 as well as it can", async () => {
    folder.write("image", Buffer.from([0x89, 0x50, 0, 1]));
    folder.write("latin", Buffer.from("caf\xe9 bar", "latin1"));
    folder.write("marked", "\ufefftext");
    folder.write("wide", Buffer.from("\ufeffwide\nné", "utf16le"));
    const { text } = await read(["image", "latin", "marked", "wide"]);
    expect(text).toBe(
      "== image (binary, 4 bytes: not shown)\n== latin\n1\tcaf\ufffd bar\n== marked\n1\ttext\n== wide\n1\twide\n2\tné",
    );
  });

  test("reads the beginning of a huge file and no more", async () => {
    folder.write("zeros");
    truncateSync(folder.at("zeros"), 5 * 1024 ** 3);
    folder.write("log", numbered(2_000));
    truncateSync(folder.at("log"), 5 * 1024 ** 3);
    const { output, text } = await read(["zeros", { path: "log", to: 2 }]);
    expect(output.files[0]).toMatchObject({ kind: "binary", bytes: 5 * 1024 ** 3 });
    expect(text).toContain("== zeros (binary, 5,368,709,120 bytes: not shown)");
    expect(text).toContain("== log (lines 1-2 of a file of 5,368,709,120 bytes)\n1\t1\n2\t2");
  });

  test("holds and shows no more than a bound, says where it was cut, and can go on there", async () => {
    folder.write("many", numbered(5000));
    folder.write("wide", `${"x".repeat(3_000_000)}\nend`);
    folder.write("small", "small");
    const bytes = 5000;
    const { output, text } = await read(["many", "wide", "small"], { maxResultBytes: bytes });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
    expect(output.files[1]).toMatchObject({ cut: "within a line", lines: 1, totalLines: 2 });
    expect(text).toContain("== small\n1\tsmall");
    expect(text).toContain("x… (260,144 more characters)");
    const next = Number(/go on with from: (\d+)/.exec(text)?.[1]);
    expect(text).toContain(`\n${next - 1}\t${next - 1}\n…`);
    expect((await read([{ path: "many", from: next }])).text).toContain(`\n${next}\t${next}\n`);
  });

  test("takes thousands of paths, no more of them at once than the limit, in their order", async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `f${index % 100}`);
    names.slice(0, 100).forEach((name) => folder.write(name, name));
    const { output, text } = await read(names);
    expect(output.files.map((file) => file.kind === "text" && file.text)).toEqual(names);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(28_000);
    expect(text).toMatch(/… and [\d,]+ more files, not shown: ask for fewer at once$/);
  });

  test.skipIf(isWindows)("never waits for a pipe, and opens no device", async () => {
    execFileSync("mkfifo", [folder.at("pipe")]);
    symlinkSync("pipe", folder.at("link"));
    folder.write("a");
    const { text } = await read(["pipe", "link", "a"]);
    expect(text.match(/a pipe, a socket or a device/g)).toHaveLength(2);
    const devices = { files: [{ path: "null" }, { path: "zero" }] };
    await expect(call("read_files", devices, { root: "/dev" })).rejects.toThrow(
      /a pipe, a socket or a device: null\n.*a pipe, a socket or a device: zero/,
    );
  });

  test.skipIf(isWindows || mayEverything)("says that it may not read", async () => {
    chmodSync(folder.write("secret"), 0);
    expect((await read(["secret"])).text).toContain("as this user may not: secret");
  });

  test("stops when it is cancelled", async () => {
    folder.write("a");
    const signal = AbortSignal.abort(new Error("enough"));
    const calling = call("read_files", { files: [{ path: "a" }] }, { root: folder.path, signal });
    await expect(calling).rejects.toThrow("cancelled");
  });
});
