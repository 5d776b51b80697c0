import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { readFiles, type ReadFilesOptions } from "../../src/system/read-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

async function texts(
  paths: readonly string[],
  options: Partial<ReadFilesOptions> = {},
): Promise<readonly string[]> {
  const files = await readFiles(paths, { signal: new AbortController().signal, ...options });
  expect(files.map(({ path }) => path)).toEqual(paths);
  return files.map(({ text }) => text);
}

/** The files of the test that this process has open. */
function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(folder.path) ? [path] : [];
    } catch {
      return []; // Somebody else has closed it meanwhile.
    }
  });
}

describe("readFiles", () => {
  afterEach(() => {
    if (existsSync("/proc/self/fd")) {
      expect(openFiles()).toEqual([]);
    }
  });

  test("reads files in the order given, however many, and one twice", async () => {
    const names = Array.from({ length: 100 }, (_, index) => String((index * 37) % 100));
    const paths = names.map((name) => folder.write(name, name));
    expect(await texts([...paths, ...paths])).toEqual([...names, ...names]);
    expect(await texts([])).toEqual([]);
  });

  test("takes out a byte order mark at the start, replaces what is no UTF-8, keeps the rest", async () => {
    const content = Buffer.concat([Buffer.from("\ufeffé\r\n\ufeff\0"), Buffer.from([0xff, 0x0d])]);
    expect(await texts([folder.write("a", content)])).toEqual(["é\r\n\ufeff\0\ufffd\r"]);
  });

  test("reads a character whole that lies where one chunk ends", async () => {
    const text = `a${"é".repeat(100_000)}`;
    expect(await texts([folder.write("a", text)])).toEqual([text]);
  });

  test("reads as many bytes as the limit, and not one more", async () => {
    const paths = [folder.write("a", "12345"), folder.write("b", "é"), folder.write("c", "")];
    expect(await texts(paths, { limitBytes: 7 })).toEqual(["12345", "é", ""]);
    const error = await texts(paths, { limitBytes: 6 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: `Cannot read files as they may have 6 bytes together, and with this one have 7: ${paths[1]}`,
    });
    await expect(texts([paths[0]!, paths[0]!], { limitBytes: 9 })).rejects.toThrow(RangeError);
  });

  test.skipIf(!existsSync("/proc/self/status"))(
    "holds to the limit where a file has more than its size says",
    async () => {
      await expect(texts(["/proc/self/status"], { limitBytes: 10 })).rejects.toThrow(RangeError);
    },
  );

  test("rejects with the first failure in the order of the paths, and reads none", async () => {
    const paths = Array.from({ length: 40 }, (_, index) => folder.write(`${index}`));
    const broken = paths.with(20, folder.at("missing")).with(21, folder.path);
    for (let round = 0; round < 5; round += 1) {
      await expect(texts(broken)).rejects.toMatchObject({
        message: `Cannot read a file as it does not exist: ${folder.at("missing")}`,
        code: "ENOENT",
      });
    }
  });

  test("rejects for a folder", async () => {
    await expect(texts([folder.path])).rejects.toMatchObject({
      message: `Cannot read a file as it is a folder: ${folder.path}`,
      code: "EISDIR",
    });
  });

  test.skipIf(process.platform === "win32")(
    "rejects for a pipe, and does not open it",
    async () => {
      execFileSync("mkfifo", [folder.at("pipe")]);
      await expect(texts([folder.at("pipe")])).rejects.toThrow("it is not a regular file");
    },
  );

  test("rejects with the reason of an abort, before or in the middle", async () => {
    const path = folder.write("a", Buffer.alloc(1_000_000));
    const aborted = AbortSignal.abort(new Error("too late"));
    await expect(texts([path], { signal: aborted })).rejects.toThrow("too late");
    const controller = new AbortController();
    const reading = texts([path], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });
});
