import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headAndTail } from "../../../src/tools/coding/head-and-tail.ts";
import { counted } from "../../../src/core/counted.ts";
import { linesThatFit, shortLine } from "../../../src/tools/coding/text.ts";

const text = fc.string({ unit: fc.constantFrom("a", "\n", "é", "𝒙"), maxLength: 400 });

describe("headAndTail", () => {
  test("keeps a text that fits, and of others the two ends, whole characters, and says how much is missing", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 60, max: 400 }), (text, bytes) => {
        const cut = headAndTail(text, bytes);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(
          Math.max(bytes, Math.min(bytes, Buffer.byteLength(text))),
        );
        if (Buffer.byteLength(text) <= bytes) {
          expect(cut).toBe(text);
          return;
        }
        const parts = /^([^]*?)\n?… ([\d,]+) bytes? left out …\n([^]*)$/.exec(cut);
        const [, head = "", left = "", tail = ""] = parts ?? [];
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        const shown = Buffer.byteLength(text) - Number(left.replaceAll(",", ""));
        const exact = Buffer.byteLength(head) + Buffer.byteLength(tail);
        // The line end before the mark is that of the text, or only there for the mark.
        expect([exact, exact + 1]).toContain(shown);
      }),
    );
  });
});

describe("headAndTail of a text of which some was left out before", () => {
  const pieces = ["a\n".repeat(100), { leftOut: 1000 }, "\n" + "b\n".repeat(99)];

  test("shows all that is known where it fits, with a mark", () => {
    expect(headAndTail(pieces, 1000)).toBe(
      `${"a\n".repeat(100)}… 1,000 bytes left out …\n${"b\n".repeat(99)}`,
    );
  });

  test("counts it as missing, unless its mark is shown", () => {
    expect(headAndTail(pieces, 100)).toBe(
      `${"a\n".repeat(10)}… 1,359 bytes left out …\n${"b\n".repeat(10)}`,
    );
    const early = ["a\n", { leftOut: 1000 }, "\n" + "b\n".repeat(99)];
    expect(headAndTail(early, 160)).toBe(
      `a\n… 1,000 bytes left out …\n${"b\n".repeat(9)}… 130 bytes left out …\n${"b\n".repeat(25)}`,
    );
  });
});

describe("linesThatFit", () => {
  test("takes as many of the first lines as fit with their ends, and no more", () => {
    fc.assert(
      fc.property(
        fc.array(text.map((each) => each.replaceAll("\n", ""))),
        fc.nat(500),
        (lines, bytes) => {
          const sizeOf = (some: readonly string[]): number =>
            Buffer.byteLength(some.map((line) => `${line}\n`).join(""));
          const fitting = linesThatFit(lines, bytes);
          expect(fitting).toEqual(lines.slice(0, fitting.length));
          expect(sizeOf(fitting)).toBeLessThanOrEqual(bytes);
          if (fitting.length < lines.length) {
            expect(sizeOf(lines.slice(0, fitting.length + 1))).toBeGreaterThan(bytes);
          }
        },
      ),
    );
  });
});

test("a short line says how much of it is missing, and has no half of a character", () => {
  expect(shortLine("abc", 3)).toBe("abc");
  expect(shortLine("abcd", 3)).toBe("abc… (1 more character)");
  expect(shortLine("a𝒙b", 2)).toBe("a… (2 more characters)");
  expect([0, 1, 12_345].map((count) => counted(count, "line"))).toEqual([
    "0 lines",
    "1 line",
    "12,345 lines",
  ]);
});
