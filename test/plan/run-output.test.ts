import { existsSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandPlan } from "../../src/plan/command-plan.ts";
import { runPlan, type CommandValue } from "../../src/plan/index.ts";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

const LARGE = "seq 1 30000";

describe.skipIf(process.platform === "win32")("the output of commands", () => {
  test("stands in files that are called as their tasks are, one for each attempt and stream", async () => {
    const { outcomes } = await folder.run(`
tasks:
  a: { command: "echo out; echo err >&2" }
  b: { command: "echo try >> tries; cat tries; test -e second || { touch second; exit 1; }", retry: { attempts: 2, delay: 0ms } }
  quiet: { command: "true" }
  e: { each: [x/y, x/y, "../z"], do: { command: "echo \${{ index }}" } }
`);
    const file = (name: string): string => folder.at(`logs/${name}`);
    expect(outcomes["a"]).toMatchObject({
      value: { stdoutFile: file("a.stdout"), stderrFile: file("a.stderr"), lost: undefined },
    });
    expect(outcomes["b"]).toMatchObject({ value: { stdoutFile: file("b~attempt-2.stdout") } });
    expect(outcomes["quiet"]).toMatchObject({ value: { stdoutFile: undefined, stdoutBytes: 0 } });
    const text = (name: string): string => readFileSync(file(name), "utf8");
    expect(
      Object.fromEntries(readdirSync(folder.at("logs")).map((name) => [name, text(name)])),
    ).toEqual({
      "a.stdout": "out\n",
      "a.stderr": "err\n",
      "b.stdout": "try\n",
      "b~attempt-2.stdout": "try\ntry\n",
      "e_0_.stdout": "0\n",
      "e_1_.stdout": "1\n",
      "e_.._z_.stdout": "2\n",
    });
  });

  test("is read by nobody else", async () => {
    await folder.run("tasks: { a: { command: echo secret } }");
    expect(statSync(folder.at("logs/a.stdout")).mode & 0o077).toBe(0);
  });

  test("has a file of its own, in its folder, for any name", async () => {
    const name = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "../../x",
        "/etc/x",
        "a",
        "A",
        "a~2",
        "a.2",
        "a b",
        "é",
        "x".repeat(300),
        "a\nb",
        "\ud800",
      ),
      fc.string({ unit: "binary", minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 3, maxLength: 5 }), async (names) => {
        const plan = commandPlan(["true", ...names], { folder: folder.path, failure: "continue" });
        const tasks = plan.tasks.map((task, index) => ({
          ...task,
          settings: { command: ["echo", `${index}`] as const },
        }));
        folder.write("logs/keep");
        const result = await runPlan({ ...plan, tasks }, { outputFolder: folder.at("logs") });
        const files = Object.values(result.outcomes).map(({ key }, index) => {
          const { stdoutFile = "" } = valueOf(result, key) as CommandValue;
          expect(readFileSync(stdoutFile, "utf8")).toBe(`${index}\n`);
          expect(dirname(stdoutFile)).toBe(folder.at("logs"));
          return stdoutFile.toLowerCase();
        });
        expect(new Set(files).size).toBe(files.length);
        rmSync(folder.at("logs"), { recursive: true });
      }),
      // Each name is a process: many in one run meet each other more often than as many in several.
      { numRuns: 2, examples: [[["a", "A", "a b", "a?b"]]] },
    );
  });

  test("is lost where its folder is missing; the command ends as ever, and says so", async () => {
    const result = await folder.run(
      `
failure: continue
tasks:
  a: { command: "${LARGE}; echo err >&2" }
  small: { command: "echo small" }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.small.stdout }}", "\${{ tasks.a.exitCode }}", "\${{ tasks.a.stderr }}"] }
  text: { module: "./tools.mjs#see", with: "\${{ tasks.a.stdout }}" }
  file: { module: "./tools.mjs#see", with: "\${{ tasks.small.stdoutFile }}" }
  input: { command: cat, stdin: "\${{ tasks.a.stdout }}" }
  copy: { write: copied, content: "\${{ tasks.a.stdout }}" }
`,
      { outputFolder: folder.at("missing") },
    );
    expect(result.outcomes["a"]).toMatchObject({
      status: "completed",
      value: {
        exitCode: 0,
        stdoutBytes: 168_894,
        stdoutFile: undefined,
        lost: expect.stringContaining("ENOENT") as string,
      },
    });
    expect(valueOf(result, "seen")).toEqual(["small", 0, "err"]);
    for (const name of ["text", "file", "input", "copy"]) {
      expect(failureOf(result, name)).toMatch(/^Cannot use an output that was not kept: ENOENT/);
    }
    expect(existsSync(folder.at("copied"))).toBe(false);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "is lost where the disk is full; the command ends as ever, and says so",
    async () => {
      folder.write("logs/keep");
      symlinkSync("/dev/full", folder.at("logs/a.stdout"));
      const result = await folder.run("tasks: { a: { command: 'seq 1 30000; echo end >&2' } }");
      expect(result.outcomes["a"]).toMatchObject({
        status: "completed",
        value: {
          stdoutBytes: 168_894,
          stdoutFile: undefined,
          stderr: "end\n",
          stderrFile: folder.at("logs/a.stderr"),
          lost: expect.stringContaining("ENOSPC") as string,
        },
      });
    },
  );

  test("beyond what memory keeps is refused without a folder, and the rest is there", async () => {
    const result = await folder.run(
      `
failure: continue
tasks:
  a: { command: "${LARGE}" }
  small: { command: "echo small" }
  lines: { module: "./tools.mjs#see", with: "\${{ tasks.a.lines }}" }
  file: { module: "./tools.mjs#see", with: "\${{ tasks.a.stdoutFile }}" }
  seen: { module: "./tools.mjs#see", with: "\${{ tasks.small.lines }}" }
`,
      { outputFolder: undefined },
    );
    expect(statuses(result)).toMatchObject({ a: "completed", seen: "completed" });
    for (const name of ["lines", "file"]) {
      expect(failureOf(result, name)).toBe(
        "Cannot use an output that was not kept: there is no folder for it",
      );
    }
  });

  test("is handed on line by line, under the name of its task", async () => {
    const lines: string[] = [];
    await folder.run(
      "tasks: { a: { command: 'echo one; echo two' }, e: { each: [x], do: { command: 'echo err >&2' } } }",
      { onLine: (key, line, stream) => lines.push(`${key} ${stream} ${line}`) },
    );
    expect(lines.filter((line) => line.startsWith("a"))).toEqual(["a stdout one", "a stdout two"]);
    expect(lines.filter((line) => line.startsWith("e"))).toEqual(["e[x] stderr err"]);
  });
});
