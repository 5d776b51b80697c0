import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/system/run-command.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

/** Whether any process has this text in its command line. */
function isRunning(mark: string): boolean {
  const list = execFileSync("ps", ["-eo", "stat,args"], { encoding: "utf8" });
  return list.split("\n").some((line) => line.includes(mark) && !line.startsWith("Z"));
}

describe.skipIf(process.platform === "win32")("runCommand", () => {
  test("hands on lines of both streams, and tells the exit code", async () => {
    const lines: string[] = [];
    const result = await runCommand({
      command: "echo one; echo two >&2; printf three; exit 3",
      signal: idle,
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(lines.toSorted()).toEqual(["stderr two", "stdout one", "stdout three"]);
    expect(result).toMatchObject({ exitCode: 3, signal: undefined });
  });

  test("hands a list of arguments on as they are", async () => {
    const { tail } = await runCommand({
      command: ["printf", "%s\\n", "$(id)", "a b"],
      signal: idle,
    });
    expect(tail).toEqual(["$(id)", "a b"]);
  });

  test("closes standard input", async () => {
    const { tail } = await runCommand({ command: "cat; echo end", signal: idle });
    expect(tail).toEqual(["end"]);
  });

  test("rejects when the program does not exist", async () => {
    const run = runCommand({ command: ["no-such-program-here"], signal: idle });
    await expect(run).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: expect.stringContaining("no-such-program-here") as string,
    });
  });

  test("keeps only the last lines of a long output", async () => {
    const { tail } = await runCommand({ command: "seq 1 200000", signal: idle });
    expect(tail).toHaveLength(50);
    expect(tail.at(-1)).toBe("200000");
  });

  test("cuts a line that never ends", async () => {
    const { tail } = await runCommand({
      command: "head -c 3000000 /dev/zero | tr '\\0' x",
      signal: idle,
    });
    expect(tail).toEqual([`${"x".repeat(8192)}… and 2,991,808 more characters`]);
  });

  test("ends at an abort, with all its group, when it listens to SIGTERM", async () => {
    const controller = new AbortController();
    const result = await runCommand({
      command: "sleep 3917 & echo ready; wait",
      signal: controller.signal,
      onLine: () => controller.abort(),
    });
    expect(result.signal).toBe("SIGTERM");
    expect(isRunning("sleep 3917")).toBe(false);
  });

  test("kills a grandchild that ignores SIGTERM after the grace", async () => {
    const controller = new AbortController();
    await runCommand({
      command: `sh -c 'trap "" TERM; echo ready; while :; do sleep 3918; done' & wait`,
      signal: controller.signal,
      graceMs: 50,
      onLine: () => controller.abort(),
    });
    expect(isRunning("sleep 3918")).toBe(false);
  });

  test("ends what a command left in the background when it exited", async () => {
    const { exitCode } = await runCommand({ command: "sleep 3919 & echo done", signal: idle });
    expect(exitCode).toBe(0);
    expect(isRunning("sleep 3919")).toBe(false);
  });

  test("hands on a text as its input, of any length", async () => {
    const text = "é".repeat(500_000);
    const result = await runCommand({ command: ["cat"], stdin: { text }, signal: idle });
    expect(result.stdout.bytes).toBe(1_000_000);
    expect(result.stdout.head.toString()).toBe(text.slice(0, result.stdout.head.length / 2));
  });

  test("lets a command leave its input unread", async () => {
    const stdin = { text: "x".repeat(1_000_000) };
    const result = await runCommand({ command: "exec 0<&-; echo done", stdin, signal: idle });
    expect(result).toMatchObject({ exitCode: 0, tail: ["done"] });
  });

  test("lets a command read a file as its input", async () => {
    const file = folder.write("input", "one\ntwo\n");
    const { tail } = await runCommand({ command: "cat; echo end", stdin: { file }, signal: idle });
    expect(tail).toEqual(["one", "two", "end"]);
  });

  test("rejects when the file that it is to read is missing", async () => {
    const run = runCommand({ command: "cat", stdin: { file: "/missing/file" }, signal: idle });
    await expect(run).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: 'Cannot read the input of "cat" as it does not exist: /missing/file',
    });
  });

  test("keeps both outputs whole in their files, to the last byte", async () => {
    const result = await runCommand({
      command: "seq 1 100000; seq 1 50000 >&2; printf end",
      stdoutFile: folder.at("out"),
      stderrFile: folder.at("err"),
      signal: idle,
    });
    const numbers = (count: number): string =>
      Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");
    expect(readFileSync(folder.at("out"), "utf8")).toBe(`${numbers(100_000)}end`);
    expect(readFileSync(folder.at("err"), "utf8")).toBe(numbers(50_000));
    expect(result.stdout).toMatchObject({ file: folder.at("out"), lost: undefined });
  });

  test.skipIf(!existsSync("/dev/full"))("runs to its end where the disk is full", async () => {
    const result = await runCommand({
      command: "seq 1 100000; exit 3",
      stdoutFile: "/dev/full",
      signal: idle,
    });
    expect(result).toMatchObject({
      exitCode: 3,
      stdout: { bytes: 588_895, file: undefined, lost: { code: "ENOSPC" } },
    });
    expect(result.tail.at(-1)).toBe("100000");
  });

  test("runs in its folder, with its variables beside those of this process", async () => {
    const { tail } = await runCommand({
      command: 'pwd; echo "$WORD:${PATH:+path}"',
      cwd: folder.path,
      env: { WORD: "word" },
      signal: idle,
    });
    expect(tail).toEqual([folder.path, "word:path"]);
  });

  test.skipIf(process.platform !== "linux")(
    "ends a marked process that left its group, when it is aborted",
    async () => {
      const controller = new AbortController();
      const result = await runCommand({
        command: "setsid sh -c 'echo ready; exec sleep 3916' & wait",
        signal: controller.signal,
        mark: `test-${randomUUID()}`,
        onLine: () => controller.abort(),
      });
      expect(result.signal).toBe("SIGTERM");
      expect(isRunning("sleep 3916")).toBe(false);
    },
  );

  test("gives the group and whoever left it one grace together", async () => {
    const controller = new AbortController();
    const graces: number[] = [];
    const stubborn = `trap "" TERM; echo ready; while :; do sleep 3915; done`;
    let ready = 0;
    const result = await runCommand({
      command: `setsid sh -c '${stubborn}' & sh -c '${stubborn}' & ${stubborn}`,
      signal: controller.signal,
      graceMs: 60_000,
      mark: `test-${randomUUID()}`,
      clock: {
        now: () => 0,
        schedule(delayMs, callback) {
          graces.push(delayMs);
          const timer = setImmediate(callback);
          return { cancel: () => clearImmediate(timer) };
        },
      },
      onLine: () => (ready += 1) === 3 && controller.abort(),
    });
    expect(result.signal).toBe("SIGKILL");
    expect(graces).toEqual([60_000]);
    expect(isRunning("sleep 3915")).toBe(false);
  });

  test.skipIf(process.platform !== "linux")(
    "asks whoever left the group while the group has its grace",
    async () => {
      const controller = new AbortController();
      const asked = folder.at("asked");
      const outside = `trap "echo > ${asked}; exit" TERM; echo ready; while :; do sleep 0.01; done`;
      let ready = 0;
      const { exitCode } = await runCommand({
        command: `setsid sh -c '${outside}' & trap "" TERM; echo ready; until [ -e ${asked} ]; do sleep 0.01; done; exit 3`,
        signal: controller.signal,
        graceMs: 60_000,
        mark: `test-${randomUUID()}`,
        onLine: () => (ready += 1) === 2 && controller.abort(),
      });
      expect(exitCode).toBe(3);
    },
  );

  test.skipIf(process.platform !== "linux")(
    "asks each process once, and leaves those alone that it starts to tidy up",
    async () => {
      const controller = new AbortController();
      const tidy = `head -c 3000000 /dev/zero | tail -c 1 >/dev/null && sleep 0.1 && echo tidied`;
      const polite = `trap "echo asked; ${tidy}; exit" TERM; echo ready; while :; do sleep 0.01; done`;
      const said: string[] = [];
      await runCommand({
        command: `setsid sh -c '${polite}' & sh -c '${polite}' & wait`,
        signal: controller.signal,
        graceMs: 60_000,
        mark: `test-${randomUUID()}`,
        onLine(line, stream) {
          if (stream === "stdout" && said.push(line) === 2) {
            controller.abort();
          }
        },
      });
      expect(said.toSorted()).toEqual(["asked", "asked", "ready", "ready", "tidied", "tidied"]);
    },
  );

  test("does not start when it was aborted before", async () => {
    const run = runCommand({
      command: "echo no",
      signal: AbortSignal.abort(new Error("too late")),
    });
    await expect(run).rejects.toThrow("too late");
  });
});
