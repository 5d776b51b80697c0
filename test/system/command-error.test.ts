import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CommandError, failureOf } from "../../src/system/command-error.ts";
import { runCommand, type CommandOptions } from "../../src/system/run-command.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

type Command = CommandOptions["command"];

async function run(command: Command, options: Partial<CommandOptions> = {}) {
  return await runCommand({ command, signal: idle, ...options });
}

/** What is said of a command that cannot be started. */
async function refusal(command: Command, options: Partial<CommandOptions> = {}): Promise<string> {
  const error = await run(command, options).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(CommandError);
  expect(error).toMatchObject({ code: "COMMAND_FAILED", result: undefined });
  return (error as CommandError).message;
}

/** What is said of a command that ends with a failure. */
async function failure(command: Command): Promise<string> {
  const result = await run(command);
  const error = failureOf(command, result);
  expect(error.result).toBe(result);
  return error.message;
}

describe.skipIf(process.platform === "win32")("a command that cannot be started", () => {
  test("names the program that is not on the PATH", async () => {
    expect(await refusal(["no-such-program", "x"])).toBe(
      'Cannot start "no-such-program x" as no program of that name is on the PATH: no-such-program',
    );
  });

  // The user root may look into everything.
  test.skipIf(process.getuid?.() === 0)("takes no closed folder for a program", async () => {
    mkdirSync(folder.at("closed"), { mode: 0 });
    const env = { PATH: `${folder.at("closed")}:/usr/bin:/bin` };
    expect(await refusal(["no-such-program"], { env })).toContain("is on the PATH");
  });

  test("names the file that is no program", async () => {
    const program = folder.at("missing");
    expect(await refusal([program])).toBe(
      `Cannot start ${JSON.stringify(program)} as there is no such program: ${program}`,
    );
  });

  test("names the file that is not executable, found on the PATH or not", async () => {
    const file = folder.write("tool", "#!/bin/sh\n");
    expect(await refusal([file])).toContain(`as the file is not executable: ${file}`);
    const env = { PATH: `${folder.at("missing")}:${folder.path}` };
    expect(await refusal(["tool"], { env })).toBe(
      `Cannot start "tool" as the file is not executable: ${file}`,
    );
  });

  test("names the folder that does not exist, or is a file", async () => {
    for (const cwd of [folder.at("missing"), folder.write("file")]) {
      for (const command of ["true", ["true"], ["no-such-program"]] as const) {
        expect(await refusal(command, { cwd })).toContain(
          `as its folder does not exist or is not a folder: ${cwd}`,
        );
      }
    }
  });

  test("says that its arguments are too long, and repeats only their beginning", async () => {
    const words = "word ".repeat(1_000_000);
    expect(await refusal(["echo", words])).toBe(
      `Cannot start "echo ${words.slice(0, 55)}…" as its arguments and environment are longer than the system allows`,
    );
  });
});

describe.skipIf(process.platform === "win32")("failureOf", () => {
  test("says with which code a command ended, or by which signal", async () => {
    expect(await failure("exit 3")).toBe('"exit 3" failed: exit code 3');
    expect(await failure("kill -KILL $$")).toBe('"kill -KILL $$" failed: ended by SIGKILL');
  });

  test("puts into words what the shell says of a program", async () => {
    const file = folder.write("tool", "#!/bin/sh\n");
    chmodSync(file, 0o644);
    expect(await failure("no-such-program")).toBe(
      '"no-such-program" failed: the shell found no such program (exit code 127)',
    );
    expect(await failure(file)).toContain(
      "failed: the shell found the program, which is not executable (exit code 126)",
    );
  });

  test("takes the codes of the shell for nothing else where there is no shell", async () => {
    expect(await failure(["sh", "-c", "exit 127"])).toContain("failed: exit code 127");
    expect(await failure(["sh", "-c", "exit 126"])).toContain("failed: exit code 126");
  });

  test("names a command by the beginning of its first line", async () => {
    expect(await failure("exit 1\nsecond")).toBe('"exit 1…" failed: exit code 1');
    const long = `exit 1 # ${"x".repeat(60)}`;
    expect(await failure(long)).toBe(`"${long.slice(0, 60)}…" failed: exit code 1`);
    const exact = `exit 1 # ${"x".repeat(51)}`;
    expect(await failure(exact)).toBe(`"${exact}" failed: exit code 1`);
  });
});
