import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TimedOutError } from "../../src/index.ts";
import type { PlanRunOptions } from "../../src/plan/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";
import { planFolder, statuses } from "./run-yaml.ts";

const folder = planFolder();

/** A command that does not end by itself, and that no other test starts. */
const endless = (name = "endless"): string => `tail -f ${folder.write(name)}`;

/** Whether anything that was told of a file of this test still runs. Those that nobody has waited for do not count. */
function isRunning(name = ""): boolean {
  const list = execFileSync("ps", ["-eo", "stat,args"], { encoding: "utf8" });
  return list.split("\n").some((line) => line.includes(folder.at(name)) && !line.startsWith("Z"));
}

/** Cancels a run when so many lines were printed. */
function cancelAfter(lines: number): { signal: AbortSignal; onLine: () => void } {
  const controller = new AbortController();
  let left = lines;
  return {
    signal: controller.signal,
    onLine: () => {
      left -= 1;
      if (left === 0) {
        controller.abort(new Error("enough"));
      }
    },
  };
}

/** A clock on which a minute passes when the first line is printed, and a way to wait until it has. */
function timeAtLine(): { onTime: () => Promise<void>; options: PlanRunOptions } {
  const clock = virtualClock({ autojump: false });
  let advanced: Promise<void> | undefined;
  const onLine = (): void => {
    advanced ??= clock.advance(60_000);
  };
  return { onTime: async () => await advanced, options: { clock, onLine } };
}

describe.skipIf(process.platform === "win32")("a cancelled plan", () => {
  test("leaves nothing running, starts nothing more, and then runs teardown", async () => {
    const result = await folder.run(
      `
limits: { narrow: 1 }
tasks:
  a: { command: "${endless()} & echo ready; wait", limit: narrow }
  e: { each: [1], do: { command: "echo ready; exec ${endless()}" } }
  waits: { command: touch waited, limit: narrow }
  later: { after: a, command: touch later }
  teardown: { after: [a, later], always: true, command: 'echo "$A" > torn-down', env: { A: "\${{ tasks.a.status }} \${{ tasks.later.status }} \${{ tasks.a.stdout }}" } }
`,
      cancelAfter(2),
    );
    expect(result.status).toBe("cancelled");
    expect(statuses(result)).toEqual({
      a: "cancelled",
      e: "cancelled",
      waits: "cancelled",
      later: "cancelled",
      teardown: "completed",
    });
    expect(result.outcomes["a"]).toMatchObject({ reason: new Error("enough"), abandoned: false });
    expect(result.failures).toEqual([]);
    expect(readFileSync(folder.at("torn-down"), "utf8")).toBe("cancelled cancelled ready\n");
    expect(["waited", "later"].filter((name) => existsSync(folder.at(name)))).toEqual([]);
    expect(isRunning()).toBe(false);
  });

  test("lets teardown that runs already go on to its end", async () => {
    const result = await folder.run(
      `tasks: { a: { always: true, command: "echo ready; cat; echo done > done" } }`,
      cancelAfter(1),
    );
    expect(statuses(result)).toEqual({ a: "completed" });
    expect(existsSync(folder.at("done"))).toBe(true);
  });

  test("runs only teardown where it was cancelled before it started", async () => {
    const result = await folder.run(
      "tasks: { a: { command: touch a }, b: { always: true, command: touch b } }",
      { signal: AbortSignal.abort("early") },
    );
    expect(statuses(result)).toEqual({ a: "cancelled", b: "completed" });
    expect([existsSync(folder.at("a")), existsSync(folder.at("b"))]).toEqual([false, true]);
  });

  test("kills after the grace what ignores the signal, also a child of a child", async () => {
    const result = await folder.run(
      `
tasks:
  a: { command: "sh -c 'trap \\"\\" TERM; echo ready; while :; do ${endless()}; done' & wait" }
  b: { command: "trap '' TERM; echo ready; while :; do ${endless()}; done" }
`,
      { graceMs: 50, ...cancelAfter(2) },
    );
    expect(statuses(result)).toEqual({ a: "cancelled", b: "cancelled" });
    expect(result.outcomes["b"]).toMatchObject({ abandoned: false });
    expect(isRunning()).toBe(false);
  });

  test("heeds the grace of a task before that of the run", async () => {
    const result = await folder.run(
      `tasks: { a: { command: "trap '' TERM; echo ready; while :; do ${endless()}; done", grace: 10ms } }`,
      { graceMs: 60_000, ...cancelAfter(1) },
    );
    expect(result.outcomes["a"]).toMatchObject({ status: "cancelled", abandoned: false });
    expect(isRunning()).toBe(false);
  });

  test.skipIf(process.platform !== "linux")(
    "finds what has left the group of its command, also where that ignores the signal",
    async () => {
      const result = await folder.run(
        `
tasks:
  a: { command: "setsid sh -c 'trap \\"\\" TERM; echo ready; while :; do ${endless()}; done' & wait" }
`,
        { graceMs: 50, ...cancelAfter(1) },
      );
      expect(statuses(result)).toEqual({ a: "cancelled" });
      expect(isRunning()).toBe(false);
    },
  );

  test("lets a command end in its own way within the grace, and keeps what it printed", async () => {
    const seen = await folder.see(
      `
tasks:
  a: { command: "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.01; done" }
  seen: { always: true, module: "./tools.mjs#see", with: ["\${{ tasks.a.lines }}", "\${{ tasks.a.status }}", "\${{ tasks.a.exitCode }}"] }
`,
      cancelAfter(1),
    );
    expect(seen).toEqual([["ready", "goodbye"], "cancelled", 0]);
  });
});

describe.skipIf(process.platform !== "linux")("a plan that ends by itself", () => {
  /** Leaves a service behind, which has left the group, and ends when that has begun. */
  const leave = (name: string): string =>
    `setsid sh -c 'echo > left; exec ${endless(name)}' & until test -e left; do sleep 0.01; done`;

  test("ends what a command left behind in a group of its own, when all of it has ended", async () => {
    const running: boolean[] = [];
    const result = await folder.run(
      `tasks: { a: { command: "${leave("service")}" }, b: { after: a, command: echo b } }`,
      { onLine: () => running.push(isRunning("service")) },
    );
    expect(statuses(result)).toEqual({ a: "completed", b: "completed" });
    expect(running).toEqual([true]);
    expect(isRunning("service")).toBe(false);
  });

  test("ends before that what was out of time, and nothing that others left behind", async () => {
    const running: boolean[] = [];
    const { onTime, options } = timeAtLine();
    const result = await folder.run(
      `
failure: continue
tasks:
  service: { command: "${leave("service")}" }
  late: { each: [x], after: service, do: { command: "setsid sh -c 'echo ready; exec ${endless("late")}' & wait", timeout: 1m } }
  seen: { after: [{ task: late, until: settled }], command: echo seen }
`,
      {
        ...options,
        onLine: (key, line, stream) => {
          options.onLine?.(key, line, stream);
          if (key === "seen") {
            running.push(isRunning("service"), isRunning("late"));
          }
        },
      },
    );
    await onTime();
    expect(statuses(result)).toEqual({ service: "completed", late: "failed", seen: "completed" });
    expect(running).toEqual([true, false]);
    expect(isRunning("service")).toBe(false);
  });
});

describe("a timeout", () => {
  test("fails the attempt, ends its command, and is no failure of those that come anyway", async () => {
    const { onTime, options } = timeAtLine();
    const result = await folder.run(
      `
failure: continue
tasks:
  a: { command: "echo ready; exec ${endless()}", timeout: 1m }
  b: { after: a, command: touch b }
`,
      options,
    );
    await onTime();
    expect(statuses(result)).toEqual({ a: "failed", b: "skipped" });
    expect(result.outcomes["a"]).toMatchObject({
      error: {
        clock: "timeout",
        limitMs: 60_000,
        message: 'Cannot finish task "a" as it timed out: an attempt may take 60000 ms',
      },
      abandoned: false,
    });
    expect(result.failures).toEqual([
      { key: "a", attempt: 1, error: expect.any(TimedOutError) as unknown },
    ]);
    expect(isRunning()).toBe(false);
  });

  test("counts for each attempt anew, after the delay before it", async () => {
    const clock = virtualClock({ autojump: false });
    const r = rig();
    const slow = r.task("slow");
    folder.hold(slow);
    const run = folder.run(
      `tasks: { a: { module: "./tools.mjs#held", with: slow, timeout: 10s, retry: { attempts: 3, delay: 2s, factor: 1, jitter: none } } }`,
      { clock },
    );
    for (const attempt of [1, 2, 3]) {
      await slow.attempt(attempt);
      await clock.advance(9999);
      expect(slow.state).toBe("running");
      await clock.advance(1);
      expect(slow.state).toBe("cancelled");
      await clock.advance(1999);
      expect(slow.state).toBe("cancelled");
      await clock.advance(1);
    }
    const { outcomes } = await run;
    expect(outcomes["a"]).toMatchObject({
      status: "failed",
      attempts: 3,
      error: { clock: "timeout" },
    });
  });

  test("is given up after the grace where a module ignores its signal", async () => {
    const clock = virtualClock({ autojump: false });
    const r = rig();
    const stubborn = r.task("stubborn", { ignoresCancel: true });
    folder.hold(stubborn);
    const run = folder.run(
      `tasks: { a: { module: "./tools.mjs#held", with: stubborn, timeout: 1s, grace: 2s } }`,
      { clock },
    );
    await stubborn.started;
    await clock.advance(3000);
    const { outcomes } = await run;
    expect(outcomes["a"]).toMatchObject({ status: "failed", abandoned: true });
    stubborn.complete();
  });
});

describe("a deadline", () => {
  test("counts from the start of the plan, waiting and all attempts included", async () => {
    const clock = virtualClock({ autojump: false });
    const r = rig();
    const [first, tries] = [r.task("first"), r.task("tries")];
    folder.hold(first, tries);
    const run = folder.run(
      `
failure: continue
tasks:
  first: { module: "./tools.mjs#held", with: first }
  waits: { after: [{ task: first, until: settled }], module: "./tools.mjs#see", deadline: 10s }
  tries: { module: "./tools.mjs#held", with: tries, timeout: 3s, retry: { attempts: 9, delay: 1s, factor: 1, jitter: none }, deadline: 10s }
`,
      { clock },
    );
    await first.started;
    for (const attempt of [1, 2, 3]) {
      await tries.attempt(attempt);
      await clock.advance(4000);
    }
    first.complete();
    const { outcomes } = await run;
    const late = { status: "failed", error: { clock: "deadline", limitMs: 10_000 } };
    expect(outcomes["first"]).toMatchObject({ status: "completed" });
    expect(outcomes["waits"]).toMatchObject({ ...late, attempts: 0 });
    expect(outcomes["tries"]).toMatchObject({ ...late, attempts: 3 });
  });
});

describe("a retry", () => {
  test("hands on the result of the attempt that succeeded", async () => {
    const seen = await folder.see(`
tasks:
  a: { command: "echo attempt >> tries; wc -l < tries; test -e second || { touch second; exit 1; }", retry: { attempts: 2, delay: 0ms } }
  b: { module: "./tools.mjs#failUntil", with: 3, retry: { attempts: 5, delay: 1ms } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.a.json }}", "\${{ tasks.a.status }}", "\${{ tasks.b.value }}"] }
`);
    expect(seen).toEqual([2, "completed", 3]);
  });

  test("fails with the last failure, which is the only one of the plan", async () => {
    const result = await folder.run(`
tasks: { a: { module: "./tools.mjs#failUntil", with: 9, retry: { attempts: 3, delay: 0ms } } }
`);
    expect(result.outcomes["a"]).toMatchObject({ attempts: 3, error: { message: "attempt 3" } });
    expect(result.failures).toMatchObject([{ key: "a", attempt: 3 }]);
  });
});
