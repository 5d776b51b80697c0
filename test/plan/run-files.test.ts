import { existsSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

describe("a read task", () => {
  test("lets others see each field of its result, files in the order of their paths", async () => {
    folder.write("src/b.txt", "three\n");
    folder.write("src/a.txt", "one\ntwo\n");
    folder.write("data.json", '{"rows": [1, 2]}');
    const seen = await folder.see(`
tasks:
  a: { read: ["src/*.txt"] }
  b: { read: data.json }
  seen:
    module: ./tools.mjs#see
    with:
      files: \${{ tasks.a.files }}
      paths: \${{ tasks.a.paths }}
      text: \${{ tasks.a.text }}
      lines: \${{ tasks.a.lines }}
      count: \${{ tasks.a.count }}
      second: \${{ tasks.a.files[1].text }}
      json: \${{ tasks.b.json.rows[-1] }}
`);
    expect(seen).toEqual({
      files: [
        { path: folder.at("src/a.txt"), text: "one\ntwo\n" },
        { path: folder.at("src/b.txt"), text: "three\n" },
      ],
      paths: [folder.at("src/a.txt"), folder.at("src/b.txt")],
      text: "one\ntwo\nthree\n",
      lines: ["one", "two", "three"],
      count: 2,
      second: "three\n",
      json: 2,
    });
  });

  test("takes the paths that another task found as they are, without wildcards", async () => {
    folder.write("a[1].txt", "right");
    folder.write("a1.txt", "wrong");
    folder.write("!b {x,y} \\*.txt", "odd");
    const seen = await folder.see(`
tasks:
  names: { command: [printf, '%s\\n', "a[1].txt", '!b {x,y} \\*.txt'] }
  all: { read: ["\${{ tasks.names.lines }}"], reads: "." }
  one: { read: ["./\${{ tasks.names.lines[0] }}"], reads: "." }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.all.text }}", "\${{ tasks.one.text }}"] }
`);
    expect(seen).toEqual(["oddright", "right"]);
  });

  test("takes the wildcards of an input for what they are, in a list as well", async () => {
    folder.write("a.txt", "a");
    folder.write("b.txt", "b");
    folder.write("c.md", "c");
    const seen = await folder.see(`
inputs: { glob: "*.txt", list: ["*.md", a.txt] }
tasks:
  one: { read: "\${{ inputs.glob }}" }
  part: { read: "./\${{ inputs.glob }}" }
  list: { read: "\${{ inputs.list }}" }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.one.text }}", "\${{ tasks.part.text }}", "\${{ tasks.list.text }}"] }
`);
    expect(seen).toEqual(["ab", "ab", "ac"]);
  });

  test("fails for a file that is not there, by its name", async () => {
    const result = await folder.run("tasks: { a: { read: missing.txt } }");
    expect(failureOf(result, "a")).toBe(
      `Cannot find "missing.txt" as it does not exist: ${folder.at("missing.txt")}`,
    );
  });
});

describe("a search task", () => {
  test("lets others see each field of its result, in the order of paths and lines", async () => {
    folder.write("src/b.txt", "Match 3\n");
    folder.write("src/a.txt", "match 1\nnone\nmatch 2\n");
    folder.write("src/a.md", "match 4\n");
    folder.write("other.txt", "match 5\n");
    const seen = await folder.see(`
inputs: { word: match }
tasks:
  a: { search: "\${{ inputs.word }} \\\\d", in: src, files: "*.txt", ignoreCase: true }
  b: { search: "h 1", literal: true, in: [src/a.txt, other.txt] }
  none: { search: h.1, literal: true }
  seen:
    module: ./tools.mjs#see
    with:
      matches: \${{ tasks.a.matches }}
      count: \${{ tasks.a.count }}
      paths: \${{ tasks.a.paths }}
      lines: \${{ tasks.a.lines }}
      literal: \${{ tasks.b.lines }}
      none: \${{ tasks.none.count }}
`);
    expect(seen).toEqual({
      matches: [
        { path: "src/a.txt", line: 1, text: "match 1" },
        { path: "src/a.txt", line: 3, text: "match 2" },
        { path: "src/b.txt", line: 1, text: "Match 3" },
      ],
      count: 3,
      paths: ["src/a.txt", "src/b.txt"],
      lines: ["src/a.txt:1:match 1", "src/a.txt:3:match 2", "src/b.txt:1:Match 3"],
      literal: ["src/a.txt:1:match 1"],
      none: 0,
    });
  });
});

describe("a write task", () => {
  test("replaces a file, makes its folders, and lets others see each field of its result", async () => {
    folder.write("out/a.txt", "old and longer");
    const seen = await folder.see(`
inputs: { name: a }
tasks:
  a: { write: "out/\${{ inputs.name }}.txt", content: "né" }
  b: { write: deep/er/b.json, content: { rows: [1, "\${{ tasks.a.bytes }}"] } }
  seen:
    module: ./tools.mjs#see
    with: { path: "\${{ tasks.a.path }}", bytes: "\${{ tasks.a.bytes }}", json: "\${{ tasks.b.path }}" }
`);
    expect(seen).toEqual({
      path: folder.at("out/a.txt"),
      bytes: 3,
      json: folder.at("deep/er/b.json"),
    });
    expect(readFileSync(folder.at("out/a.txt"), "utf8")).toBe("né");
    expect(JSON.parse(readFileSync(folder.at("deep/er/b.json"), "utf8"))).toEqual({ rows: [1, 3] });
    expect(readdirSync(folder.at("out"))).toEqual(["a.txt"]);
  });

  test("writes a text as it is, and a value of any other type as JSON", async () => {
    await folder.run(`
tasks:
  list: { module: "./tools.mjs#see", with: [1, { a: null }] }
  text: { module: "./tools.mjs#see", with: "plain\\n" }
  a: { write: a, content: "\${{ tasks.list.value }}" }
  b: { write: b, content: "\${{ tasks.text.value }}" }
  c: { write: c, content: "<\${{ tasks.list.value }}>" }
`);
    expect(JSON.parse(readFileSync(folder.at("a"), "utf8"))).toEqual([1, { a: null }]);
    expect(readFileSync(folder.at("b"), "utf8")).toBe("plain\n");
    expect(readFileSync(folder.at("c"), "utf8")).toBe('<[1,{"a":null}]>');
  });
});

describe("a task whose paths are known only when it runs", () => {
  const outside = (path: string): string =>
    `a path outside of what it claims to: ${path}; add it to`;

  test("is refused where it would leave the folder that it claims", async () => {
    folder.write("in/a.txt", "a");
    folder.write("secret.txt", "secret");
    const result = await folder.run(`
failure: continue
tasks:
  name: { module: "./tools.mjs#see", with: ../secret.txt }
  read: { read: "in/\${{ tasks.name.value }}" }
  search: { search: secret, in: "in/\${{ tasks.name.value }}" }
  write: { write: "in/\${{ tasks.name.value }}", content: hacked }
`);
    const secret = folder.at("secret.txt");
    expect(failureOf(result, "read")).toBe(
      `Cannot go on as task "read" reads ${outside(secret)} "reads"`,
    );
    expect(failureOf(result, "search")).toContain(outside(secret));
    expect(failureOf(result, "write")).toBe(
      `Cannot go on as task "write" writes ${outside(secret)} "writes"`,
    );
    expect(readFileSync(secret, "utf8")).toBe("secret");
  });

  test.skipIf(process.platform === "win32")(
    "is refused where a link would lead it out of the folder that it claims",
    async () => {
      folder.write("secret/a.txt", "secret");
      folder.write("in/b.txt");
      symlinkSync(folder.at("secret"), folder.at("in/link"));
      const result = await folder.run(`
tasks:
  name: { module: "./tools.mjs#see", with: link/a.txt }
  write: { write: "in/\${{ tasks.name.value }}", content: hacked }
`);
      expect(failureOf(result, "write")).toContain(outside(folder.at("in/link/a.txt")));
      expect(readFileSync(folder.at("secret/a.txt"), "utf8")).toBe("secret");
    },
  );

  test("is let go on where it claims what it finds, reading also what it claims to write", async () => {
    folder.write("data/a.txt", "a");
    folder.write("own/b.txt", "b");
    const result = await folder.run(`
tasks:
  name: { module: "./tools.mjs#see", with: a.txt }
  read: { read: "data/\${{ tasks.name.value }}" }
  other: { module: "./tools.mjs#see", with: ../own/b.txt }
  own: { read: "data/\${{ tasks.other.value }}", writes: own }
  write: { write: "out/\${{ tasks.name.value }}", content: "\${{ tasks.read.text }}" }
`);
    expect(statuses(result)).toEqual({
      name: "completed",
      read: "completed",
      other: "completed",
      own: "completed",
      write: "completed",
    });
    expect(valueOf(result, "write")).toEqual({ path: folder.at("out/a.txt"), bytes: 1 });
  });

  test("does not start for an item of a list that would leave what all of it claims", async () => {
    folder.write("names.json", '["a.txt", "../b.txt"]');
    const result = await folder.run(`
tasks:
  names: { read: names.json }
  write: { each: "\${{ tasks.names.json }}", do: { write: "out/\${{ item }}", content: x } }
`);
    expect(failureOf(result, "write")).toMatch(
      /^Cannot start task "write\[\.\.\/b\.txt\]" as it writes ".*\/b\.txt", which task "write" around it does not claim$/,
    );
    expect(existsSync(folder.at("b.txt"))).toBe(false);
  });
});
