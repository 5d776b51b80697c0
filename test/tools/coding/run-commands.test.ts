import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RunCommandsOutput } from "../../../src/tools/coding/run-commands.ts";
import type { CodingToolsOptions } from "../../../src/tools/coding/settings.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { call, isWindows, type Called } from "./work-folder.ts";

const folder = temporaryFolder();

type Command = { readonly command: string } & Readonly<Record<string, unknown>>;

async function run(
  commands: readonly (string | Command)[],
  options: Partial<CodingToolsOptions> & { readonly signal?: AbortSignal } = {},
): Promise<Called<RunCommandsOutput>> {
  const input = {
    commands: commands.map((each) => (typeof each === "string" ? { command: each } : each)),
  };
  return await call<RunCommandsOutput>("run_commands", input, { root: folder.path, ...options });
}

/** Waits until all of those who are in it at the same time have come: `count` of them. */
function meet(count: number): string {
  return `touch "here-$$"; until [ "$(ls here-* | wc -l)" -ge ${count} ]; do sleep 0.01; done; echo met`;
}

/** Whether a process is there, which may have ended and not be noticed yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe.skipIf(isWindows)("run_commands", () => {
  test("gives each command its own outcome", async () => {
    folder.write("a", "text");
    const { output, text } = await run([
      "grep nothing a",
      "echo out; echo err >&2",
      "exit 3",
      "kill -9 $$",
      "no-such-program",
      { command: "pwd", cwd: "none" },
      { command: "pwd", cwd: "a" },
      "cat; printf 'done without a line end'",
    ]);
    expect(output.commands.map(({ status }) => status)).toEqual([
      "exited",
      "exited",
      "exited",
      "killed",
      "exited",
      "not-started",
      "not-started",
      "exited",
    ]);
    expect(text).toBe(
      [
        "$ grep nothing a\n(exit code 1)",
        "$ echo out; echo err >&2\n(exit code 0)\nout\nstderr:\nerr",
        "$ exit 3\n(exit code 3)",
        "$ kill -9 $$\n(ended by SIGKILL)",
        "$ no-such-program\n(exit code 127)\nstderr:\n/bin/sh: 1: no-such-program: not found",
        "$ pwd\n(not started: Cannot run a command in a folder as it does not exist: none)",
        "$ pwd\n(not started: Cannot run a command in a folder as it is a file: a)",
        "$ cat; printf 'done without a line end'\n(exit code 0)\ndone without a line end",
      ].join("\n"),
    );
  });

  test("runs commands at once, as many as the limit lets", async () => {
    const { output } = await run([meet(3), meet(3), meet(3)]);
    expect(output.commands).toMatchObject([1, 2, 3].map(() => ({ stdout: "met\n" })));
    const alone = "mkdir lock || echo overlap; sleep 0.02; rmdir lock";
    const { output: others } = await run([alone, alone, alone], { limits: { commands: 1 } });
    expect(others.commands).toMatchObject([1, 2, 3].map(() => ({ exitCode: 0, stdout: "" })));
  });

  test("orders commands where they say that they touch the same, and only there", async () => {
    // The second waits for the first, and the third for neither: without it the first would not end.
    const { text } = await run([
      { command: "until [ -e go ]; do sleep 0.01; done; echo first > a", writes: ["a"] },
      { command: "cat a", reads: ["./a"] },
      { command: "touch go", writes: ["go"] },
    ]);
    expect(text).toContain("$ cat a\n(exit code 0)\nfirst");
    const { text: inFolder } = await run([
      { command: "sleep 0.05; echo 1 > sub", writes: ["port:3000"] },
      { command: "cat sub", reads: ["port:3000"] },
    ]);
    expect(inFolder).toContain("$ cat sub\n(exit code 0)\n1");
  });

  test("stops a command that takes too long, and keeps what it printed", async () => {
    const { output, text } = await run(
      [
        { command: "echo begun; sleep 60", timeoutMs: 300 },
        {
          command: "trap 'sleep 1; echo late' TERM; echo deaf; while :; do sleep 0.1; done",
          timeoutMs: 300,
        },
        "echo other",
      ],
      { commandGraceMs: 50 },
    );
    expect(output.commands).toMatchObject([
      { status: "timed-out", stdout: "begun\n" },
      { status: "timed-out", stdout: "deaf\n" },
      { status: "exited", stdout: "other\n" },
    ]);
    expect(text).toContain(
      "(stopped as it took longer than 300 ms; this is what it printed until then. Set timeoutMs for more time)\nbegun",
    );
  });

  test("ends what a command leaves behind in the background, also one that does not listen", async () => {
    const { output } = await run(
      ["sleep 60 & echo $!", "sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $!"],
      { commandGraceMs: 50 },
    );
    const pids = output.commands.map((each) => Number("stdout" in each ? each.stdout : 0));
    expect(pids.every((pid) => pid > 0)).toBe(true);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test("ends its commands when it is cancelled, those that left their group too", async () => {
    const stop = new AbortController();
    const running = run(
      ["echo $$ > one; sleep 60", "setsid sh -c 'echo $$ > two; sleep 60'", "touch never"],
      { signal: stop.signal, limits: { commands: 2 } },
    );
    const cancelled = expect(running).rejects.toThrow("cancelled");
    const hasBegun = (name: string): boolean =>
      existsSync(folder.at(name)) && readFileSync(folder.at(name), "utf8").endsWith("\n");
    while (!hasBegun("one") || !hasBegun("two")) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    stop.abort();
    await cancelled;
    const pids = ["one", "two"].map((name) => Number(readFileSync(folder.at(name), "utf8")));
    expect(pids.filter(isAlive)).toEqual(process.platform === "linux" ? [] : [pids[1]]);
    expect(existsSync(folder.at("never"))).toBe(false);
  });

  test("keeps the beginning and the end of much output, shares the room, and says what is missing", async () => {
    const { output, text } = await run(["seq 100000", "echo small", "seq 100000 >&2"], {
      maxResultBytes: 4000,
    });
    const [much] = output.commands;
    const { stdout } = much as { readonly stdout: string };
    expect(stdout.length).toBeLessThan(70_000);
    expect(stdout).toMatch(/^1\n2\n[^…]*\n… [\d,]+ bytes left out …\n\d+\n[^…]*99999\n100000\n$/);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4000);
    expect(text).toContain("$ echo small\n(exit code 0)\nsmall\n");
    expect(text.match(/99999\n100000/g)).toHaveLength(2);
  });

  test("shows no signs for terminals, and no half characters", async () => {
    const { text } = await run(["printf '\\033[31mred\\033[0m \\303'"]);
    expect(text).toBe("$ printf '\\033[31mred\\033[0m \\303'\n(exit code 0)\nred \ufffd");
  });
});
