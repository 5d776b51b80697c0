import { open } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLines, type BinaryContent, type TextLines } from "../../src/system/read-lines.ts";
import { temporaryFolder } from "./temporary-folder.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const folder = temporaryFolder();

interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit?: number;
}

async function read(
  content: string | Uint8Array,
  range: Range = {},
): Promise<TextLines | BinaryContent> {
  const handle = await open(folder.write("a", content));
  try {
    const signal = new AbortController().signal;
    return await readLines(handle, { limit: Infinity, ...range, signal });
  } finally {
    await handle.close();
  }
}

/** The lines as a list, as many as fit; a part of the first where not even that does. */
function oracle(content: string, { from = 1, to, limit = Infinity }: Range): TextLines {
  const all = content.split(/(?<=\n)/).filter((line) => line !== "");
  const wanted = all.slice(from - 1, to);
  const fitting: string[] = [];
  let left = limit;
  for (const line of wanted) {
    left -= line.length;
    if (left < 0) {
      break;
    }
    fitting.push(line);
  }
  const isCut = fitting.length < wanted.length;
  const isPart = isCut && fitting.length === 0;
  const part = (wanted[0] ?? "").slice(0, limit).replace(/[\ud800-\udbff]$/, "");
  return {
    kind: "text",
    text: isPart ? part : fitting.join(""),
    from,
    lines: isPart ? 1 : fitting.length,
    totalLines: all.length,
    cut: isPart ? "within a line" : isCut ? "after a line" : "no",
  };
}

const piece = fc.constantFrom("a", "\n", "\r\n", "é", "𝒙", "x".repeat(40_000));
const content = fc.array(piece, { maxLength: 12 }).map((each) => each.join(""));
const line = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
const limit = fc.oneof(fc.nat(6), fc.integer({ min: 39_990, max: 130_000 }), fc.constant(Infinity));

describe("readLines", () => {
  test("keeps the lines that are wanted and fit, wherever it stops to read, and counts all", async () => {
    await fc.assert(
      fc.asyncProperty(content, line, line, limit, async (content, from, to, limit) => {
        fc.pre(from === undefined || to === undefined || from <= to);
        expect(await read(content, { from, to, limit })).toEqual(
          oracle(content, { from, to, limit }),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("takes for binary what has a NUL in the lines that are wanted", async () => {
    expect(await read("a\0b\nc")).toEqual({ kind: "binary" });
    expect(await read("a\nb\nc\0", { to: 2 })).toMatchObject({ text: "a\nb\n", totalLines: 3 });
    expect(await read("\0\nb", { from: 2 })).toMatchObject({ text: "b" });
  });

  test("reads UTF-16 behind its mark, and no mark as a character", async () => {
    const wide = Buffer.from("\ufeffone\n𝒙\n", "utf16le");
    for (const bytes of [wide, Buffer.from(wide).swap16(), Buffer.from("\ufeffone\n𝒙\n")]) {
      expect(await read(bytes)).toMatchObject({ text: "one\n𝒙\n", totalLines: 2 });
    }
  });

  test("does not count the lines of what is very long", async () => {
    const long = Buffer.alloc(17 * 1024 * 1024, "0123456\n");
    expect(await read(long, { from: 2, to: 2 })).toMatchObject({
      text: "0123456\n",
      totalLines: undefined,
    });
    expect(await read(long.subarray(0, 1024 * 1024), { to: 1 })).toMatchObject({
      totalLines: 131_072,
    });
  });
});

test("lines that are kept hold no more in memory than themselves", async () => {
  const content = "x".repeat(60_000);
  const before = heapBytes();
  const kept: unknown[] = [];
  for (let count = 0; count < 200; count += 1) {
    kept.push(await read(content, { limit: 100 }));
  }
  expect(heapBytes() - before).toBeLessThan(kept.length * 30_000);
});

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
