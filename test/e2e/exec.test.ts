// The built command, as a user runs it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const MAIN = join(fileURLToPath(new URL("../..", import.meta.url)), "dist/cli/main.js");

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `fanfold` and calls `onOutput` with all that it has printed so far. */
function fanfold(
  args: readonly string[],
  onOutput?: (output: string, pid: number) => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const add = (chunk: Buffer): void => {
      output += chunk.toString();
      onOutput?.(output, child.pid ?? 0);
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

describe("fanfold exec", () => {
  test("runs commands, shows their lines and the report, and exits with 0", async () => {
    const { code, output } = await fanfold(["exec", "echo one", "echo two"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^1 \| one$/m);
    expect(output).toMatch(/^2 \| two$/m);
    expect(output).toMatch(
      /^2 tasks in \d+ ms; one after another .+ Critical path: echo (one|two)\.$/m,
    );
  });

  test("exits with 1 when one failed, runs the others, and shows the last lines of the first failure", async () => {
    const { code, output } = await fanfold(["exec", "echo why; exit 4", "echo fine"]);
    expect(code).toBe(1);
    expect(output).toMatch(/^failed {5}echo why; exit 4$/m);
    expect(output).toMatch(/^completed {2}echo fine$/m);
    expect(output).toMatch(/^The first failure, "echo why; exit 4", ended with:\n {2}why$/m);
  });

  test("cancels the rest with --failure stop", async () => {
    const { code, output } = await fanfold(["exec", "--failure", "stop", "exit 1", "sleep 3920"]);
    expect(code).toBe(1);
    expect(output).toMatch(/^cancelled {2}sleep 3920$/m);
  });

  test("cancels at the first signal, still reports, and exits with 130", async () => {
    let sent = false;
    const { code, output } = await fanfold(["exec", "echo ready; sleep 3921"], (soFar, pid) => {
      if (!sent && soFar.includes("ready")) {
        sent = true;
        process.kill(pid, "SIGINT");
      }
    });
    expect(code).toBe(130);
    expect(output).toMatch(/^cancelled {2}echo ready; sleep 3921$/m);
    expect(output).toMatch(/^1 task in /m);
  });

  test.each([
    [["exec"]],
    [["exec", "--limit", "0", "true"]],
    [["exec", "--failure", "maybe", "true"]],
    [["nonsense"]],
  ])("exits with 2 for %j", async (args) => {
    expect((await fanfold(args)).code).toBe(2);
  });
});
