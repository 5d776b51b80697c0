// Both engines of the search: each by what it promises, and against each other over random patterns and files.
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileMatches, SearchQuery } from "../../../src/system/search/match.ts";
import { searchPattern } from "../../../src/system/search/pattern.ts";
import { findRipgrep, searchWithRipgrep } from "../../../src/system/search/ripgrep.ts";
import { searchWithScript } from "../../../src/system/search/script.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { content, pattern, soup } from "./arbitraries.ts";

const ripgrep = await findRipgrep();

const folder = temporaryFolder();
const idle = new AbortController().signal;

function query(pattern: string, files: readonly string[], maxMatches = 1000): SearchQuery {
  const written = searchPattern(pattern, { literal: false, ignoreCase: false });
  return { pattern: written, ignoreCase: false, files, maxMatches, signal: idle };
}

const engines = {
  ripgrep: async (query: SearchQuery) => await searchWithRipgrep(query, ripgrep ?? ""),
  script: searchWithScript,
};

describe.each(["ripgrep", "script"] as const)("%s", (name) => {
  const engine = engines[name];
  const isMissing = name === "ripgrep" && ripgrep === undefined;

  /** The lines that match in one file. */
  async function lines(pattern: string, content: string | Uint8Array): Promise<readonly string[]> {
    const file = folder.write("file", content);
    const found = (await engine(query(pattern, [file]))).get(file) ?? [];
    return found.map(({ line, text }) => `${line}:${text}`);
  }

  test.skipIf(isMissing)("counts lines, and takes no end of a line for a part of it", async () => {
    expect(await lines("a$", "a\nb\r\na\r\n\na\rb\nba")).toEqual(["1:a", "3:a", "6:ba"]);
    expect(await lines("^$", "\n\r\na\n")).toEqual(["1:", "2:"]);
    expect(await lines("^", "")).toEqual([]);
  });

  test.skipIf(isMissing)("finds a line once, however often it matches", async () => {
    expect(await lines("a|b", "abab\n")).toEqual(["1:abab"]);
  });

  test.skipIf(isMissing).each([
    ["^(a+)+$", `${"a".repeat(64)}b`],
    ["(x|y|xy)*z", "xy".repeat(5000)],
    ["x*y", "x".repeat(2_000_000)],
  ])("ends, also with %s", async (pattern, content) => {
    // Rust's takes a time that grows with the line alone; JavaScript's says that it took too long.
    const found = await lines(pattern, content).catch((error: unknown) => String(error));
    expect(found).toEqual(name === "ripgrep" ? [] : expect.stringContaining("longer than 1000 ms"));
  });

  test.skipIf(isMissing)("cuts a long line where a character ends", async () => {
    const begin = "a".repeat(999);
    expect(await lines("b", `${begin}éb`)).toEqual([`1:${begin}é`]);
    expect(await lines("b", `${begin}😀b`)).toEqual([`1:${begin}`]);
    expect(await lines("b", `${begin}b\r\n`)).toEqual([`1:${begin}b`]);
  });

  test.skipIf(isMissing)("reads UTF-8 with a mark, and UTF-16 with one", async () => {
    const text = Buffer.from("\ufeffé\r\nb\n", "utf16le");
    expect(await lines("^é$", text)).toEqual(["1:é"]);
    expect(await lines("^é$", text.swap16())).toEqual(["1:é"]);
    expect(await lines("^é$", "\ufeffé\nb")).toEqual(["1:é"]);
  });

  test.skipIf(isMissing)(
    "matches no bytes that are no UTF-8, but what is around them",
    async () => {
      const content = Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xef, 0xbf, 0xbd]);
      expect(await lines("^a.b", content)).toEqual([]);
      expect(await lines("^a[\\x01-\\u{10ffff}]b", content)).toEqual([]);
      expect(await lines("a|b$", content)).toEqual(["1:a\ufffdb"]);
      expect(await lines("^.$", content)).toEqual(["2:\ufffd"]);
      const marks = Buffer.from("\ufeff\ufeff\ufffd\ufeff\n\ufeff");
      const spoiled = Buffer.concat([marks, Buffer.from([0xff])]);
      expect(await lines("\ufeff", spoiled)).toEqual(["1:\ufeff\ufffd\ufeff", "2:\ufeff\ufffd"]);
      expect(await lines("^\ufeff\ufffd\ufeff$", spoiled)).toEqual(["1:\ufeff\ufffd\ufeff"]);
    },
  );

  test.skipIf(isMissing)("finds nothing in a file with a NUL, however late", async () => {
    expect(await lines("a", "a\0")).toEqual([]);
    expect(await lines("a", `a\n${"b\n".repeat(200_000)}\0`)).toEqual([]);
    expect(await lines("a", `a\n${"b\n".repeat(200_000)}`)).toEqual(["1:a"]);
  });

  test.skipIf(isMissing)("finds nothing in a file that is gone or is a folder", async () => {
    mkdirSync(folder.at("folder"));
    folder.write("folder/inside", "a");
    const files = [folder.at("folder"), folder.at("gone"), folder.write("here", "a")];
    const found = await engine(query("a", files));
    expect([...found]).toEqual([[folder.at("here"), [{ line: 1, text: "a" }]]]);
  });

  test.skipIf(isMissing)("finds at least the first of the wanted matches", async () => {
    const files = ["0", "1", "2"].map((name) => folder.write(name, "a\nb\na\na\n"));
    const found = await engine(query("a", files, 4));
    const first = files.flatMap((file) => found.get(file)?.map(({ line }) => line) ?? []);
    expect(first.slice(0, 4)).toEqual([1, 3, 4, 1]);
  });

  test.skipIf(isMissing)("rejects with the reason of an abort", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    const search = engine({ ...query("a", [folder.write("file", "a")]), signal });
    await expect(search).rejects.toThrow("too late");
  });
});

/** The matches of a pattern in files of these contents, as each engine finds them. */
async function search(
  pattern: string,
  contents: readonly Uint8Array[],
  { literal = false, ignoreCase = false } = {},
): Promise<Readonly<Record<"ripgrep" | "script", FileMatches>>> {
  const files = contents.map((content, index) =>
    folder.write(String(index).padStart(2, "0"), content),
  );
  const written = searchPattern(pattern, { literal, ignoreCase });
  const wanted = { pattern: written, ignoreCase, files, maxMatches: 1000, signal: idle };
  const [found, expected] = await Promise.all([engines.ripgrep(wanted), engines.script(wanted)]);
  return { ripgrep: sorted(found), script: sorted(expected) };
}

/** ripgrep hands out files in any order. */
function sorted(matches: FileMatches): FileMatches {
  return new Map([...matches].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(ripgrep === undefined)("both engines", () => {
  test("find the same lines of all files for all patterns", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        pattern,
        fc.boolean(),
        fc.array(content, { minLength: 6, maxLength: 20 }),
        async (written, ignoreCase, contents) => {
          const found = await search(written, contents, { ignoreCase });
          expect(found.ripgrep).toEqual(found.script);
        },
      ),
      { numRuns: 60 }, // Each is a process.
    );
  });

  test("find the same lines for a text, or for whatever is not refused", async () => {
    const contents = fc.array(content, { minLength: 4, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(soup, fc.boolean(), contents, async (written, literal, contents) => {
        fc.pre(isAccepted(written, literal));
        const all = [...contents, Buffer.from(`x\n${written}\r\ny${written}`)];
        const found = await search(written, all, { literal });
        expect(found.ripgrep).toEqual(found.script);
      }),
      { numRuns: 30 },
    );
  });
});

function isAccepted(written: string, literal: boolean): boolean {
  try {
    searchPattern(written, { literal, ignoreCase: false });
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return false;
  }
}
