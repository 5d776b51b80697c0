import { describe, expect, test } from "vitest";
import { commandPlan } from "../../src/plan/command-plan.ts";
import { parsePlan, runPlan } from "../../src/plan/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

/** Tasks that others can be compared with: one that completes and one that fails. */
const OK = 'module: "./tools.mjs#see"';
const FAIL = 'module: "./tools.mjs#fail", with: told to';

describe("a condition", () => {
  test.each([
    ["true", "completed"],
    ["false", "skipped"],
    ['"${{ inputs.yes }}"', "completed"],
    ['"${{ inputs.no }}"', "skipped"],
    ['"${{ tasks.yes.stdout }}"', "completed"],
    ['"${{ tasks.no.stdout }}"', "skipped"],
    ['"${{ tasks.flags.value.no }}"', "skipped"],
  ])("of %s leaves its task %s", async (when, status) => {
    const { outcomes } = await folder.run(`
inputs: { yes: true, no: false }
tasks:
  yes: { command: echo true }
  no: { command: echo false }
  flags: { module: "./tools.mjs#see", with: { no: false } }
  a: { when: ${when}, ${OK}, with: 1 }
`);
    expect(outcomes["a"]).toMatchObject({ status });
  });

  test("that is false skips what comes after, and the plan has still reached its goal", async () => {
    const result = await folder.run(`
tasks:
  a: { when: false, ${FAIL} }
  b: { after: a, ${FAIL} }
  c: { after: [{ task: a, until: settled }], ${OK}, with: "\${{ inputs.x }}" }
  seen: { always: true, ${OK}, with: "\${{ tasks.a.status }}" }
inputs: { x: 1 }
`);
    expect(result.status).toBe("completed");
    expect(statuses(result)).toEqual({
      a: "skipped",
      b: "skipped",
      c: "completed",
      seen: "completed",
    });
    expect(result.outcomes["a"]).toMatchObject({
      because: { kind: "condition", condition: "when: false" },
    });
    expect(result.outcomes["b"]).toMatchObject({
      because: { kind: "dependency", task: "a", status: "skipped" },
    });
    expect(valueOf(result, "seen")).toBe("skipped");
  });

  test.each([
    ['"${{ inputs.text }}"', '"maybe"'],
    ['"${{ inputs.number }}"', "1"],
    ['"${{ inputs.list }}"', "[true]"],
  ])("of %s, which is neither true nor false, is a failure", async (when, shown) => {
    const result = await folder.run(`
inputs: { text: maybe, number: 1, list: [true] }
tasks: { a: { when: ${when}, ${OK} } }
`);
    expect(failureOf(result, "a")).toBe(
      `Cannot decide whether task "a" runs as "when" must be true or false: ${shown}`,
    );
  });
});

describe("a failure", () => {
  const PLAN = `
tasks:
  a: { ${FAIL} }
  running: { module: "./tools.mjs#held", with: running }
  after: { after: a, ${OK} }
  anyway: { after: [{ task: a, until: settled }], ${OK}, with: "x" }
  teardown: { after: [a, running], always: true, ${OK}, with: ["\${{ tasks.a.status }}", "\${{ tasks.running.status }}", "\${{ tasks.after.status }}"] }
`;

  test("stops the others, and then teardown runs", async () => {
    const r = rig();
    folder.hold(r.task("running"));
    const result = await folder.run(PLAN);
    expect(result.status).toBe("failed");
    expect(statuses(result)).toEqual({
      a: "failed",
      running: "cancelled",
      after: "cancelled",
      anyway: "cancelled",
      teardown: "completed",
    });
    expect(valueOf(result, "teardown")).toEqual(["failed", "cancelled", "cancelled"]);
    expect(result.failures).toMatchObject([
      { key: "a", attempt: 1, error: { message: "told to" } },
    ]);
  });

  test.each([
    ["the plan", `failure: continue\n${PLAN}`, undefined],
    ["an option", PLAN, "continue"],
  ] as const)("leaves the others alone where %s says so", async (_, plan, failure) => {
    const r = rig();
    const running = r.task("running");
    folder.hold(running);
    const run = folder.run(plan, {
      failure,
      observe: (event) => {
        if (event.type === "task-settled" && event.status === "failed") {
          running.complete();
        }
      },
    });
    const result = await run;
    expect(result.status).toBe("failed");
    expect(statuses(result)).toEqual({
      a: "failed",
      running: "completed",
      after: "skipped",
      anyway: "completed",
      teardown: "completed",
    });
    expect(valueOf(result, "teardown")).toEqual(["failed", "completed", "skipped"]);
  });

  test("of teardown is a failure of the plan", async () => {
    const result = await folder.run(`tasks: { a: { ${OK} }, b: { always: true, ${FAIL} } }`);
    expect(result.status).toBe("failed");
    expect(statuses(result)).toEqual({ a: "completed", b: "failed" });
  });
});

describe("a plan", () => {
  test("has its outcomes in the order of the file, whatever comes after what", async () => {
    const result = await folder.run(`
tasks:
  c: { after: a, ${OK} }
  b: { ${OK}, with: "\${{ tasks.c.status }}" }
  a: { ${OK} }
`);
    expect(Object.entries(statuses(result))).toEqual([
      ["c", "completed"],
      ["b", "completed"],
      ["a", "completed"],
    ]);
  });

  test("is partial where it is best effort and some of it failed", async () => {
    const combine = "combine: best-effort\n";
    const run = async (a: string, b: string): Promise<string> =>
      (await folder.run(`${combine}tasks: { a: { ${a} }, b: { ${b} } }`)).status;
    expect(await run(OK, FAIL)).toBe("partial");
    expect(await run(FAIL, OK)).toBe("partial");
    expect(await run(FAIL, FAIL)).toBe("failed");
    expect(await run(OK, OK)).toBe("completed");
  });

  test("is complete with its first results; the rest is cancelled, and then teardown runs", async () => {
    const r = rig();
    const [slow, quick] = [r.task("slow"), r.task("quick")];
    folder.hold(slow, quick);
    const run = folder.run(`
combine: { first: 2 }
failure: continue
limits: { narrow: 2 }
tasks:
  broken: { ${FAIL} }
  before: { module: "./tools.mjs#see" }
  one: { after: before, ${OK} }
  slow: { module: "./tools.mjs#held", with: slow, limit: narrow }
  two: { module: "./tools.mjs#held", with: quick, limit: narrow }
  waits: { ${OK}, limit: narrow }
  anyway: { after: [{ task: waits, until: settled }], ${OK}, with: "\${{ inputs.x }}" }
  last: { ${OK}, limit: narrow }
  teardown: { after: [slow, waits], always: true, ${OK}, with: ["\${{ tasks.slow.status }}"] }
inputs: { x: 1 }
`);
    await Promise.all([slow.started, quick.started]);
    await r.idle();
    quick.complete();
    const result = await run;
    expect(result.status).toBe("completed");
    expect(statuses(result)).toEqual({
      broken: "failed",
      before: "completed",
      one: "completed",
      slow: "cancelled",
      two: "completed",
      waits: "cancelled",
      anyway: "cancelled",
      last: "cancelled",
      teardown: "completed",
    });
    expect(result.outcomes["slow"]).toMatchObject({ reason: "the plan has enough results" });
    expect(result.outcomes["last"]).toMatchObject({ attempts: 0 });
    expect(valueOf(result, "teardown")).toEqual(["cancelled"]);
  });

  test("cancels any number of tasks that still wait when it has its first result", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `  t${index}: { ${OK} }`);
    const result = await folder.run(`
combine: { first: 1 }
limit: 1
tasks:
${many.join("\n")}
`);
    expect(result.status).toBe("completed");
    expect(Object.values(statuses(result)).filter((status) => status === "completed")).toHaveLength(
      1,
    );
  });

  test("fails where too few of its tasks succeed", async () => {
    const result = await folder.run(`
combine: { first: 2 }
failure: continue
tasks: { a: { ${OK} }, b: { ${FAIL} }, c: { after: b, ${OK} } }
`);
    expect(result.status).toBe("failed");
    expect(statuses(result)).toEqual({ a: "completed", b: "failed", c: "skipped" });
  });

  test("runs only the tasks that are asked for, and those that they come after", async () => {
    const plan = `
combine: { first: 2 }
tasks:
  a: { ${OK} }
  b: { ${OK}, with: "\${{ tasks.a.status }}" }
  c: { after: b, ${OK} }
  other: { ${FAIL} }
  another: { ${FAIL} }
`;
    const result = await folder.run(plan, { only: ["c"] });
    expect(result.status).toBe("completed");
    expect(Object.keys(result.outcomes)).toEqual(["a", "b", "c"]);
    expect(Object.keys((await folder.run(plan, { only: ["b"] })).outcomes)).toEqual(["a", "b"]);
  });

  test("is refused before it starts where an option names what it does not have", () => {
    const plan = parsePlan(
      "tasks: { build: { command: 'true', weight: 2 }, e: { each: [1], do: { command: 'true', weight: 3 } } }",
    );
    expect(() => runPlan(plan, { only: ["biuld"] })).toThrow(
      new RangeError(
        'Cannot run only "biuld" as the plan has no such task (did you mean "build"?): build, e',
      ),
    );
    expect(() => runPlan(plan, { limits: { comand: 1 } })).toThrow(
      /^Cannot change the limit "comand" as the plan has no such limit \(did you mean "command"\?\): /,
    );
    expect(() => runPlan(plan, { limits: { command: 1 } })).toThrow(
      'Cannot run task "build" as its weight is larger than the limit "command": 2 > 1',
    );
    expect(() => runPlan(plan, { limits: { command: 2 } })).toThrow(
      'Cannot run task "e" as its weight is larger than the limit "command": 3 > 2',
    );
    expect(() => runPlan(plan, { limit: 2 })).toThrow(
      'Cannot run task "e" as its weight is larger than the limit of the run: 3 > 2',
    );
  });

  test("shows the status that a task has, not that of work which it gave up", async () => {
    const r = rig();
    const [stubborn, last] = [r.task<string>("stubborn", { ignoresCancel: true }), r.task("last")];
    folder.hold(stubborn, last);
    const clock = virtualClock({ autojump: false });
    const run = folder.run(
      `
failure: continue
tasks:
  stubborn: { module: "./tools.mjs#held", with: stubborn, timeout: 1s, grace: 1s }
  last: { after: [{ task: stubborn, until: settled }], module: "./tools.mjs#held", with: last }
  seen: { after: last, always: true, ${OK}, with: "\${{ tasks.stubborn.status }}" }
  value: { after: last, always: true, ${OK}, with: "\${{ tasks.stubborn.value }}" }
`,
      { clock },
    );
    await stubborn.started;
    await clock.advance(1000);
    await clock.advance(1000);
    await last.started;
    stubborn.complete("too late");
    await r.idle();
    last.complete();
    const result = await run;
    expect(result.outcomes["stubborn"]).toMatchObject({ status: "failed", abandoned: true });
    expect(valueOf(result, "seen")).toBe("failed");
    expect(failureOf(result, "value")).toContain("has left no result: failed");
  });
});

describe("a plan of commands", () => {
  test("gives every command a name of its own, also where one is called as another is numbered", async () => {
    const commands = ["echo a", "echo a", "echo a (2)", "echo a", "echo a (2)"];
    const plan = commandPlan(commands, { folder: folder.path, failure: "continue" });
    const { outcomes } = await runPlan(plan);
    expect(Object.keys(outcomes)).toHaveLength(commands.length);
    expect(Object.keys(outcomes)[0]).toBe("echo a");
  });
});
