import { chmodSync, existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandError, type CommandValue } from "../../src/plan/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

/** A task that prints the bytes of this file, which no shell and no plan has seen. */
function printing(bytes: string | Uint8Array): string {
  folder.write("bytes", bytes);
  return "{ command: [cat, bytes] }";
}

/** Texts that mean something to a shell, to a plan, or to whoever cuts lines. */
const HOSTILE = [
  "; touch hacked; `touch hacked` $(touch hacked) | touch hacked",
  "'\"'\"\\'; touch hacked #",
  "${{ tasks.a.stdout }} $${{ x }} ${HOME} $1 %s %n \\n \\0",
  "-rf --help -- *",
  "* ? [a-z] {a,b} ~",
  "first\nsecond\r\nthird\n\nfifth",
  " spaces  around\t\u00a0 ",
  "é ☃ 😀 \u202e \u0001\u001b[31m\u007f",
  "EOF\nEOF",
];

/** Any text that can be an argument, with many characters that mean something to a shell. */
const argument = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."'\"`$(){}[]\\;|&<>*?~#!= \t\n\r-".split("")),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
    { maxLength: 40 },
  )
  .map((all) => Buffer.from(all.join("").replaceAll("\0", "")).toString());

/** As `$( )` leaves it. */
const withoutLineEnds = (text: string): string => text.replace(/(?:\r?\n)+$/, "");

describe.skipIf(process.platform === "win32")("a command task", () => {
  test("lets others see each field of its result", async () => {
    const seen = await folder.see(String.raw`
tasks:
  a: { command: 'printf "one\r\ntwo\n\nfour\n\n"; printf "oops\n" >&2' }
  b: { command: 'printf "{\"rows\": [1, {\"id\": \"x\"}]}"' }
  seen:
    module: ./tools.mjs#see
    with:
      stdout: ${"${{ tasks.a.stdout }}"}
      stderr: ${"${{ tasks.a.stderr }}"}
      lines: ${"${{ tasks.a.lines }}"}
      second: ${"${{ tasks.a.lines[1] }}"}
      exitCode: ${"${{ tasks.a.exitCode }}"}
      status: ${"${{ tasks.a.status }}"}
      json: ${"${{ tasks.b.json }}"}
      id: ${"${{ tasks.b.json.rows[-1].id }}"}
`);
    expect(seen).toEqual({
      stdout: "one\r\ntwo\n\nfour",
      stderr: "oops",
      lines: ["one", "two", "", "four"],
      second: "two",
      exitCode: 0,
      status: "completed",
      json: { rows: [1, { id: "x" }] },
      id: "x",
    });
  });

  test("lets others open the files of its output, also where there was none", async () => {
    const seen = await folder.see(`
tasks:
  a: { command: "echo out; echo err >&2" }
  none: { command: "true" }
  seen:
    command: [cat, "\${{ tasks.a.stdoutFile }}", "\${{ tasks.a.stderrFile }}", "\${{ tasks.none.stdoutFile }}"]
`);
    expect(seen).toMatchObject({ stdout: "out\nerr\n", stdoutBytes: 8 });
  });

  test("hands on more output than memory keeps, whole, as text, lines and JSON", async () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => index);
    folder.write("numbers", numbers.join("\n"));
    folder.write("numbers.json", JSON.stringify(numbers));
    const seen = await folder.see(`
tasks:
  a: { command: "cat numbers; cat numbers >&2" }
  b: { command: "cat numbers.json" }
  seen:
    module: ./tools.mjs#see
    with: ["\${{ tasks.a.stdout }}", "\${{ tasks.a.lines }}", "\${{ tasks.b.json }}", "\${{ tasks.a.stderr }}"]
`);
    const text = numbers.join("\n");
    expect(seen).toEqual([text, numbers.map(String), numbers, text]);
  });

  test("runs in the folder of the plan, or in its cwd below it, with its own variables", async () => {
    folder.write("deep/file");
    const { outcomes } = await folder.run(`
inputs: { where: deep }
tasks:
  a: { command: pwd }
  b: { command: "pwd; echo $A-$B-$C", cwd: "\${{ inputs.where }}", env: { A: 1, B: true, C: "\${{ inputs.where }}" } }
`);
    expect(outcomes["a"]).toMatchObject({ value: { stdout: `${folder.path}\n` } });
    expect(outcomes["b"]).toMatchObject({
      value: { stdout: `${folder.at("deep")}\n1-true-deep\n` },
    });
  });

  test("has an empty standard input unless the plan says otherwise", async () => {
    const { outcomes } = await folder.run(`
tasks:
  a: { command: "cat; echo end" }
  b: { command: "cat; echo end", stdin: "given, " }
`);
    expect(outcomes["a"]).toMatchObject({ value: { stdout: "end\n" } });
    expect(outcomes["b"]).toMatchObject({ value: { stdout: "given, end\n" } });
  });

  test("fails with its exit code and its last lines", async () => {
    const result = await folder.run("tasks: { a: { command: 'echo why >&2; exit 3' } }");
    expect(failureOf(result, "a")).toBe('"echo why >&2; exit 3" failed: exit code 3');
    expect(result.outcomes["a"]).toMatchObject({
      error: { code: "COMMAND_FAILED", result: { exitCode: 3, tail: ["why"] } },
    });
    expect(CommandError.isInstance(result.failures[0]?.error)).toBe(true);
  });

  test("leaves what it printed to those that run although it failed", async () => {
    const seen = await folder.see(`
failure: continue
tasks:
  a: { command: "seq 1 30000; echo why >&2; exit 3" }
  seen:
    after: [{ task: a, until: settled }]
    always: true
    module: ./tools.mjs#see
    with: ["\${{ tasks.a.exitCode }}", "\${{ tasks.a.stderr }}", "\${{ tasks.a.lines[-1] }}", "\${{ tasks.a.status }}"]
`);
    expect(seen).toEqual([3, "why", "30000", "failed"]);
  });

  test("leaves what it printed in time to those that run although it took too long", async () => {
    const clock = virtualClock({ autojump: false });
    let advanced: Promise<void> | undefined;
    const seen = await folder.see(
      `
tasks:
  a: { command: "echo before; exec sleep 60", timeout: 1m }
  seen:
    always: true
    module: ./tools.mjs#see
    with: ["\${{ tasks.a.stdout }}", "\${{ tasks.a.status }}"]
`,
      {
        clock,
        onLine: () => {
          advanced = clock.advance(60_000);
        },
      },
    );
    await advanced;
    expect(seen).toEqual(["before", "failed"]);
  });

  test("leaves nothing where it never started", async () => {
    const result = await folder.run(`
tasks:
  a: { command: [no-such-program-here] }
  b: { always: true, module: "./tools.mjs#see", with: "\${{ tasks.a.stdout }}" }
`);
    expect(failureOf(result, "b")).toBe(
      "Cannot use tasks.a.stdout as the task has left no result: failed",
    );
  });

  test.each([
    [
      "[no-such-program-here, x]",
      'Cannot start "no-such-program-here x" as no program of that name is on the PATH: no-such-program-here',
    ],
    ["[./plain]", 'Cannot start "./plain" as the file is not executable: ./plain'],
    ["[pwd], cwd: missing", 'Cannot start "pwd" as its folder does not exist or is not a folder: '],
    ["pwd, cwd: plain", 'Cannot start "pwd" as its folder does not exist or is not a folder: '],
    ["no-such-program-here", "the shell found no such program (exit code 127)"],
    ["./plain", "the shell found the program, which is not executable (exit code 126)"],
    ["kill -9 $$", '"kill -9 $$" failed: ended by SIGKILL'],
  ])("says why %s cannot be run", async (command, message) => {
    chmodSync(folder.write("plain", "text"), 0o644);
    const result = await folder.run(`tasks: { a: { command: ${command} } }`);
    expect(failureOf(result, "a")).toContain(message);
  });

  test.each(["x".repeat(300), `${"x".repeat(200)}/`.repeat(30), "a\0b"])(
    "fails where its folder has a name that no folder can have (%#)",
    async (name) => {
      folder.write("name.json", JSON.stringify(name));
      const result = await folder.run(`
tasks:
  a: { read: name.json }
  b: { command: pwd, cwd: "\${{ tasks.a.json }}" }
`);
      expect(failureOf(result, "b")).toContain('Cannot start "pwd"');
    },
  );

  test("fails where what it printed is no JSON, and shows how that begins", async () => {
    const result = await folder.run(`
tasks:
  a: { command: echo nothing }
  b: { module: "./tools.mjs#see", with: "\${{ tasks.a.json }}" }
`);
    expect(failureOf(result, "b")).toMatch(
      /^Cannot read the output as JSON: [^]*; it begins with "nothing\\n"$/,
    );
  });
});

describe.skipIf(process.platform === "win32")("what another task printed", () => {
  test.each(HOSTILE)("arrives in a shell command as it is: %j", async (text) => {
    const { outcomes } = await folder.run(`
tasks:
  a: ${printing(text)}
  bare: { command: "printf %s \${{ tasks.a.stdout }}" }
  quoted: { command: 'printf %s "\${{ tasks.a.stdout }}"' }
  document: { command: "cat <<EOF\\n\${{ tasks.a.stdout }}\\nEOF\\n" }
`);
    for (const name of ["bare", "quoted"]) {
      expect(outcomes[name]).toMatchObject({ value: { stdout: withoutLineEnds(text) } });
    }
    expect(outcomes["document"]).toMatchObject({ value: { stdout: `${withoutLineEnds(text)}\n` } });
    expect(existsSync(folder.at("hacked"))).toBe(false);
  });

  test("arrives as one argument, variable and input, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(argument, async (text) => {
        const result = await folder.run(`
tasks:
  a: ${printing(text)}
  list: { command: [printf, "%s", "\${{ tasks.a.stdout }}"] }
  shell: { command: "printf %s \${{ tasks.a.stdout }}" }
  env: { command: 'printf %s "$X"', env: { X: "<\${{ tasks.a.stdout }}>" } }
  stdin: { command: cat, stdin: "\${{ tasks.a.stdout }}" }
  part: { command: cat, stdin: "<\${{ tasks.a.stdout }}>" }
`);
        const printed = (name: string): string => (valueOf(result, name) as CommandValue).stdout;
        const trimmed = withoutLineEnds(text);
        expect(["list", "shell", "env", "stdin", "part"].map(printed)).toEqual([
          trimmed,
          trimmed,
          `<${trimmed}>`,
          text,
          `<${trimmed}>`,
        ]);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ["bytes of all values", Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ["more than memory keeps", Buffer.alloc(300_001, "é\0\n")],
    ["line ends alone", Buffer.from("\n\r\n\n")],
    ["half a character", Buffer.from([0x61, 0xe2, 0x82])],
    ["nothing", Buffer.alloc(0)],
  ])("arrives byte for byte as standard input and as content: %s", async (_, bytes) => {
    const result = await folder.run(`
tasks:
  a: ${printing(bytes)}
  error: { command: "cat bytes >&2" }
  copy: { command: "cat > copied", stdin: "\${{ tasks.a.stdout }}" }
  copyOfError: { command: "cat > copied-error", stdin: "\${{ tasks.error.stderr }}" }
  write: { write: written, content: "\${{ tasks.a.stdout }}" }
`);
    expect(result.status).toBe("completed");
    for (const name of ["copied", "copied-error", "written"]) {
      expect(readFileSync(folder.at(name)).equals(bytes)).toBe(true);
    }
  });

  test.each(["one\n", "\n\n", "", "é 😀\r\n"])(
    "arrives whole as standard input and as content without a folder for output: %j",
    async (text) => {
      const result = await folder.run(
        `
tasks:
  a: ${printing(text)}
  copy: { command: "cat > copied", stdin: "\${{ tasks.a.stdout }}" }
  write: { write: written, content: "\${{ tasks.a.stdout }}" }
`,
        { outputFolder: undefined },
      );
      expect(result.status).toBe("completed");
      expect(readFileSync(folder.at("copied"), "utf8")).toBe(text);
      expect(readFileSync(folder.at("written"), "utf8")).toBe(text);
    },
  );

  test.each([
    ["no text", Buffer.from([0xff, 0xfe, 0x00])],
    ["half a character", Buffer.from([0x61, 0xe2, 0x82])],
    ["longer than memory keeps", Buffer.alloc(20_000, "x")],
  ])("is refused, not changed, where it is not kept and is %s", async (_, bytes) => {
    const result = await folder.run(
      `
failure: continue
tasks:
  a: ${printing(bytes)}
  copy: { command: cat, stdin: "\${{ tasks.a.stdout }}" }
  write: { write: written, content: "\${{ tasks.a.stdout }}" }
`,
      { outputFolder: undefined },
    );
    for (const name of ["copy", "write"]) {
      expect(failureOf(result, name)).toContain("Cannot use an output that was not kept");
    }
    expect(existsSync(folder.at("written"))).toBe(false);
  });

  test.each([
    ["a text for the shell", 'command: "echo ${{ tasks.a.stdout }}"'],
    ["a list", 'command: [echo, "${{ tasks.a.stdout }}"]'],
    ["a variable", 'command: "true", env: { X: "${{ tasks.a.stdout }}" }'],
  ])("is refused in %s where it cannot be an argument, with the mend", async (_, task) => {
    for (const [bytes, reason] of [
      [Buffer.alloc(100_001, "x"), "is longer than 100000 bytes: 100001"],
      [Buffer.from("a\0b"), "has NUL bytes"],
    ] as const) {
      const result = await folder.run(`tasks: { a: ${printing(bytes)}, b: { ${task} } }`);
      expect(failureOf(result, "b")).toMatch(/^Cannot pass .* as an argument as it /);
      expect(failureOf(result, "b")).toContain(
        `${reason}; hand it over as stdin: \${{ … }}, or name its file with .stdoutFile`,
      );
    }
  });

  test("may be an argument of 100,000 bytes", async () => {
    const result = await folder.run(`
tasks:
  a: ${printing("é".repeat(50_000))}
  shell: { command: "printf %s \${{ tasks.a.stdout }} | wc -c" }
  list: { command: [sh, -c, 'printf %s "$1" | wc -c', sh, "\${{ tasks.a.stdout }}"] }
`);
    expect(statuses(result)).toEqual({ a: "completed", shell: "completed", list: "completed" });
    expect((valueOf(result, "list") as CommandValue).stdout.trim()).toBe("100000");
  });
});
