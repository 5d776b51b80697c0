// `fanfold run`, as a user runs it.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fanfold, inFolder, MAIN, whenPrinted } from "../support/fanfold.ts";

const GREETING = `
inputs:
  who: world
tasks:
  hello:
    command: echo "hello \${{ inputs.who }}"
  shout:
    command: tr a-z A-Z
    stdin: \${{ tasks.hello.stdout }}
`;

describe("fanfold run", () => {
  test("runs the tasks of a plan, shows what nobody else reads, and exits with 0", async () => {
    await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
      const { code, stdout, stderr } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stderr).toBe("");
      expect(stdout).toMatch(/^✓ hello /m);
      expect(stdout).toMatch(/^── shout ──\nHELLO WORLD$/m);
      expect(stdout).not.toContain("── hello ──");
      expect(stdout).toMatch(/^2 tasks in .* Critical path: hello -> shout\.$/m);
      expect(stdout).toMatch(/^Recorded in \.fanfold\/runs\/[\w-]+$/m);
      expect(code).toBe(0);
    });
  });

  test("sets inputs, and runs only what is asked for with what comes before it", async () => {
    await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
      const args = ["run", "plan.yaml", "--set", "who=moon", "--only", "hello"];
      const { stdout } = await fanfold(args, { cwd });
      expect(stdout).toMatch(/^1 task in /m);
      const shouted = await fanfold([...args.slice(0, 4), "--only", "shout"], { cwd });
      expect(shouted.stdout).toMatch(/^HELLO MOON$/m);
    });
  });

  test("reports what modules return that JSON cannot hold in words, beside all the rest", async () => {
    const plan = `
tasks:
  one: { command: echo one }
  round: { module: ./values.mjs#round }
  big: { module: ./values.mjs#big }
  own: { module: ./values.mjs#own }
`;
    const values = `
export const round = () => { const value = {}; value.self = value; return value; };
export const big = () => 10n;
export const own = () => ({ toJSON() { throw new Error("not this\\nor that"); } });
`;
    await inFolder({ "plan.yaml": plan, "values.mjs": values }, async (cwd) => {
      const shown = await fanfold(["run", "plan.yaml"], { cwd });
      expect(shown.stdout).toMatch(/^── own ──\n"\[not JSON: not this\]"$/m);
      expect(shown.stdout).toMatch(/^4 tasks in /m);
      expect([shown.code, shown.stderr]).toEqual([0, ""]);
      const { code, stdout } = await fanfold(["run", "plan.yaml", "--json"], { cwd });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        status: "completed",
        tasks: {
          one: { value: { stdout: "one\n" } },
          round: { value: "[not JSON: Converting circular structure to JSON]" },
          big: { value: expect.stringMatching(/^\[not JSON: .*BigInt/) as string },
          own: { value: "[not JSON: not this]" },
        },
      });
    });
  });

  test("prints one document with --json and nothing else", async () => {
    const plan = `
tasks:
  a: { command: echo one; echo two >&2 }
  b: { command: exit 3 }
  c: { command: echo never, after: b }
  d: { module: ./noise.mjs }
`;
    const noise = "export default () => { console.log('noise'); return { n: 1 }; };";
    await inFolder({ "plan.yaml": plan, "noise.mjs": noise }, async (cwd) => {
      const { code, stdout } = await fanfold(
        ["run", "plan.yaml", "--json", "--failure", "continue"],
        { cwd },
      );
      const document = JSON.parse(stdout) as { readonly tasks: Record<string, unknown> };
      expect(document).toMatchObject({
        run: { id: expect.any(String) as string, name: "plan" },
        status: "failed",
        tasks: {
          a: { status: "completed", attempts: 1, value: { exitCode: 0, stdout: "one\n" } },
          b: { status: "failed", error: { name: "CommandError" } },
          c: { status: "skipped", because: { kind: "dependency", task: "b", status: "failed" } },
          d: { status: "completed", value: { n: 1 } },
        },
        report: {
          wallMs: expect.any(Number) as number,
          sequentialMs: expect.any(Number) as number,
          speedup: expect.any(Number) as number,
          idealSpeedup: expect.any(Number) as number,
          waits: expect.any(Object) as object,
        },
      });
      expect(document.tasks["a"]).toMatchObject({
        startedAtMs: expect.any(Number) as number,
        durationMs: expect.any(Number) as number,
        waits: expect.any(Object) as object,
      });
      expect(code).toBe(1);
    });
  });

  test("exits with 0 although tasks failed with --allow-failures", async () => {
    const plan = "tasks:\n  a: { command: exit 1 }\n  b: { command: echo fine }\n";
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { code, stdout } = await fanfold(["run", "plan.yaml", "--allow-failures"], { cwd });
      expect(stdout).toMatch(/^✗ a /m);
      expect(stdout).toMatch(/^✓ b /m);
      expect(code).toBe(0);
    });
  });

  test("names the task of the first failure and its line, with its last lines", async () => {
    const plan = "tasks:\n  ok: { command: 'true' }\n  bad: { command: echo why; exit 3 }\n";
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { code, stdout } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/^First failure: bad \(plan\.yaml:3\)$/m);
      expect(stdout).toMatch(/exit code 3\n {2}\| why$/m);
      expect(code).toBe(1);
    });
  });

  test.each(["stop", "continue"])(
    "says which items of an each failed, with %s",
    async (failure) => {
      const plan =
        "tasks:\n  c: { each: [10, 20, 30], do: { command: 'test \"${{ item }}\" != 20' } }\n";
      await inFolder({ "plan.yaml": plan }, async (cwd) => {
        const { stdout } = await fanfold(["run", "plan.yaml", "--failure", failure], { cwd });
        expect(stdout).toMatch(/^✗ c\[20\] .* "test \\"20\\" != 20" failed: exit code 1/m);
        expect(stdout).toMatch(/^✗ c .* Cannot complete as 1 of 3 items failed: c\[20\] /m);
        expect(stdout).toMatch(/^First failure: c\[20\] /m);
      });
    },
  );

  test.each([
    ["no-such-program-here", /no-such-program-here/],
    ["[no-such-program-here]", /no-such-program-here.*PATH/],
    ["[./plan.yaml]", /not executable/],
    ["[pwd], cwd: missing", /missing/],
  ])("says what is missing for command: %s", async (command, message) => {
    const plan = `tasks:\n  one: { command: ${command} }\n`;
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { code, stdout } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/^First failure: one \(plan\.yaml:2\)$/m);
      expect(stdout).toMatch(message);
      expect(code).toBe(1);
    });
  });

  test("cancels at a signal, runs teardown, records, and exits with 130", async () => {
    const plan = `
tasks:
  server: { command: echo ready; sleep 3923 }
  teardown: { command: echo bye, always: true, after: [{ task: server, until: settled }] }
`;
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { code, stdout } = await fanfold(["run", "plan.yaml", "--output", "stream"], {
        cwd,
        onOutput: whenPrinted("| ready", (pid) => process.kill(pid, "SIGINT")),
      });
      expect(stdout).toMatch(/^■ server /m);
      expect(stdout).toMatch(/^teardown \| bye$/m);
      expect(code).toBe(130);
      const events = await readFile(join(cwd, await onlyRun(cwd), "events.jsonl"), "utf8");
      expect(events.trimEnd().split("\n").at(-1)).toContain('"run-settled"');
    });
  });

  const STRAY = `
tasks:
  late: { module: ./late.mjs#HOW }
  slow: { command: sleep 3924, after: [late] }
  teardown: { command: echo bye, always: true, after: [{ task: slow, until: settled }] }
`;
  const LATE = `
const later = (what) => { setTimeout(what, 20); };
export const throws = () => {
  later(() => { throw new Error("too late"); });
};
export const rejects = () => {
  later(() => { Promise.reject(new Error("too late")); });
};
export const twice = () => {
  throws();
  throws();
};
`;

  test.each([
    ["throws", "4:23"],
    ["rejects", "7:32"],
    ["twice", "4:23"],
  ])(
    "is cancelled by what a module %s later, however often, and tells and records all",
    async (how, place) => {
      const files = { "plan.yaml": STRAY.replace("HOW", how), "late.mjs": LATE };
      await inFolder(files, async (cwd) => {
        const { code, stdout, stderr } = await fanfold(["run", "plan.yaml"], { cwd });
        expect([code, stderr]).toEqual([1, ""]);
        const reason = `an error came from outside of any task: too late (late.mjs:${place})`;
        expect(
          stdout.split("\n").filter((line) => line === `Cancelling, as ${reason}`),
        ).toHaveLength(1);
        expect(stdout).toMatch(/^■ slow /m);
        expect(stdout).toMatch(/^bye$/m);
        expect(stdout).toContain(
          `\nError from outside of any task (late.mjs:${place})\n  too late\n`,
        );
        expect(stdout).toMatch(/^3 tasks in /m);
        const events = await readFile(join(cwd, await onlyRun(cwd), "events.jsonl"), "utf8");
        expect(events.trimEnd().split("\n").at(-1)).toContain('"run-settled"');
        expect(events).toContain("too late");

        const document = await fanfold(["run", "plan.yaml", "--json", "--allow-failures"], { cwd });
        expect(document.code).toBe(1);
        expect(JSON.parse(document.stdout)).toMatchObject({
          status: "cancelled",
          stray: { name: "Error", message: "too late", place: `late.mjs:${place}` },
          tasks: {
            late: { status: "completed" },
            slow: { status: "cancelled", because: reason },
            teardown: { status: "completed" },
          },
        });
      });
    },
  );

  test("keeps output as it came, but secrets out of what stays", async () => {
    const plan = "tasks:\n  a: { command: 'echo $MY_TOKEN', env: { MY_TOKEN: s3cr3t-value-1 } }\n";
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { stdout } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toContain("s3cr3t-value-1");
      const run = join(cwd, await onlyRun(cwd));
      const log = await readFile(join(run, "logs/a.stdout"), "utf8");
      const events = await readFile(join(run, "events.jsonl"), "utf8");
      expect(log).toBe("[redacted:MY_TOKEN]\n");
      expect(events).toContain("[redacted:MY_TOKEN]");
      expect(log + events).not.toContain("s3cr3t");
    });
  });

  test("keeps the last runs, ignored by git", async () => {
    await inFolder({ "plan.yaml": "tasks:\n  a: { command: 'true' }\n" }, async (cwd) => {
      for (let runs = 0; runs < 3; runs += 1) {
        await fanfold(["run", "plan.yaml", "--keep", "2"], { cwd });
      }
      expect(await readdir(join(cwd, ".fanfold/runs"))).toHaveLength(2);
      expect(await readFile(join(cwd, ".fanfold/.gitignore"), "utf8")).toBe("*\n");
      await fanfold(["run", "plan.yaml", "--keep", "0"], { cwd });
      expect(await readdir(join(cwd, ".fanfold/runs"))).toHaveLength(2);
      await fanfold(["run", "plan.yaml", "--out", "here"], { cwd });
      expect(existsSync(join(cwd, "here/events.jsonl"))).toBe(true);
      const again = await fanfold(["run", "plan.yaml", "--out", "here"], { cwd });
      expect(again.stderr).toMatch(/holds a recording already/);
      expect(again.code).toBe(2);
    });
  });

  test("runs where nothing can be recorded, hands output on, and says so", async () => {
    const plan =
      "tasks:\n  a: { command: seq 100000 }\n  b: { command: tail -n 1, stdin: '${{ tasks.a.stdout }}' }\n";
    await inFolder({ "plan.yaml": plan, ".fanfold": "not a folder" }, async (cwd) => {
      const { code, stdout, stderr } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/^100000$/m);
      expect(stderr).toMatch(/^Cannot record the run: /);
      expect(code).toBe(0);
    });
  });

  test.each([
    [["--only", "helo"], /did you mean "hello"/],
    [["--limit", "comand=2"], /did you mean "command"/],
    [["--limit", "two"], /integer/],
    [["--set", "whom=x"], /did you mean "who"/],
    [["--set", "x"], /name=value/],
  ])("exits with 2 for %j, and runs nothing", async (options, message) => {
    await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
      const { code, stdout, stderr } = await fanfold(["run", "plan.yaml", ...options], { cwd });
      expect(stderr).toMatch(message);
      expect(stdout).toBe("");
      expect(code).toBe(2);
      expect(existsSync(join(cwd, ".fanfold"))).toBe(false);
    });
  });

  test("shows every mistake of a plan with its place, as text and as a document", async () => {
    const plan = "tasks:\n  a: { comand: x }\n  b: { command: y, after: c }\n";
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const text = await fanfold(["run", "plan.yaml"], { cwd });
      expect(text.stderr).toMatch(/^plan\.yaml:2:8 .*did you mean "command"/m);
      expect(text.stderr).toMatch(/^plan\.yaml:3:27 /m);
      expect(text.code).toBe(2);
      const { stdout, stderr } = await fanfold(["run", "plan.yaml", "--json"], { cwd });
      expect(JSON.parse(stdout)).toMatchObject({
        error: {
          code: "PLAN_INVALID",
          problems: [{ line: 2, suggestion: "command" }, { line: 3 }],
        },
      });
      expect(stderr).toBe("");
    });
  });

  test.each([
    [["run"], "run"],
    [["run", "plan.yaml", "--nope"], "run"],
    [["check", "plan.yaml", "--limit", "0"], "check"],
    [["rnu"], undefined],
  ])("says where to look after wrong usage: %j", async (args, command) => {
    await inFolder({}, async (cwd) => {
      const { code, stderr } = await fanfold(args, { cwd });
      const called = command === undefined ? "fanfold" : `fanfold ${command}`;
      expect(stderr).toMatch(new RegExp(`^error: [^]*\\nSee ${called} --help\\.\\n$`));
      expect(code).toBe(2);
      const document = await fanfold([...args, "--json"], { cwd });
      expect(document.stdout).not.toContain("--help");
    });
  });

  test("tells wrong usage as a document with --json, where a command has one", async () => {
    for (const args of [["run"], ["run", "x", "--limit", "0"], ["check", "--all"], ["exec"]]) {
      const { code, stdout, stderr } = await fanfold([...args, "--json"]);
      expect(JSON.parse(stdout)).toEqual({
        error: { name: "RangeError", message: expect.stringMatching(/^[^:]+$/) as string },
      });
      expect([code, stderr]).toEqual([2, ""]);
    }
    const { code, stdout, stderr } = await fanfold(["schema", "--json"]);
    expect([code, stdout, stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/^error: unknown option '--json'\n/),
    ]);
  });

  test("says in words what a module returned that is no JSON", async () => {
    const values = `
export const big = () => [1n];
export const loop = () => { const it = {}; it.self = it; return it; };
export const sour = () => ({ get x() { throw new Error("not for you"); } });
export const none = () => () => 1;
`;
    const names = ["big", "loop", "sour", "none"];
    const plan = `tasks: { ${names.map((name) => `${name}: { module: ./values.mjs#${name} }`).join(", ")} }`;
    await inFolder({ "plan.yaml": plan, "values.mjs": values }, async (cwd) => {
      const text = await fanfold(["run", "plan.yaml"], { cwd });
      expect(text.stdout).toMatch(/^── big ──\n"\[not JSON: .*BigInt\]"$/m);
      expect(text.stdout).toMatch(/^── sour ──\n"\[not JSON: not for you\]"$/m);
      expect(text.stdout).not.toContain("── none ──");
      expect([text.code, text.stderr]).toEqual([0, ""]);
      const { code, stdout } = await fanfold(["run", "plan.yaml", "--json"], { cwd });
      const { tasks } = JSON.parse(stdout) as {
        readonly tasks: Readonly<Record<string, { readonly value?: unknown }>>;
      };
      expect(names.map((name) => String(tasks[name]?.value).slice(0, 10))).toEqual([
        ...["[not JSON:", "[not JSON:", "[not JSON:", "undefined"],
      ]);
      expect(code).toBe(0);
    });
  });

  test("says in words for what a vote was that is no JSON", async () => {
    const plan = "combine: { vote: majority }\ntasks: { a: { module: ./a.mjs } }\n";
    await inFolder({ "plan.yaml": plan, "a.mjs": "export default () => 1n;" }, async (cwd) => {
      const text = await fanfold(["run", "plan.yaml"], { cwd });
      expect(text.stdout).toMatch(/^The vote is for \[not JSON: /m);
      const { stdout } = await fanfold(["run", "plan.yaml", "--json"], { cwd });
      expect(JSON.parse(stdout)).toMatchObject({
        vote: { winner: expect.stringContaining("not JSON") as string },
      });
    });
  });

  test.runIf(existsSync("/dev/full"))(
    "ends with its code although nothing can be written to standard error",
    async () => {
      await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
        const args = [MAIN, "run", "plan.yaml", "--json"];
        const stdio = ["ignore", "pipe", openSync("/dev/full", "w")] as const;
        const { status, stdout } = spawnSync(process.execPath, args, { cwd, stdio: [...stdio] });
        closeSync(stdio[2]);
        expect(JSON.parse(stdout.toString())).toMatchObject({ status: "completed" });
        expect(status).toBe(0);
      });
    },
  );

  test.runIf(existsSync("/dev/full")).each(["plan.yaml", "no-plan.yaml"])(
    "says once that its document of %s cannot be written, and ends with 141",
    async (plan) => {
      await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
        const args = [MAIN, "run", plan, "--json"];
        const stdio = ["ignore", openSync("/dev/full", "w"), "pipe"] as const;
        const { status, stderr } = spawnSync(process.execPath, args, { cwd, stdio: [...stdio] });
        closeSync(stdio[1]);
        expect(stderr.toString()).toMatch(/^Cannot write to standard output: ENOSPC.*\n$/);
        expect(status).toBe(141);
      });
    },
  );

  test("begins no line of its own within one that a module prints", async () => {
    const print = "export default () => { process.stdout.write('no end'); };";
    const plan = "tasks:\n  print: { module: ./print.mjs }\n";
    await inFolder({ "plan.yaml": plan, "print.mjs": print }, async (cwd) => {
      const { stdout } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/^> print\nno end\n✓ print /);
    });
  });

  test("colours only when asked to, where there is no terminal", async () => {
    await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
      const run = async (env: Record<string, string>, ...options: string[]): Promise<boolean> =>
        (await fanfold(["run", "plan.yaml", ...options], { cwd, env })).stdout.includes("\u001b[");
      expect(await run({})).toBe(false);
      expect(await run({ CI: "true" })).toBe(false);
      expect(await run({ FORCE_COLOR: "1" })).toBe(true);
      expect(await run({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
      expect(await run({ FORCE_COLOR: "1" }, "--no-color")).toBe(false);
    });
  });
});

const STUCK = `
import { watch } from "node:fs";
import { open } from "node:fs/promises";
export const loaded = () => 1;
export const pipe = () => {
  const opened = open("pipe");
  console.log("stuck in it");
  return opened;
};
export const timer = () => new Promise(() => setInterval(() => undefined, 1000));
export const leftover = () => { setInterval(() => undefined, 1000); watch("."); return 1; };
`;

describe("output that is too long to be shown", () => {
  const run = async (command: string, ...options: readonly string[]): Promise<string> =>
    await inFolder(
      { "plan.yaml": `tasks:\n  a: { command: ${JSON.stringify(command)} }\n` },
      async (cwd) => {
        return (await fanfold(["run", "plan.yaml", ...options], { cwd })).stdout;
      },
    );

  test.each(["grouped", "stream"])("is cut in a line without an end: %s", async (mode) => {
    const stdout = await run("head -c 3000000 /dev/zero | tr '\\0' x", "--output", mode);
    expect(stdout.length).toBeLessThan(10_000);
    expect(stdout).toMatch(/x{8192}… and 2,991,808 more characters$/m);
    expect(stdout).not.toContain("before these");
  });

  test("is cut by lines and by their length, and counted", async () => {
    const many = await run("seq 1000");
    expect(many).toMatch(/^… 800 lines before these; all of it: .*\n801\n802\n/m);
    const wide = await run(
      "for n in $(seq 100); do head -c 5000 /dev/zero | tr '\\0' x; echo; done",
    );
    expect(wide.length).toBeLessThan(70_000);
    expect(wide.match(/^x{5000}$/gm)).toHaveLength(13);
    expect(wide).toMatch(/^… 87 lines before these/m);
  });
});

describe("what a run leaves behind in its process", () => {
  test("does not keep it from ending with its code", async () => {
    const plan = `
tasks:
  left: { module: ./stuck.mjs#leftover }
  stuck: { after: left, module: ./stuck.mjs#timer, timeout: 50ms, grace: 50ms }
`;
    await inFolder({ "plan.yaml": plan, "stuck.mjs": STUCK }, async (cwd) => {
      const { code, stdout } = await fanfold(["run", "plan.yaml", "--failure=continue"], { cwd });
      expect(stdout).toMatch(/^✓ left /m);
      expect(stdout).toMatch(/\nRecorded in .*\n$/);
      expect(code).toBe(1);
      const only = ["run", "plan.yaml", "--only", "left"];
      expect((await fanfold(only, { cwd })).code).toBe(0);
    });
  });

  // Nobody ever writes into the pipe, so that the system never comes back from opening it.
  const canMakePipes = process.platform !== "win32";

  test.runIf(canMakePipes)("may be a thread that the system does not give back", async () => {
    const plan = `
tasks:
  loaded: { module: ./stuck.mjs#loaded }
  stuck: { after: loaded, module: ./stuck.mjs#pipe, timeout: 50ms, grace: 50ms }
`;
    await inFolder({ "plan.yaml": plan, "stuck.mjs": STUCK }, async (cwd) => {
      execFileSync("mkfifo", [join(cwd, "pipe")]);
      const { code, signal, stdout } = await fanfold(["run", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/\nRecorded in .*\n$/);
      expect([code, signal]).toEqual([null, "SIGKILL"]);
    });
  });

  test.runIf(canMakePipes).each([1, 2])("ends by a signal, number %i", async (count) => {
    const grace = count === 1 ? "50ms" : "1h";
    const plan = `tasks: { stuck: { module: ./stuck.mjs#pipe, grace: ${grace} } }`;
    await inFolder({ "plan.yaml": plan, "stuck.mjs": STUCK }, async (cwd) => {
      execFileSync("mkfifo", [join(cwd, "pipe")]);
      const { code, signal } = await fanfold(["run", "plan.yaml"], {
        cwd,
        onOutput: (output, pid) => {
          if (output.endsWith("stuck in it\n") || (count === 2 && output.endsWith("at once.\n"))) {
            process.kill(pid, "SIGTERM");
          }
        },
      });
      // It exits where the second signal comes before the system was asked. A shell shows 143 for both.
      const exited = count === 2 && code !== null;
      expect([code, signal]).toEqual(exited ? [143, null] : [null, "SIGTERM"]);
    });
  });
});

describe("fanfold check", () => {
  test("says what another limit would bring, and refuses one that is not there", async () => {
    const tasks = ["a", "b", "c", "d"].map(
      (name) => `  ${name}: { command: "true", expect: 10s }\n`,
    );
    const plan = `limits: { command: 2 }\ntasks:\n${tasks.join("")}`;
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const checked = async (...limits: readonly string[]): Promise<unknown> => {
        const args = limits.flatMap((each) => ["--limit", each]);
        const { stdout } = await fanfold(["check", "plan.yaml", "--json", ...args], { cwd });
        const { narrow, prediction } = JSON.parse(stdout) as {
          narrow: unknown;
          prediction: { makespanMs: number };
        };
        return [prediction.makespanMs, narrow];
      };
      const narrow = [{ limit: "command", concurrency: 2, wanted: 4 }];
      expect(await checked()).toEqual([20_000, narrow]);
      expect(await checked("command=4")).toEqual([10_000, []]);
      expect(await checked("command=4", "1")).toEqual([40_000, []]);
      const unknown = await fanfold(["check", "plan.yaml", "--limit", "comand=1"], { cwd });
      expect(unknown.code).toBe(2);
      expect(unknown.stderr).toContain('(did you mean "command"?)');
    });
  });

  test("says what runs beside what, and runs nothing", async () => {
    const plan = `
tasks:
  build: { command: touch built, writes: dist, expect: 2s }
  test: { command: touch tested, reads: dist, expect: 3s }
  lint: { command: touch linted, expect: 1s }
`;
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const { code, stdout } = await fanfold(["check", "plan.yaml"], { cwd });
      expect(stdout).toMatch(/^ {2}build {2}with lint$/m);
      expect(stdout).toMatch(/^ {2}build, then test: build writes and test reads file:.*\/dist$/m);
      expect(stdout).toMatch(/^ {2}lint may run beside build/m);
      expect(stdout).toMatch(/^ {2}5\.0 s; one after another 6\.0 s: 1\.2 times faster\.$/m);
      expect(await readdir(cwd)).toEqual(["plan.yaml"]);
      expect(code).toBe(0);
      const document = await fanfold(["check", "plan.yaml", "--json"], { cwd });
      expect(JSON.parse(document.stdout)).toMatchObject({
        beside: { build: ["lint"], test: ["lint"], lint: ["build", "test"] },
        prediction: { makespanMs: 5000 },
      });
    });
  });

  test("ends in silence when nobody reads its output any more", async () => {
    const tasks = Array.from({ length: 400 }, (_, index) => `  task${index}: { command: ls }`);
    await inFolder({ "plan.yaml": `tasks:\n${tasks.join("\n")}\n` }, async (cwd) => {
      const args = ["check", "plan.yaml", "--json"];
      const { code, stderr } = await fanfold(args, { cwd, hangsUp: true });
      expect([code, stderr]).toEqual([141, ""]);
    });
  });

  test("looks at some tasks alone, with those that they come after", async () => {
    const plan =
      "tasks:\n  a: { command: ls }\n  b: { command: ls, after: a }\n  c: { command: ls }\n";
    await inFolder({ "plan.yaml": plan }, async (cwd) => {
      const some = await fanfold(["check", "plan.yaml", "--only", "b", "--json"], { cwd });
      expect(JSON.parse(some.stdout)).toMatchObject({ tasks: ["a", "b"] });
      const none = await fanfold(["check", "plan.yaml", "--only", "d"], { cwd });
      expect([none.code, none.stdout]).toEqual([2, ""]);
    });
  });

  test("predicts from the last run", async () => {
    await inFolder({ "plan.yaml": GREETING }, async (cwd) => {
      const before = await fanfold(["check", "plan.yaml"], { cwd });
      expect(before.stdout).toContain("How long it takes is not known");
      await fanfold(["run", "plan.yaml"], { cwd });
      const after = await fanfold(["check", "plan.yaml"], { cwd });
      expect(after.stdout).toMatch(/longest chain: hello -> shout\./);
    });
  });
});

describe("fanfold schema", () => {
  test("prints a JSON Schema", async () => {
    const { code, stdout } = await fanfold(["schema"]);
    expect(JSON.parse(stdout)).toMatchObject({ type: "object", required: ["tasks"] });
    expect(code).toBe(0);
  });
});

/** The folder of the one run that was recorded, relative to `cwd`. */
async function onlyRun(cwd: string): Promise<string> {
  const [id = ""] = await readdir(join(cwd, ".fanfold/runs"));
  return join(".fanfold/runs", id);
}
