import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { covers, resourceName } from "../../src/core/resource.ts";
import { claimsOf, declaredPaths, patterns, plainPaths } from "../../src/plan/claims.ts";
import { parsePlan } from "../../src/plan/index.ts";
import { conflictsAmong } from "../../src/plan/plan-pairs.ts";
import { fileResource } from "../../src/system/file-resource.ts";
import { expectProblems } from "./problems.ts";

let folder = "";
beforeEach(() => {
  folder = join(realpathSync(mkdtempSync(join(tmpdir(), "fanfold-test-"))), "plan");
  mkdirSync(folder);
});
afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

/** What a task claims, with `.` for the folder of the plan. */
function claimsIn(task: string): {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
} {
  const inputs = "{ all: [p, q], one: o }";
  const text = `inputs: ${inputs}\ntasks:\n  list: { command: ls }\n  task: ${task}\n`;
  const { reads = [], writes = [] } =
    parsePlan(text, { file: join(folder, "plan.yaml") }).tasks[1] ?? {};
  const short = (resource: string): string => resource.replace(`file:${folder}`, ".");
  return { reads: reads.map(short), writes: writes.map(short) };
}

const readsOf = (...paths: readonly string[]): readonly string[] =>
  claimsIn(`{ command: ls, reads: ${JSON.stringify(paths)} }`).reads;

const SCHEME = /^[a-z][a-z.-]+:/;

const doesCover = (wide: string, narrow: string): boolean =>
  covers(resourceName(wide), resourceName(narrow));

describe("a path", () => {
  test.each([
    ["a.ts", "./a.ts"],
    ["./src//a.ts", "./src/a.ts"],
    ["src/", "./src"],
    ["src/../b", "./b"],
    [".", "."],
    ["100%", "./100%25"],
    ["a#b.ts", "./a%23b.ts"],
    ["a%23b", "./a%2523b"],
    ["/elsewhere/a", "file:/elsewhere/a"],
    ["a b/ü", "./a b/ü"],
  ])("claims the file or folder that it names: %s", (path, claim) => {
    expect(readsOf(path)).toEqual([claim]);
    expect(claimsIn(`{ write: ${JSON.stringify(path)}, content: x }`)).toEqual({
      reads: [],
      writes: [claim],
    });
  });

  test("may lead out of the folder of the plan", () => {
    expect(readsOf("../other")).toEqual([`file:${join(dirname(folder), "other")}`]);
  });

  test("claims the same resource whichever of its names it is written with, links included", () => {
    mkdirSync(join(folder, "real/inner"), { recursive: true });
    writeFileSync(join(folder, "real/inner/a.ts"), "");
    symlinkSync(join(folder, "real"), join(folder, "link"));
    symlinkSync("inner", join(folder, "real/short"));
    symlinkSync(join(folder, "real/inner/a.ts"), join(folder, "a.ts"));
    for (const path of [
      "real/inner/a.ts",
      "link/inner/a.ts",
      "link/short/a.ts",
      "a.ts",
      join(folder, "a.ts"),
    ]) {
      expect(readsOf(path)).toEqual(["./real/inner/a.ts"]);
    }
    // What does not exist yet lies where its folder does.
    expect(readsOf("link/short/new/b.ts", "link/**/*.ts")).toEqual([
      "./real/inner/new/b.ts",
      "./real",
    ]);
  });

  test("claims what a link leads to, also where nothing is there yet", () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("real/new.ts", join(folder, "first"));
    symlinkSync(join(folder, "first"), join(folder, "real/second"));
    symlinkSync("../real/later", join(folder, "real/folder"));
    for (const path of ["real/new.ts", "first", "real/second"]) {
      expect(readsOf(path)).toEqual(["./real/new.ts"]);
    }
    expect(readsOf("real/folder/a/b.ts", "real/folder/*.ts")).toEqual([
      "./real/later/a/b.ts",
      "./real/later",
    ]);
    const { tasks } = parsePlan(
      "tasks: { a: { write: first, content: x }, b: { write: real/new.ts, content: y } }",
      { file: join(folder, "plan.yaml") },
    );
    expect(conflictsAmong(tasks)(tasks[0]!, tasks[1]!)).toHaveLength(1);
  });

  test("is taken as it is where links lead round in a circle", () => {
    symlinkSync("loop", join(folder, "loop"));
    symlinkSync("there", join(folder, "back"));
    symlinkSync("back", join(folder, "there"));
    symlinkSync("deeper/x", join(folder, "deeper"));
    expect(readsOf("loop/a", "back")).toEqual(["./loop/a", "./back"]);
    expect(readsOf("deeper")[0]).toMatch(/^\.\/deeper/);
  });

  test("has a resource of its own, above and below no other than as a path", () => {
    const segment = fc.constantFrom("a", "b", "a#b", "a%23b", "%", "#", "a%", "ä", " ");
    const path = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((all) => `/${all.join("/")}`);
    fc.assert(
      fc.property(path, path, (one, other) => {
        expect(doesCover(fileResource(one), fileResource(other))).toBe(
          `${other}/`.startsWith(`${one}/`),
        );
      }),
    );
  });
});

describe("a pattern", () => {
  test.each([
    ["src/**/*.ts", "./src"],
    ["src/a/[ab].ts", "./src/a"],
    ["{src,test}/*.ts", "."],
    ["*", "."],
    ["../*.ts", ".."],
    ["src/a\\*b.ts", "./src/a*b.ts"],
    ["src/100%/*", "./src/100%25"],
  ])("claims the folder above its first wildcard: %s", (pattern, claim) => {
    const expected = claim === ".." ? `file:${dirname(folder)}` : claim;
    expect(readsOf(pattern)).toEqual([expected]);
    expect(claimsIn(`{ read: ${JSON.stringify(pattern)} }`).reads).toEqual([expected]);
  });

  test("that excludes claims nothing, and what is claimed twice is claimed once", () => {
    expect(readsOf("src/*.ts", "!src/a.ts", "src/*.js", "src")).toEqual(["./src"]);
  });

  test("means nothing where a plain path is asked for", () => {
    expect(claimsIn("{ search: x, in: ['src/[a]', '!b'] }").reads).toEqual(["./src/[a]", "./!b"]);
    expect(claimsIn("{ write: 'a*.ts', content: x }").writes).toEqual(["./a*.ts"]);
  });

  test("of which nothing can be said is refused at its place", () => {
    const why = 'Cannot use a pattern as ".." may not follow a wildcard: "a/*/../b"';
    expectProblems("tasks: { t: { read: ▸a/*/../b } }", [why]);
    expectProblems("tasks: { t: { command: ls, reads: [b, '▸a/*/../b'], writes: ▸a/*/../b } }", [
      why,
      why,
    ]);
  });
});

describe("the name of a resource", () => {
  test.each([
    "db:users",
    "db:users/7#name",
    "https://api.example.com/v1",
    "file:/elsewhere/a.ts#parse",
    "git+ssh:x",
  ])("claims what it says: %s", (name) => {
    expect(readsOf(name)).toEqual([name]);
  });

  test("is told from a path by its scheme, which is longer than the letter of a drive", () => {
    expect(readsOf("c:x", "a/b:c", "1:x")).toEqual(["./c:x", "./a/b:c", "./1:x"]);
  });
});

describe("a reference in a path", () => {
  test.each([
    ["out/${{ tasks.list.stdout }}", "./out"],
    ["out/a-${{ tasks.list.stdout }}.ts", "./out"],
    ["a-${{ tasks.list.stdout }}/b", "."],
    ["../${{ tasks.list.stdout }}", ".."],
    ["${{ tasks.list.lines }}", "file:/"],
    ["${{ tasks.list.stdout }}/a", "file:/"],
    ["db:users/${{ tasks.list.stdout }}", "db:users"],
    ["db:users-${{ tasks.list.stdout }}", "db:"],
    ["db:${{ tasks.list.stdout }}/a", "db:"],
    ["file:/a/${{ tasks.list.stdout }}", "file:/a"],
    ["file:/${{ tasks.list.stdout }}", "file:"],
    ["https://${{ tasks.list.stdout }}/a", "https:/"],
  ])("claims everything that may follow: %s", (path, claim) => {
    const expected = claim === ".." ? `file:${dirname(folder)}` : claim;
    expect(readsOf(path)).toEqual([expected]);
  });

  test("claims at least what it turns out to be, whatever that is", () => {
    const piece = fc.constantFrom("a", "b/", "c-", "/", "e:f", "x.ts", "${{ r }}");
    const texts = fc
      .tuple(fc.constantFrom("", "db:"), fc.array(piece, { minLength: 1, maxLength: 5 }))
      .map(([scheme, pieces]) => scheme + pieces.join(""));
    const value = fc.constantFrom("v", "v/w", "v-w", "x#y", "100%");
    fc.assert(
      fc.property(texts, value, (text, known) => {
        const filled = text.replaceAll("${{ r }}", known);
        const isResource = SCHEME.test(text);
        // A reference at the beginning may stand for a path alone, which is what `file:/` is above of.
        fc.pre(isResource || !SCHEME.test(filled));
        for (const kind of isResource ? [declaredPaths] : [declaredPaths, plainPaths, patterns]) {
          const [claim = ""] = claimsOf(kind(text), folder);
          const exact = isResource ? filled : fileResource(resolve(folder, filled));
          expect([text, claim, doesCover(claim, exact)]).toEqual([text, claim, true]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the item in a path of an each", () => {
  test.each([
    ["[a, b]", "packages/${{ item }}/src", ["./packages/a/src", "./packages/b/src"]],
    ["[a, a]", "${{ item }}/${{ index }}", ["./a/0", "./a/1"]],
    ["[{ name: a }, { name: b }]", "x/${{ item.name }}", ["./x/a", "./x/b"]],
    ["[[a, b], [c]]", "${{ item }}", ["./a", "./b", "./c"]],
    ["['*', 'b?']", "x/${{ item }}/*.ts", ["./x/*", "./x/b?"]],
    ["[a.b]", "db:${{ item }}", ["db:a.b"]],
    ["[a, b]", "packages/shared", ["./packages/shared"]],
    ["[a, b]", "x/${{ item }}/${{ tasks.list.stdout }}/y", ["./x/a", "./x/b"]],
    ['"${{ inputs.all }}"', "x/${{ item }}/${{ inputs.one }}", ["./x/p/o", "./x/q/o"]],
    ['["${{ inputs.one }}"]', "x/${{ item }}", ["./x/o"]],
    ["[]", "x/${{ item }}", []],
  ])("is filled in where it is known, in %s: %s", (list, path, claims) => {
    const task = `{ each: ${list}, do: { command: ls, reads: "${path}" } }`;
    expect(claimsIn(task).reads).toEqual(claims);
  });

  test.each([
    ['"${{ tasks.list.lines }}"', "x/${{ item }}", "./x"],
    ['[a, "${{ tasks.list.stdout }}"]', "x/${{ item }}", "./x"],
    [JSON.stringify([...Array(1001).keys()]), "x/${{ item }}", "./x"],
  ])("claims everything that may follow where it is not: %s, %s", (list, path, claim) => {
    const task = `{ each: ${list}, do: { command: ls, reads: "${path}" } }`;
    expect(claimsIn(task).reads).toEqual([claim]);
  });
});

describe("a kind", () => {
  test.each([
    ["{ read: [a, 'b/*'] }", ["./a", "./b"], []],
    ["{ search: x }", ["."], []],
    ["{ search: x, in: [a, b], files: ['*.ts'] }", ["./a", "./b"], []],
    ["{ write: a/b, content: x }", [], ["./a/b"]],
    ["{ read: db:x }", ["./db:x"], []],
    ["{ command: cat a > b }", [], []],
    ["{ http: 'http://localhost' }", [], []],
    ["{ module: ./m.js }", [], []],
    ["{ read: a, reads: [b, a], writes: db:x }", ["./a", "./b"], ["db:x"]],
    ["{ each: [1], reads: a, do: { read: b, writes: 'c/*' } }", ["./a", "./b"], ["./c"]],
    ["{ each: [1], do: { write: 'out/${{ item }}', content: x } }", [], ["./out/1"]],
  ])("claims by itself what it touches, and what it declares: %s", (task, reads, writes) => {
    expect(claimsIn(task)).toEqual({ reads, writes });
  });
});
