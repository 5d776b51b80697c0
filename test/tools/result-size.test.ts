// The text of a result: never longer than allowed, whole characters, and the whole of it in a file.
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toolbox, type ToolboxOptions, type ToolResult } from "../../src/tools/index.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";
import { call, statuses } from "./support.ts";

const folder = temporaryFolder();
const MOST = 1000;

async function resultOf(output: string, options: ToolboxOptions = {}): Promise<ToolResult> {
  const box = toolbox([{ name: "t", run: () => output }], {
    root: folder.path,
    maxResultBytes: MOST,
    ...options,
  });
  const [result] = await box.run([call("1", "t")]);
  return result as ToolResult;
}

describe("a long text", () => {
  test("becomes its beginning and end, with the whole in a file that only this user may read", async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`).join("\n");
    const { status, text, file, output } = await resultOf(lines);
    expect(status).toBe("completed");
    expect(output).toBe(lines);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST);
    expect(text.startsWith("line 0\nline 1\n")).toBe(true);
    expect(text.endsWith("\nline 998\nline 999")).toBe(true);
    expect(text).toMatch(/\n\[\d+ of 8889 bytes are left out here; the whole is in .*\]\n/);
    expect(text).toContain(String(file));
    expect(readFileSync(String(file), "utf8")).toBe(lines);
    expect(dirname(String(file))).toBe(folder.at(".fanfold/results"));
    expect(readFileSync(folder.at(".fanfold/.gitignore"), "utf8")).toBe("*\n");
    expect(statSync(String(file)).mode & 0o077).toBe(0);
  });

  test("says truthfully how much is left out", async () => {
    const { text } = await resultOf("é".repeat(2000));
    const [, left, of] = /\[(\d+) of (\d+) bytes/.exec(text) ?? [];
    expect(Number(of)).toBe(4000);
    expect(Number(left)).toBe(4000 - 2 * (text.match(/é/g) ?? []).length);
  });

  test("goes into a file of its own for each call, and those that share work are cut alike", async () => {
    const tools = [{ name: "read", effect: "read" as const, run: () => "x".repeat(5000) }];
    const box = toolbox(tools, { root: folder.path, maxResultBytes: MOST });
    const results = await box.run([
      call("1", "read", 1),
      call("2", "read", 1),
      call("3", "read", 2),
    ]);
    expect(statuses(results)).toEqual(["1 completed", "2 completed", "3 completed"]);
    expect(results.every(({ text }) => Buffer.byteLength(text) <= MOST)).toBe(true);
    expect(new Set(results.map(({ file }) => file)).has(undefined)).toBe(false);
    expect(results[0]?.file).not.toBe(results[2]?.file);
  });

  test("of an error is cut as that of an output, and its sibling is answered meanwhile", async () => {
    const box = toolbox(
      [
        { name: "fails", parallel: true, run: () => Promise.reject(new Error("e".repeat(5000))) },
        { name: "t", parallel: true, run: () => "short" },
      ],
      { root: folder.path, maxResultBytes: MOST },
    );
    const results = await box.run([call("1", "fails"), call("2", "t")]);
    expect(statuses(results)).toEqual(["1 failed", "2 completed"]);
    expect(Buffer.byteLength(String(results[0]?.text))).toBeLessThanOrEqual(MOST);
    expect(readFileSync(String(results[0]?.file), "utf8")).toBe(
      `fails failed: ${"e".repeat(5000)}`,
    );
  });
});

describe("a folder that cannot be written", () => {
  test.each<[string, () => string]>([
    ["as it is a file", () => folder.write("taken", "")],
    ["as it is below a file", () => join(folder.write("taken", ""), "results")],
    ["as its name is too long", () => folder.at("x".repeat(300))],
    ["as a name on its way is far too long", () => folder.at("y".repeat(5000))],
  ])("%s costs the middle of the text, not the result", async (_, path) => {
    const { status, text, file, output } = await resultOf("x".repeat(5000), {
      resultFolder: path(),
    });
    expect(status).toBe("completed");
    expect(output).toBe("x".repeat(5000));
    expect(file).toBeUndefined();
    expect(text).toContain("the rest could not be kept: Cannot write a file as");
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST);
  });

  test.skipIf(process.getuid?.() === 0)("as this user may not", async () => {
    folder.write("locked/x", "");
    chmodSync(folder.at("locked"), 0o500);
    const { status, file } = await resultOf("x".repeat(5000), {
      resultFolder: folder.at("locked/results"),
    });
    expect({ status, file }).toEqual({ status: "completed", file: undefined });
  });
});

test("a folder of long names leaves the text within its bound", async () => {
  const deep = folder.at(
    Array.from({ length: 9 }, (_, index) => String(index).repeat(120)).join("/"),
  );
  const { text, file } = await resultOf("x".repeat(5000), { resultFolder: deep });
  expect(existsSync(String(file))).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST);
});

test("a text of exactly as many bytes as allowed is left as it is; one more is not", async () => {
  const exact = `${"é".repeat(MOST / 2 - 1)}ab`;
  expect(await resultOf(exact)).toMatchObject({ text: exact, file: undefined });
  expect((await resultOf(`${exact}c`)).file).toBeDefined();
  expect(readdirSync(folder.at(".fanfold/results"))).toHaveLength(1);
});

test("a .gitignore that is there already is left as it is", async () => {
  folder.write(".fanfold/.gitignore", "mine\n");
  expect((await resultOf("x".repeat(5000))).file).toBeDefined();
  expect(readFileSync(folder.at(".fanfold/.gitignore"), "utf8")).toBe("mine\n");
});

test("no .gitignore is put into a folder of the user, whatever its name ends with", async () => {
  await resultOf("x".repeat(5000), { resultFolder: folder.at("notes.fanfold/results") });
  expect(readdirSync(folder.at("notes.fanfold"))).toEqual(["results"]);
});

test("no text is longer than allowed, cut inside a character, or otherwise changed", async () => {
  const unit = fc.constantFrom(
    "a",
    "\n",
    "é",
    "€",
    "😀",
    "\u0301",
    "👨‍👩‍👧",
    "\ud800",
    "x".repeat(37),
    "\r\n",
  );
  const text = fc
    .tuple(fc.array(unit, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 60 }))
    .map(([units, times]) => units.join("").repeat(times));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: MOST, max: 3000 }), async (given, maxResultBytes) => {
      const result = await resultOf(given, { maxResultBytes });
      expect(Buffer.byteLength(result.text)).toBeLessThanOrEqual(maxResultBytes);
      // What is no character of its own cannot be written in UTF-8, and reads as the sign for that.
      const whole = Buffer.from(given).toString();
      if (result.file === undefined) {
        expect(result.text).toBe(given);
        return;
      }
      expect(Buffer.byteLength(given)).toBeGreaterThan(maxResultBytes);
      const [head = "", tail = ""] = result.text.split(
        /\n\[\d+ of \d+ bytes are left out here; .*\]\n/,
      );
      expect(whole.startsWith(head)).toBe(true);
      expect(whole.endsWith(tail)).toBe(true);
      expect(head.length + tail.length).toBeGreaterThan(0);
      expect(readFileSync(result.file, "utf8")).toBe(whole);
    }),
    { numRuns: 150 },
  );
});

test("the file of an earlier result is never written over", async () => {
  const first = await resultOf("a".repeat(5000));
  writeFileSync(String(first.file), "mine");
  await resultOf("b".repeat(5000));
  expect(readFileSync(String(first.file), "utf8")).toBe("mine");
});
