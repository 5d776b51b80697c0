import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { HEAD_BYTES, OutputFile, type Output } from "../../src/system/output-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

/** Keeps what a source gives; resolves when the source has given all. */
async function keep(chunks: readonly Buffer[], path: string | undefined): Promise<Output> {
  const file = new OutputFile(path);
  const source = Readable.from(chunks);
  source.on("data", (chunk: Buffer) => file.add(chunk, source));
  await once(source, "end");
  return await file.end();
}

/** More than memory keeps, in chunks of all sizes. */
const chunks = [1, 16_383, 100_000, 0, 5, 3_000_000].map((size, index) =>
  Buffer.alloc(size, index + 65),
);
const whole = Buffer.concat(chunks);

describe("OutputFile", () => {
  test("keeps all of the output in its file, and the beginning in memory", async () => {
    const path = folder.at("out");
    const output = await keep(chunks, path);
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(output.head.equals(whole.subarray(0, HEAD_BYTES))).toBe(true);
    expect(output).toMatchObject({ bytes: whole.length, file: path, lost: undefined });
  });

  test("keeps as much of the beginning and the end in memory as it is told to", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
    const size = fc.nat(12);
    await fc.assert(
      fc.asyncProperty(pieces, size, size, async (pieces, headBytes, tailBytes) => {
        const file = new OutputFile(undefined, { headBytes, tailBytes });
        const source = new Readable();
        pieces.forEach((piece) => file.add(Buffer.from(piece), source));
        const { head, tail, bytes } = await file.end();
        const all = Buffer.concat(pieces);
        expect(bytes).toBe(all.length);
        expect(head).toEqual(all.subarray(0, headBytes));
        const rest = all.subarray(headBytes);
        expect(tail).toEqual(rest.subarray(Math.max(0, rest.length - tailBytes)));
      }),
    );
  });

  test.skipIf(process.platform === "win32")("lets nobody else read the file", async () => {
    await keep(chunks, folder.at("out"));
    expect(statSync(folder.at("out")).mode & 0o777).toBe(0o600);
  });

  test("makes no file where there is no output", async () => {
    const output = await keep([], folder.at("out"));
    expect(output).toEqual({
      bytes: 0,
      head: Buffer.alloc(0),
      tail: Buffer.alloc(0),
      file: undefined,
      lost: undefined,
    });
    expect(existsSync(folder.at("out"))).toBe(false);
  });

  test("keeps the beginning where no file is asked for, and loses nothing that was", async () => {
    const output = await keep(chunks, undefined);
    expect(output).toMatchObject({ bytes: whole.length, file: undefined, lost: undefined });
    expect(output.head).toHaveLength(HEAD_BYTES);
  });

  test("keeps a beginning of its own, whatever becomes of the chunk", async () => {
    const file = new OutputFile(undefined);
    const chunk = Buffer.from("abc");
    file.add(chunk, Readable.from([]));
    chunk.fill("x");
    expect((await file.end()).head.toString()).toBe("abc");
  });

  test("pauses its source while the disk is slower, and then lets it go on", async () => {
    const file = new OutputFile(folder.at("out"));
    const source = new Readable({ read: () => undefined });
    source.resume();
    file.add(Buffer.alloc(1_000_000), source);
    expect(source.isPaused()).toBe(true);
    await once(source, "resume");
    expect((await file.end()).lost).toBe(undefined);
  });

  test("may pause its source any number of times", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    const many = Array.from({ length: 50 }, () => Buffer.alloc(100_000));
    expect(await keep(many, folder.at("out"))).toMatchObject({ bytes: 5_000_000, lost: undefined });
    expect(warnings).toEqual([]);
  });

  test("says what was lost where its folder is missing, and reads on to the end", async () => {
    const output = await keep(chunks, folder.at("missing/out"));
    expect(output).toMatchObject({
      bytes: whole.length,
      file: undefined,
      lost: { code: "ENOENT" },
    });
    expect(output.head.equals(whole.subarray(0, HEAD_BYTES))).toBe(true);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "says what was lost where the disk is full, and reads on to the end",
    async () => {
      const output = await keep(chunks, "/dev/full");
      expect(output).toMatchObject({
        bytes: whole.length,
        file: undefined,
        lost: { code: "ENOSPC" },
      });
      const short = await keep([Buffer.from("abc")], "/dev/full");
      expect(short).toMatchObject({ bytes: 3, file: undefined, lost: { code: "ENOSPC" } });
    },
  );
});
