import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineReader } from "../../src/system/line-reader.ts";

/** The lines of chunks, as the reader hands them on. */
function linesOf(...chunks: readonly Buffer[]): readonly string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  chunks.forEach((chunk) => reader.add(chunk));
  reader.end();
  return lines;
}

describe("LineReader", () => {
  test("hands on every line once, its beginning where it is long, wherever the bytes are cut", () => {
    const length = fc.oneof(fc.nat(4), fc.integer({ min: 8190, max: 8194 }), fc.constant(20_000));
    const line = fc
      .tuple(fc.constantFrom("x", "é", "日"), length, fc.constantFrom("", "\r"))
      .map(([letter, count, end]) => ({ text: letter.repeat(count), end }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.nat(60_000)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map(({ text, end }) => `${text}${end}\n`).join(""));
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        const found = linesOf(...chunks);
        expect(found).toHaveLength(lines.length);
        lines.forEach(({ text, end }, index) => {
          const all = text.length > 8192 ? text.length + end.length : text.length;
          const more = `… and ${(all - 8192).toLocaleString("en-US")} more characters`;
          expect(found[index]).toBe(text.slice(0, 8192) + (text.length > 8192 ? more : ""));
        });
      }),
      { numRuns: 60 },
    );
  });

  test("hands on what comes after the last line end, if anything", () => {
    expect(linesOf(Buffer.from("a\nb"))).toEqual(["a", "b"]);
    expect(linesOf(Buffer.from("a\n\n"))).toEqual(["a", ""]);
    expect(linesOf(Buffer.from("é").subarray(0, 1))).toEqual(["\uFFFD"]);
    expect(linesOf()).toEqual([]);
  });
});
