import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { cleanLine } from "../../src/cli/terminal.ts";

const plain = { colors: pc.createColors(false) };
const coloured = { colors: pc.createColors(true) };

describe("a line of output", () => {
  test("keeps its colours where there are some, and loses them elsewhere", () => {
    expect(cleanLine("\u001b[31mred\u001b[0m", coloured)).toBe("\u001b[31mred\u001b[0m");
    expect(cleanLine("\u001b[31mred\u001b[0m", plain)).toBe("red");
  });

  test("shows what was written last of a line that was written over", () => {
    expect(cleanLine("10%\r50%\r100%\r", plain)).toBe("100%");
  });

  test.each([
    ["moves of the cursor", "\u001b[2J\u001b[1;1Hhere\u001b[3A"],
    ["titles of windows", "\u001b]0;title\u0007here"],
    ["links", "\u001b]8;;https://example.com\u001b\\here\u001b]8;;\u001b\\"],
    ["bells and backspaces", "h\u0007er\be"],
  ])("loses %s", (_, line) => {
    expect(cleanLine(line, coloured)).toBe("here");
  });

  test("never moves the cursor of the terminal, whatever it holds", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("\u001b[", "\u001b]", "\u001b", "\u0007", "\r", "\b", "m", "\u009b", "1;2"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const left = cleanLine(pieces.join(""), coloured).replaceAll(COLOUR, "");
        expect(left).not.toMatch(CONTROL);
      }),
    );
  });
});

const ESCAPE = "\u001b";
const COLOUR = new RegExp(`${ESCAPE}\\[[0-?]*m`, "g");
const CONTROL = /[^\P{Cc}\t]/u;
