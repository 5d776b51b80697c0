import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, type Edit } from "../../../src/tools/coding/apply-edits.ts";

function edit(content: string, ...edits: readonly Edit[]): string {
  return applyEdits(Buffer.from(content), edits).content.toString();
}

function refusal(content: string, ...edits: readonly Edit[]): string {
  try {
    applyEdits(Buffer.from(content), edits);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was applied");
}

/** What an edit means, on texts with `\n` alone; undefined where it is refused. */
function oracle(text: string, { oldText, newText, replaceAll }: Edit): string | undefined {
  if (oldText === "" || oldText === newText) {
    return undefined;
  }
  const places = Array.from(text).length === 0 ? [] : placesOf(text, oldText);
  if (places.length === 0 || (places.length > 1 && replaceAll !== true)) {
    return undefined;
  }
  return replaceAll === true
    ? text.split(oldText).join(newText)
    : text.slice(0, places[0]) + newText + text.slice((places[0] ?? 0) + oldText.length);
}

function placesOf(text: string, part: string): readonly number[] {
  return Array.from({ length: text.length }, (_, index) => index).filter((index) =>
    text.startsWith(part, index),
  );
}

/** Few characters, so that parts are found often, in one and more places. */
const character = fc.constantFrom("a", "b", "\n", "é", "𝒙", " ");
const text = fc.array(character, { maxLength: 30 }).map((each) => each.join(""));
const short = fc.array(character, { maxLength: 3 }).map((each) => each.join(""));
const anEdit = fc.record({ oldText: short, newText: short, replaceAll: fc.boolean() });
const edits = fc.array(anEdit, { minLength: 1, maxLength: 4 });

describe("applyEdits", () => {
  test("does what replacing in a string does, all edits or none", () => {
    fc.assert(
      fc.property(text, edits, (content, edits) => {
        const wanted = edits.reduce<string | undefined>(
          (now, each) => (now === undefined ? undefined : oracle(now, each)),
          content,
        );
        const apply = (): string => edit(content, ...edits);
        if (wanted === undefined) {
          expect(apply).toThrow(/^Cannot apply/);
        } else {
          expect(apply()).toBe(wanted);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("does the same in a file of CRLF as in one of LF, and leaves no other line end", () => {
    const windows = (each: string): string => each.replaceAll("\n", "\r\n");
    const form = fc.constantFrom(windows, (each: string) => each);
    fc.assert(
      fc.property(text, anEdit, form, form, (content, each, ofOld, ofNew) => {
        // Without a line end there is nothing that says how lines end.
        fc.pre(content.includes("\n"));
        const wanted = oracle(content, each);
        fc.pre(wanted !== undefined);
        const { oldText, newText, replaceAll } = each;
        const asked = { oldText: ofOld(oldText), newText: ofNew(newText), replaceAll };
        expect(edit(windows(content), asked)).toBe(windows(wanted ?? ""));
        expect(edit(content, asked)).toBe(wanted);
      }),
      { numRuns: 1500 },
    );
  });

  test("leaves every byte that is not matched, in files of any encoding and with mixed line ends", () => {
    const rest = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => bytes.filter((byte) => byte !== 88));
    fc.assert(
      fc.property(rest, rest, (before, after) => {
        const content = Buffer.concat([before, Buffer.from("X"), after]);
        const { content: edited } = applyEdits(content, [{ oldText: "X", newText: "yé" }]);
        expect(edited).toEqual(Buffer.concat([before, Buffer.from("yé"), after]));
      }),
    );
  });

  test("ends new lines as the line ends where the match begins", () => {
    const content = "one\r\ntwo\nthree\r\nlast";
    expect(edit(content, { oldText: "one", newText: "1\n1" })).toBe("1\r\n1\r\ntwo\nthree\r\nlast");
    expect(edit(content, { oldText: "two", newText: "2\n2" })).toBe("one\r\n2\n2\nthree\r\nlast");
    expect(edit(content, { oldText: "last", newText: "4\n4" })).toBe("one\r\ntwo\nthree\r\n4\r\n4");
    expect(edit(content, { oldText: "one\ntwo\nthree", newText: "a\nb" })).toBe("a\r\nb\r\nlast");
    expect(edit(content, { oldText: "\ntwo", newText: "\n2" })).toBe("one\r\n2\nthree\r\nlast");
  });

  test("lets each edit see those before it", () => {
    const first = { oldText: "a", newText: "bb" };
    expect(edit("a", first, { oldText: "bb", newText: "c" })).toBe("c");
    expect(refusal("a", first, { oldText: "a", newText: "c" })).toMatch(
      /^Cannot apply edit 2 of 2 as the old text is not in the file/,
    );
  });

  test("says how many matches there are, and where", () => {
    expect(refusal("a\nb a\n\na", { oldText: "a", newText: "" })).toBe(
      "Cannot apply the edit as the old text is 3 times in the file, at lines 1, 2, 4; add text around the one that is meant, or have all of them replaced",
    );
    expect(refusal("aaa", { oldText: "aa", newText: "" })).toContain("2 times");
    expect(refusal("a\n".repeat(1000), { oldText: "a", newText: "" })).toContain(
      "1000 times in the file, at lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …;",
    );
  });

  test("says what is nearest to a text that is not there", () => {
    const content = "function a() {\n\treturn 1;\n}\n\nfunction b() {\n\treturn “two”;\n}\n";
    const nearest = (oldText: string): string => refusal(content, { oldText, newText: "x" });
    expect(nearest("function a() {\n    return 1;\n}")).toBe(
      'Cannot apply the edit as the old text is not in the file; the nearest begins at line 1 and differs in white space: line 2 is "\\treturn 1;", the old text has "    return 1;"',
    );
    expect(nearest('return "two";')).toBe(
      'Cannot apply the edit as the old text is not in the file; the nearest begins at line 6 and differs in characters that look alike: line 6 is "\\treturn “two”;", the old text has "return \\"two\\";"',
    );
    expect(nearest("function b() {\n\treturn 3;\n}")).toBe(
      'Cannot apply the edit as the old text is not in the file; the nearest begins at line 5 and differs in one line: line 6 is "\\treturn “two”;", the old text has "\\treturn 3;"',
    );
    expect(nearest("1\tfunction a() {\n2\t\treturn 1;")).toContain(
      "without the line numbers it is",
    );
    expect(nearest("nothing like it")).toBe(
      "Cannot apply the edit as the old text is not in the file; read it again, and copy the text as it is there",
    );
  });

  test("says what is nearest without searching for long", () => {
    const content = Array.from({ length: 300_000 }, (_, index) => `line ${index}`).join("\n");
    const oldText = Array.from({ length: 1000 }, (_, index) => `row ${index}`).join("\n");
    expect(refusal(content, { oldText, newText: "" })).toContain(
      "is not in the file; read it again",
    );
  });

  test("refuses an edit that says nothing", () => {
    expect(refusal("a", { oldText: "", newText: "b" })).toContain("old text is empty");
    expect(refusal("a", { oldText: "a", newText: "a" })).toContain("are the same");
    expect(refusal("a\r\n", { oldText: "a\r\n", newText: "a\n" })).toContain("are the same");
  });
});
