import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSecretFinder } from "../../src/recording/find-secrets.ts";
import { redactFolder } from "../../src/recording/redact-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SECRET = "hunter2-hunter2";
const LINES = "line one of it\nline two of it";
const WORD = "pässwörd-日本";

const finder = createSecretFinder([{ MY_TOKEN: SECRET, MY_PASSWORD: LINES, OTHER_SECRET: WORD }]);

/** What is left of a file after its secrets have been taken out. */
async function redacted(content: Buffer | string, known = finder): Promise<Buffer> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "log"), content);
  await redactFolder(folder, known);
  expect(readdirSync(folder)).toEqual(["log"]);
  return readFileSync(join(folder, "log"));
}

describe("redactFolder", () => {
  test("leaves every byte that is no secret, also those that are no text", async () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (before, after) => {
        const mark = Buffer.from("[redacted:MY_TOKEN]");
        const content = Buffer.concat([before, Buffer.from(SECRET), after]);
        expect(await redacted(content)).toEqual(Buffer.concat([before, mark, after]));
      }),
      { numRuns: 50 },
    );
  });

  test("leaves a file without secrets alone: the same file, time and mode", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "log");
    writeFileSync(path, Buffer.from([0, 255, 254, 10, 13, 128]), { mode: 0o640 });
    writeFileSync(join(folder, "empty"), "");
    const before = statSync(path);
    await redactFolder(folder, finder);
    expect(statSync(path)).toMatchObject({
      ino: before.ino,
      mode: before.mode,
      mtimeMs: before.mtimeMs,
    });
    expect(readFileSync(path)).toEqual(Buffer.from([0, 255, 254, 10, 13, 128]));
  });

  test.each([
    ["of one line", SECRET, "[redacted:MY_TOKEN]"],
    ["of several lines", LINES, "[redacted:MY_PASSWORD]"],
    ["that is not ASCII", WORD, "[redacted:OTHER_SECRET]"],
  ])("finds a secret %s wherever the file is cut to be read", async (_what, secret, mark) => {
    const piece = 1 << 20;
    const bytes = Buffer.from(secret);
    const cuts = [
      piece - bytes.length - 1,
      piece - bytes.length,
      piece - 5,
      piece - 1,
      piece,
      2 * piece - 5,
    ];
    for (const start of cuts) {
      // Lines of 64 bytes, so that the secret stands now at the beginning of a line and now within one.
      const filler = Buffer.alloc(start, `${"x".repeat(62)} \n`);
      const content = Buffer.concat([filler, bytes, Buffer.from(" end\n")]);
      expect((await redacted(content)).toString("latin1", start)).toBe(`${mark} end\n`);
    }
  });

  test("finds a token across the cut of a line that is longer than what is read at once", async () => {
    const token = ["glpat", "0123456789".repeat(6)].join("-");
    for (const start of [(1 << 20) - 60, (1 << 20) - 30, (1 << 20) - 2]) {
      const content = `${JSON.stringify("y".repeat(50))
        .repeat(40_000)
        .slice(0, start - 1)} ${token} ${"z ".repeat(600_000)}`;
      const left = (await redacted(content)).toString();
      expect(left.slice(start, start + 13)).toBe("[redacted] z ");
      expect(left).toHaveLength(content.length - token.length + "[redacted]".length);
    }
  });

  test.each([
    ["longer than what is read at once", `start${"0123456789abcdef".repeat(80_000)}`],
    ["of many lines", `start${"one line of it\n".repeat(5000)}end`],
  ])("finds a secret %s, also within a word without an end", async (_what, secret) => {
    const known = createSecretFinder([{ BIG_TOKEN: secret }]);
    for (const start of [0, (1 << 20) - 40_000, (1 << 20) - 3, 1_200_000]) {
      const word = "w".repeat(start);
      const content = Buffer.from(`${word}${secret}${"w".repeat(1_500_000)}`);
      const left = (await redacted(content, known)).toString();
      expect(left).toBe(`${word}[redacted:BIG_TOKEN]${"w".repeat(1_500_000)}`);
    }
  });

  test("takes out the whole of a token that is longer than what is read at once", async () => {
    const token = ["glpat", "0123456789".repeat(250_000)].join("-");
    expect((await redacted(`a ${token} b ${token}`)).toString()).toBe("a [redacted] b [redacted]");
  });

  test("goes through every file of the folder, and no further", async () => {
    const folder = temporaryFolder();
    const other = temporaryFolder();
    mkdirSync(join(folder, "inner"));
    for (const path of [
      join(folder, "a"),
      join(folder, "b"),
      join(folder, "inner/c"),
      join(other, "d"),
    ]) {
      writeFileSync(path, `say ${SECRET}\n`);
    }
    symlinkSync(join(other, "d"), join(folder, "link"));
    await redactFolder(folder, finder);
    const texts = ["a", "b", "inner/c", "link"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    expect(texts.map((text) => text.includes(SECRET))).toEqual([false, false, true, true]);
  });

  test("makes a file that held a secret readable by its owner alone", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "log"), SECRET, { mode: 0o644 });
    await redactFolder(folder, finder);
    expect(statSync(join(folder, "log")).mode & 0o777).toBe(0o600);
  });

  test("rejects when it cannot write, and leaves the file as it is", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "log"), SECRET);
    mkdirSync(join(folder, "log.redacting"));
    await expect(redactFolder(folder, finder)).rejects.toThrow(/EISDIR|ERR_FS_EISDIR|directory/);
    expect(readFileSync(join(folder, "log"), "utf8")).toBe(SECRET);
    await expect(redactFolder(join(folder, "missing"), finder)).rejects.toThrow("ENOENT");
  });
});
