import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/system/run-command.ts";

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
    let longest = 0;
    await runCommand({
      command: "head -c 3000000 /dev/zero | tr '\\0' x",
      signal: idle,
      onLine: (line) => {
        longest = Math.max(longest, line.length);
      },
    });
    expect(longest).toBe(8192);
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

  test("does not start when it was aborted before", async () => {
    const run = runCommand({
      command: "echo no",
      signal: AbortSignal.abort(new Error("too late")),
    });
    await expect(run).rejects.toThrow("too late");
  });
});
