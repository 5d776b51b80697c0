// `fanfold exec`, as a user runs it.
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { fanfold, inFolder, whenPrinted } from "../support/fanfold.ts";
import { isGone } from "../support/is-gone.ts";

describe("fanfold exec", () => {
  test("runs commands, shows their output and the report, and exits with 0", async () => {
    await inFolder({}, async (cwd) => {
      const { code, stdout, stderr } = await fanfold(["exec", "echo one", "echo two"], { cwd });
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^── echo one ──\none\n/m);
      expect(stdout).toMatch(/^── echo two ──\ntwo\n/m);
      expect(stdout).toMatch(
        /^2 tasks in \d+ ms; one after another .+ Critical path: echo (one|two)\.$/m,
      );
      expect(code).toBe(0);
    });
  });

  test("shows output in the order given, whoever ends first", async () => {
    await inFolder({}, async (cwd) => {
      const gate = "until [ -e gate ]; do sleep 0.01; done; echo slow";
      const { stdout } = await fanfold(["exec", gate, "echo fast; touch gate"], { cwd });
      expect(stdout.indexOf("\nslow\n")).toBeGreaterThan(0);
      expect(stdout.indexOf("\nfast\n")).toBeGreaterThan(stdout.indexOf("\nslow\n"));
    });
  });

  test("exits with 1 when one failed, runs the others, and shows the last lines of the first failure", async () => {
    await inFolder({}, async (cwd) => {
      const { code, stdout } = await fanfold(["exec", "echo why; exit 4", "echo fine"], { cwd });
      expect(stdout).toMatch(/^✗ echo why; exit 4 .*exit code 4$/m);
      expect(stdout).toMatch(/^✓ echo fine /m);
      expect(stdout).toMatch(/^First failure: echo why; exit 4\n.*exit code 4\n {2}\| why$/m);
      expect(code).toBe(1);
    });
  });

  test("cancels the rest with --failure stop", async () => {
    await inFolder({}, async (cwd) => {
      const { code, stdout } = await fanfold(
        ["exec", "--failure", "stop", "exit 1", "sleep 3920"],
        { cwd },
      );
      expect(stdout).toMatch(/^■ sleep 3920 .*cancelled$/m);
      expect(code).toBe(1);
    });
  });

  test("takes nothing in a command for a reference", async () => {
    await inFolder({}, async (cwd) => {
      const { stdout } = await fanfold(["exec", "echo '${{ tasks.a.stdout }}'"], { cwd });
      expect(stdout).toMatch(/^\$\{\{ tasks\.a\.stdout \}\}$/m);
    });
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "cancels at the first %s, leaves nothing running, reports, and exits with its number",
    async (signal) => {
      await inFolder({}, async (cwd) => {
        const command = "echo $$ > pid; echo ready; sleep 3921 & wait";
        const { code, stdout } = await fanfold(["exec", "--output", "stream", command], {
          cwd,
          onOutput: whenPrinted("| ready", (pid) => process.kill(pid, signal)),
        });
        expect(stdout).toMatch(/^■ echo \$\$ .*cancelled$/m);
        expect(stdout).toMatch(/^1 task in /m);
        expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
        const group = Number(await readFile(`${cwd}/pid`, "utf8"));
        expect(await isGone(group)).toBe(true);
      });
    },
  );

  test("ends at once at a second signal, and kills what ignores the first", async () => {
    await inFolder({}, async (cwd) => {
      const command = "trap '' TERM; echo $$ > pid; echo ready; while true; do sleep 0.1; done";
      const second = whenPrinted("Cancelling", (pid) => process.kill(pid, "SIGINT"));
      const first = whenPrinted("| ready", (pid) => process.kill(pid, "SIGINT"));
      const { code } = await fanfold(["exec", "--output", "stream", command], {
        cwd,
        onOutput: (output, pid) => {
          first(output, pid);
          second(output, pid);
        },
      });
      expect(code).toBe(130);
      const group = Number(await readFile(`${cwd}/pid`, "utf8"));
      expect(await isGone(group)).toBe(true);
    });
  });

  test("stops when nobody reads its output any more", async () => {
    await inFolder({}, async (cwd) => {
      const { code } = await fanfold(["exec", "--output", "stream", "yes", "sleep 3922"], {
        cwd,
        hangsUp: true,
      });
      expect(code).toBe(141);
    });
  });

  test.each([
    [["exec"]],
    [["exec", "--limit", "0", "true"]],
    [["exec", "--limit", "2.5", "true"]],
    [["exec", "--failure", "maybe", "true"]],
    [["exec", "--output", "loud", "true"]],
    [["nonsense"]],
  ])("exits with 2 for %j", async (args) => {
    const { code, stderr } = await fanfold(args);
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
  });

  test.each([
    [["exec", ""], 1],
    [["exec", "true", " \n"], 2],
  ])("refuses an empty command: %j", async (args, number) => {
    const { code, stdout, stderr } = await fanfold(args);
    expect(stderr).toBe(`Cannot run command number ${number} as it is empty\n`);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
