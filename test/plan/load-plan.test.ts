import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPlan, parsePlan, PlanError } from "../../src/plan/index.ts";
import { expectProblems, planErrorOf } from "./problems.ts";

const KINDS =
  "command, read, search, write, http, module, model, sections, consensus, aspects, condense, synthesize, agent, each";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fanfold-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("loadPlan", () => {
  test("rejects what is not UTF-8, rather than run something else", async () => {
    const file = join(temporaryFolder(), "plan.yaml");
    const plan = 'tasks: { a: { command: "rm ä" } }\n';
    for (const encoding of ["latin1", "utf16le"] as const) {
      writeFileSync(file, plan, encoding);
      await expect(loadPlan(file)).rejects.toThrow(
        `Cannot read the plan as it is not text in UTF-8: ${file}`,
      );
    }
    writeFileSync(file, `\uFEFF${plan}`);
    expect((await loadPlan(file)).tasks[0]).toMatchObject({ settings: { command: "rm ä" } });
  });

  test("reads a file, and calls the plan by the name of the file and its paths by the folder", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "night.build.yaml"), "tasks: { a: { command: ls } }\n");
    const plan = await loadPlan(join(folder, "night.build.yaml"));
    expect(plan).toMatchObject({
      name: "night.build",
      folder,
      file: join(folder, "night.build.yaml"),
    });
    expect(plan.tasks[0]).toMatchObject({
      name: "a",
      kind: "command",
      place: { line: 1, column: 10 },
    });
  });

  test("says of a file why it cannot be read", async () => {
    const folder = temporaryFolder();
    const missing = join(folder, "missing.yaml");
    await expect(loadPlan(missing)).rejects.toThrow(
      `Cannot read the plan as it does not exist: ${missing}`,
    );
    await expect(loadPlan(folder)).rejects.toThrow(
      `Cannot read the plan as it is a folder: ${folder}`,
    );
  });

  test("rejects with the problems of the file, and the values that were set", async () => {
    const file = join(temporaryFolder(), "plan.json");
    writeFileSync(
      file,
      '{ "inputs": { "n": null }, "tasks": { "a": { "command": "echo ${{ inputs.n }}" } } }',
    );
    await expect(loadPlan(file)).rejects.toBeInstanceOf(PlanError);
    await expect(loadPlan(file, { set: { n: "7" } })).resolves.toMatchObject({
      inputs: { n: "7" },
    });
  });
});

describe("parsePlan", () => {
  test("fills in what a plan leaves out", () => {
    const plan = parsePlan("tasks: { a: { command: ls } }");
    expect(plan).toEqual({
      name: "plan",
      file: "plan.yaml",
      folder: resolve("."),
      inputs: {},
      failure: "stop",
      combine: { kind: "all" },
      limit: undefined,
      limits: expect.objectContaining({ command: 3, read: 5, search: 3, model: 8 }),
      models: {},
      using: undefined,
      budget: undefined,
      tasks: [
        {
          name: "a",
          kind: "command",
          settings: { command: "ls" },
          after: [],
          reads: [],
          writes: [],
          declared: { reads: [], writes: [] },
          limits: ["command"],
          exclusive: false,
          weight: 1,
          when: true,
          always: false,
          place: { line: 1, column: 10 },
        },
      ],
    });
  });

  test("reads every declaration, durations as milliseconds", () => {
    const plan = parsePlan(`
name: all
failure: continue
combine: { first: 1 }
limit: 9
limits: { command: 4, db: 2 }
tasks:
  a:
    command: ls
    exclusive: true
    limit: db
    weight: 2
    timeout: 500ms
    deadline: 1.5s
    grace: 2m
    retry: { attempts: 3, delay: 1s, maxDelay: 1m, factor: 1.5 }
    priority: -1
    when: false
    always: true
    expect: 1h
  b: { module: ./m.js, retry: 4 }
`);
    expect(plan).toMatchObject({
      name: "all",
      failure: "continue",
      combine: { kind: "first", count: 1 },
      limit: 9,
      limits: { command: 4, db: 2, read: 5 },
    });
    expect(plan.tasks[0]).toMatchObject({
      exclusive: true,
      limits: ["command", "db"],
      weight: 2,
      timeoutMs: 500,
      deadlineMs: 1500,
      graceMs: 120_000,
      retry: { attempts: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 1.5 },
      priority: -1,
      when: false,
      always: true,
      expectedMs: 3_600_000,
    });
    expect(plan.tasks[1]).toMatchObject({ retry: { attempts: 4 } });
  });

  test("goes on after failures where the plan is best effort, unless told otherwise", () => {
    const failureOf = (head: string): string =>
      parsePlan(`${head}\ntasks: { a: { command: ls } }`).failure;
    expect(failureOf("combine: best-effort")).toBe("continue");
    expect(failureOf("combine: best-effort\nfailure: stop")).toBe("stop");
    expect(failureOf("combine: all")).toBe("stop");
  });

  test("keeps the order of the file", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,5}$/), { minLength: 1 });
    fc.assert(
      fc.property(names, (all) => {
        fc.pre(!all.includes("__proto__"));
        const plan = parsePlan(
          `tasks:\n${all.map((name) => `  "${name}": { command: ls }`).join("\n")}`,
        );
        expect(plan.tasks.map(({ name }) => name)).toEqual(all);
        expect(plan.tasks.map(({ place }) => place.line)).toEqual(all.map((_, index) => index + 2));
      }),
    );
  });

  test("makes the same plan of JSON as of YAML, however it is indented", () => {
    const yaml = parsePlan(`
inputs: { n: 3, list: [a, null, { deep: true }] }
limits: { db: 1 }
tasks:
  "constructor": { command: [node, -e, 1, true] }
  b: { command: "a/ 😀 \\t\${{ inputs.n }}", after: [{ task: constructor, until: settled }], limit: db }
`);
    const data = {
      inputs: { n: 3, list: ["a", null, { deep: true }] },
      limits: { db: 1 },
      tasks: {
        constructor: { command: ["node", "-e", 1, true] },
        b: {
          command: "a/ 😀 \t${{ inputs.n }}",
          after: [{ task: "constructor", until: "settled" }],
          limit: "db",
        },
      },
    };
    const withoutPlaces = (text: string): unknown => ({
      ...parsePlan(text),
      tasks: parsePlan(text).tasks.map((task) => ({ ...task, place: undefined })),
    });
    for (const indent of ["", "  ", "\t"]) {
      const json = JSON.stringify(data, undefined, indent)
        .replace("😀", "\\ud83d\\ude00")
        .replace("a/ ", "a\\/ ");
      expect(withoutPlaces(json)).toEqual({
        ...yaml,
        tasks: yaml.tasks.map((task) => ({ ...task, place: undefined })),
      });
    }
    expect(yaml.tasks[0]?.settings).toEqual({ command: ["node", "-e", "1", "true"] });
  });

  test("reads the lines of Windows, and a mark at the beginning of the file", () => {
    const error = planErrorOf("\uFEFFtasks:\r\n  a:\r\n    command: ls\r\n    tiemout: 1s\r\n");
    expect(error.problems).toEqual([
      {
        line: 4,
        column: 5,
        message: 'Cannot use the field "tiemout" as task "a" has no such field',
        suggestion: "timeout",
      },
    ]);
    expect(error.message).toContain("\n    4 |     tiemout: 1s\n      |     ^");
  });
});

describe("anchors and aliases", () => {
  test("stand for what they name", () => {
    const { tasks } = parsePlan(`
tasks:
  a: &a { command: ls, reads: &code [db:a, db:b] }
  b: { command: cat, reads: *code }
  c: *a
`);
    expect(tasks.map(({ reads }) => reads)).toEqual(
      Array.from({ length: 3 }, () => ["db:a", "db:b"]),
    );
    expect(tasks[2]).toMatchObject({ name: "c", settings: { command: "ls" } });
  });

  test("may be used by every task of a large plan", () => {
    const tasks = Array.from(
      { length: 300 },
      (_, index) => `  t${index}: { command: ls, reads: *code }`,
    );
    const plan = parsePlan(
      `tasks:\n  first: { command: ls, reads: &code [db:a] }\n${tasks.join("\n")}`,
    );
    expect(plan.tasks.every(({ reads }) => reads[0] === "db:a")).toBe(true);
  });

  test("have the place of the alias where what it stands for is wrong there", () => {
    expectProblems(
      `
tasks:
  a: { each: [1], do: &do { command: "echo \${{ item }}" } }
  b: ▸*do
`,
      ['Cannot use item as it exists only in the "do" of an each: item'],
    );
  });

  test.each([
    ["tasks: { a: { command: ▸*nothing } }", "no &nothing stands above *nothing"],
    [
      "tasks: { a: { command: ▸*later }, b: { command: &later ls } }",
      "no &later stands above *later",
    ],
    ["tasks: { a: { module: ./m.js, with: &w [1, { deep: ▸*w }] } }", "*w stands inside of &w"],
    ["tasks: &t { a: ▸*t }", "*t stands inside of &t"],
  ])("are refused in %s", (text, why) => {
    expectProblems(text, [`Cannot read the file as ${why}`]);
  });

  test("are refused where a few lines would stand for more than fits into memory", () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const below =
        level === 0 ? "[1]" : `[${Array.from({ length: 10 }, () => `*l${level - 1}`).join(", ")}]`;
      return `      l${level}: &l${level} ${below}`;
    });
    const error = planErrorOf(`tasks:\n  a:\n    module: ./m.js\n    with:\n${levels.join("\n")}`);
    expect(error.problems).toMatchObject([
      {
        line: 6,
        column: 16,
        message: "Cannot read the file as its aliases stand for more than 10000 values",
      },
    ]);
  });
});

describe("names that stand there twice", () => {
  test.each([
    [
      "tasks:\n  a: { command: ls }\n  b: { command: ls }\n  ▸a: { command: pwd }",
      'two tasks are called "a": lines 2 and 4',
    ],
    ["tasks: { a: { command: ls }, ▸a: { read: x } }", 'two tasks are called "a": line 1'],
    [
      '{ "tasks": { "a": { "command": "x", ▸"command": "y" } } }',
      '"command" stands there twice: line 1',
    ],
  ])("are refused with both places: %j", (marked, rule) => {
    expectProblems(marked, [`Cannot read the file as ${rule}`]);
  });
});

describe("a reference without quotes inside of braces", () => {
  test.each([
    "tasks:\n  a: { command: echo ▸${{ inputs.b }} }\n  c: { command: ls }\n",
    "tasks:\n  a: { command: ls, stdin: ▸${{ tasks.b.stdout }}, timeout: 1s }\n",
    "tasks:\n  a: { when: ▸${{ tasks.b.lines[0] }}, command: ls }\n",
    "tasks:\n  a:\n    command: [echo, ▸${{ tasks.b.stdout }}]\n",
    "tasks:\n  a:\n    command: [echo, x-▸${{ tasks.b.stdout }}, y]\n    timeout: 1s\n",
    "tasks:\n  a: { command: 'ls', env: { A: ▸${{ inputs.a }} } }\n  b: { command: echo ${{ inputs.a }} }\n",
  ])("is one mistake, with its mend: %j", (marked) => {
    expectProblems(marked, [
      "Cannot read the file as a text with ${{ }} needs quotes around it inside of { } and [ ]",
    ]);
  });
});

describe("many mistakes", () => {
  test("are all told at once, also those of a task with others", () => {
    expectProblems(
      `
tasks:
  build: { ▸comand: npm run build, after: ▸tset }
  lint: { command: ls, after: ▸biuld, timeout: ▸30, retry: ▸"3x", limit: ▸databse, stdin: "▸\${{ tasks.nope.stdout }}" }
  test: { command: ls, stdin: "\${{ tasks.build.stdout }}", ▸wehn: true }
  each: { each: [1], ▸retyr: 2, do: { command: ls, ▸cdw: x, env: { A: "▸\${{ inputs.x }}" } } }
`,
      [
        'Cannot run task "build" as it must have one of command, read, search, write, http, module, model, sections, consensus, aspects, condense, synthesize, agent, each -> command',
        'Cannot run task "build" after "tset" as the plan has no such task -> test',
        'Cannot run task "lint" after "biuld" as the plan has no such task -> build',
        'Cannot use "timeout" of task "lint" as it must be a number and a unit, such as 500ms, 30s, 5m or 2h: 30',
        'Cannot use "retry" of task "lint" as it must be a whole number from 1, or { attempts, delay, maxDelay, factor, jitter }: "3x"',
        'Cannot run task "lint" as the plan has no limit "databse"; name it under limits',
        "Cannot use tasks.nope.stdout as the plan has no such task",
        'Cannot use the field "wehn" as task "test" has no such field -> when',
        'Cannot use the field "retyr" as task "each" has no such field -> retry',
        'Cannot use the field "cdw" as "do" of task "each" has no such field -> cwd',
        "Cannot use inputs.x as the plan has no such input",
      ],
    );
  });

  test("are told of the tasks also where something above them is wrong", () => {
    expectProblems(
      `
▸nmae: x
limit: ▸0
limits: { db: ▸none }
inputs: { ▸1a: x }
tasks:
  a: { command: ls, limit: db, after: ▸build, stdin: "▸\${{ inputs.c }}" }
`,
      [
        'Cannot use the field "nmae" as the plan has no such field -> name',
        'Cannot use "limit" as it must be a whole number from 1: 0',
        'Cannot use "limits.db" as it must be a whole number from 1: "none"',
        'Cannot use the name "1a" as it must begin with a letter or _ and consist of letters, digits, _ and -',
        'Cannot run task "a" after "build" as the plan has no such task',
        "Cannot use inputs.c as the plan has no such input",
      ],
    );
  });

  test("of one text are all told", () => {
    expectProblems(
      'tasks: { a: { command: "echo ▸${{ task.b }} ▸${{ tasks.bcd.stdout }} ▸${{ tasks.c..d }} ▸${{ item }}" } }',
      [
        "Cannot read a reference as it must begin with tasks, inputs, item or index: task.b",
        "Cannot use tasks.bcd.stdout as the plan has no such task",
        'Cannot read a reference as a path consists of .name, [0] and ["name"]: tasks.c..d',
        'Cannot use item as it exists only in the "do" of an each: item',
      ],
    );
  });
});

describe("a text that is not YAML", () => {
  test.each([
    ["tasks:\n  a: { command: ls\n▸", /Flow map/],
    ["tasks:\n  a:\n▸\tcommand: ls", /Tabs/],
    ['tasks: { a: { command: "▸\\q" } }', /escape/],
    ["tasks: { a: { command: ▸!env HOME } }", /Unresolved tag: !env/],
    ["▸%FOO\n---\ntasks: { a: { command: ls } }", /Unknown directive %FOO/],
  ])("is refused at its place: %j", (marked, what) => {
    const [problem, ...others] = planErrorOf(marked.replace("▸", "")).problems;
    const before = marked.slice(0, marked.indexOf("▸")).split("\n");
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ line: before.length, column: before.at(-1)!.length + 1 });
    expect(problem?.message).toMatch(/^Cannot read the file as it is not YAML: /);
    expect(problem?.message).toMatch(what);
  });

  test.each(["", "\n\n", "# nothing here\n"])(
    "is refused when there is nothing in it: %j",
    (text) => {
      expect(planErrorOf(text).problems).toEqual([
        {
          line: 1,
          column: 1,
          message: "Cannot run an empty plan; write what to run under tasks",
          suggestion: undefined,
        },
      ]);
    },
  );

  test("is refused when it holds two plans", () => {
    expectProblems("tasks: { a: { command: ls } }\n▸---\ntasks: { b: { command: ls } }\n", [
      "Cannot read the file as it must hold one plan alone",
    ]);
  });

  test("never makes parsePlan throw anything but PlanError", () => {
    const pieces = fc.array(
      fc.constantFrom(
        ..."tasks: |a: |command: |each: |do: |with: |inputs: |\n|\n  |\n    |- |[|]|{|}|, |&x |*x|!t |\"|'|# |${{ |item |}}|tasks.a.stdout|1|null|__proto__: |? |: |>\n|\t|%|@".split(
          "|",
        ),
        "|\n",
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pieces, (all) => {
        try {
          parsePlan(all.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(PlanError);
          const lines = all.join("").split("\n").length;
          for (const { line, column } of (error as PlanError).problems) {
            expect(line >= 1 && line <= lines + 1 && column >= 1).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("names", () => {
  test.each([
    ["tasks: { ▸1a: { command: ls } }", "1a"],
    ["tasks: { ▸7: { command: ls } }", "7"],
    ['tasks: { ▸"": { command: ls } }', ""],
    ['tasks: { ▸"a b": { command: ls } }', "a b"],
    ["tasks: { ▸ä: { command: ls } }", "ä"],
    ["tasks: { ▸a.b: { command: ls } }", "a.b"],
  ])("of tasks are refused in %s", (text, name) => {
    expectProblems(text, [
      `Cannot call a task so as its name must begin with a letter or _ and consist of letters, digits, _ and -: "${name}"`,
    ]);
  });

  test.each(["inputs", "limits"])("of %s are refused in the same words", (field) => {
    expectProblems(`${field}: { ok: 1, ▸a.b: 1 }\ntasks: { a: { command: ls } }`, [
      'Cannot use the name "a.b" as it must begin with a letter or _ and consist of letters, digits, _ and -',
    ]);
  });

  test.each([
    "tasks: { ▸__proto__: { command: ls } }",
    "limits: { ▸__proto__: 1 }\ntasks: { a: { command: ls } }",
    "inputs: { ▸__proto__: 1 }\ntasks: { a: { command: ls } }",
    "tasks: { a: { command: ls, ▸__proto__: 1 } }",
    'tasks: { a: { module: ./m.js, with: [{ ▸"__proto__": { admin: true } }] } }',
  ])("that plain data cannot have are refused, not dropped: %s", (text) => {
    expectProblems(text, ["Cannot read the file as nothing may be called __proto__"]);
  });

  test("that would merge in older YAML are refused, unless they are in quotes", () => {
    expectProblems("tasks: { a: &a { command: ls }, b: { ▸<<: *a, timeout: 1s } }", [
      "Cannot read the file as << merges nothing here; write the fields out, or use an alias as a whole",
    ]);
    expect(parsePlan('tasks: { a: { module: ./m.js, with: { "<<": 1 } } }').tasks).toHaveLength(1);
  });

  test("that are not texts are refused", () => {
    expectProblems("tasks: { ▸[a, b]: { command: ls } }", [
      "Cannot read the file as names must be plain texts",
    ]);
  });

  test("of built-in properties are names as any other, and found only where they are given", () => {
    const hostile = ["constructor", "toString", "hasOwnProperty", "valueOf"];
    for (const name of hostile) {
      const { inputs, limits, tasks } = parsePlan(
        `inputs: { ${name}: x }\nlimits: { ${name}: 2 }\ntasks: { ${name}: { command: "echo \${{ inputs.${name} }}", limit: ${name} } }`,
      );
      expect(inputs).toEqual({ [name]: "x" });
      expect(limits[name]).toBe(2);
      expect(tasks).toMatchObject([{ name, limits: ["command", name] }]);
      expectProblems(
        `tasks: { a: { command: "echo ▸\${{ inputs.${name} }}", limit: ▸${name}, after: ▸${name} } }`,
        [
          `Cannot use inputs.${name} as the plan has no such input`,
          `Cannot run task "a" as the plan has no limit "${name}"; name it under limits`,
          `Cannot run task "a" after "${name}" as the plan has no such task`,
        ],
      );
      expectProblems(
        `tasks: { a: { command: ls }, b: { command: "echo ▸\${{ tasks.a.${name} }} ▸\${{ tasks.${name}.stdout }}" } }`,
        [
          `Cannot use tasks.a.${name} as a result of this task is one of .exitCode, .stdout, .stderr, .lines, .json, .stdoutFile, .stderrFile, .status`,
          `Cannot use tasks.${name}.stdout as the plan has no such task`,
        ],
      );
    }
  });
});

describe("the shape of a plan", () => {
  test.each([
    ["▸~", "null"],
    ["▸hello", '"hello"'],
    ["▸- tasks", '["tasks"]'],
  ])("is a mapping, not %s", (text, shown) => {
    expectProblems(text, [`Cannot use the plan as it must be a mapping: ${shown}`]);
  });

  const OK = "tasks: { a: { command: ls } }";

  test.each<[string, ...string[]]>([
    [
      "▸name: x",
      'Cannot read the plan as it has no field "tasks", which must list the tasks by name',
    ],
    ["tasks: ▸[a]", 'Cannot use "tasks" as it must list the tasks by name: ["a"]'],
    ["▸tasks: {}", "Cannot run a plan without tasks; write what to run under tasks"],
    [
      `▸limts: { a: 1 }\n▸inptus: {}\n▸zzz: 1\n${OK}`,
      'Cannot use the field "limts" as the plan has no such field -> limits',
      'Cannot use the field "inptus" as the plan has no such field -> inputs',
      'Cannot use the field "zzz" as the plan has no such field',
    ],
    [`name: ▸''\n${OK}`, 'Cannot use "name" as it must not be empty: ""'],
    [`name: ▸5\n${OK}`, 'Cannot use "name" as it must be a text: 5'],
    [`failure: ▸go\n${OK}`, 'Cannot use "failure" as it must be stop or continue: "go"'],
    [
      `combine: ▸some\n${OK}`,
      'Cannot use "combine" as it must be all, best-effort, { first: <number> }, { vote: <rule> } or { synthesize: <question> }: "some"',
    ],
    [
      `combine: ▸{ frist: 1 }\n${OK}`,
      'Cannot use "combine" as it must be all, best-effort, { first: <number> }, { vote: <rule> } or { synthesize: <question> }: {"frist":1}',
    ],
    [
      `combine: { first: ▸0 }\n${OK}`,
      'Cannot use "combine.first" as it must be a whole number from 1: 0',
    ],
    [
      `combine: { ▸first: 2 }\n${OK}`,
      "Cannot wait for the first 2 results as the plan has 1 (tasks that no other comes after)",
    ],
    [`limit: ▸1.5\n${OK}`, 'Cannot use "limit" as it must be a whole number from 1: 1.5'],
    [
      `limits: { db: ▸0, web: ▸many }\n${OK}`,
      'Cannot use "limits.db" as it must be a whole number from 1: 0',
      'Cannot use "limits.web" as it must be a whole number from 1: "many"',
    ],
    [
      `inputs: { a: { b: [1, ▸.nan] } }\n${OK}`,
      'Cannot use "inputs.a.b.1" as it must be a text, a number, true, false, null, a list or a mapping: NaN',
    ],
    [
      `inputs: { ▸a: null }\n${OK}`,
      'Cannot run as input "a" has no value; give it one with --set a=<value>',
    ],
  ])("is refused at its place: %j", (text, ...messages) => {
    expectProblems(text, messages);
  });

  test("has no more results than there are tasks that no other comes after, teardown aside", () => {
    const plan = (first: string): string => `
combine: { ${first} }
tasks:
  a: { command: ls }
  b: { command: ls, after: a }
  c: { command: "echo \${{ tasks.a.stdout }}" }
  d: { command: ls, after: [b, c], always: true }
`;
    expect(parsePlan(plan("first: 2")).combine).toEqual({ kind: "first", count: 2 });
    expectProblems(plan("▸first: 3"), [
      "Cannot wait for the first 3 results as the plan has 2 (tasks that no other comes after)",
    ]);
  });

  test("has its results counted only when all tasks can be read", () => {
    expectProblems("combine: { first: 2 }\ntasks: { a: { command: ls }, b: { ▸comand: ls } }", [
      `Cannot run task "b" as it must have one of ${KINDS} -> command`,
    ]);
  });
});

describe("a search", () => {
  test("is not refused for what may still become a pattern, or is none", () => {
    const plan = parsePlan(`
inputs: { word: f }
tasks:
  a: { search: "\${{ inputs.word }}(" }
  b: { search: "f(", literal: true }
`);
    expect(plan.tasks).toHaveLength(2);
  });
});

describe("the shape of a task", () => {
  test.each<[string, ...string[]]>([
    ["▸t:", `Cannot run task "t" as it must be a mapping with one of ${KINDS}`],
    ["▸t: npm test", `Cannot run task "t" as it must be a mapping with one of ${KINDS}`],
    ["▸t: [ls]", `Cannot run task "t" as it must be a mapping with one of ${KINDS}`],
    ["▸t: { timeout: 1s }", `Cannot run task "t" as it must have one of ${KINDS}`],
    [
      "t: { timeout: 1s, ▸serach: x }",
      `Cannot run task "t" as it must have one of ${KINDS} -> search`,
    ],
    [
      "t: { command: ls, ▸read: x }",
      'Cannot run task "t" as it must be of one kind: command, read',
    ],
    [
      "t: { command: ls, ▸timout: 1s, ▸needs: b, ▸wirtes: c }",
      'Cannot use the field "timout" as task "t" has no such field -> timeout',
      'Cannot use the field "needs" as task "t" has no such field',
      'Cannot use the field "wirtes" as task "t" has no such field -> writes',
    ],
    ["t: { read: a, ▸stdin: x }", 'Cannot use the field "stdin" as task "t" has no such field'],
    ["t: { command: ▸'' }", 'Cannot use "command" of task "t" as it must not be empty: ""'],
    [
      "t: { command: ▸3 }",
      'Cannot use "command" of task "t" as it must be a text for the shell, or a list of a program and its arguments: 3',
    ],
    [
      "t: { command: [node, ▸{ a: 1 }, 3, ▸null] }",
      'Cannot use "command.1" of task "t" as it must be a text, a number, true or false: {"a":1}',
      'Cannot use "command.3" of task "t" as it must be a text, a number, true or false: null',
    ],
    [
      "t: { command: ls, env: { A: ▸[1], B: 2 } }",
      'Cannot use "env.A" of task "t" as it must be a text, a number, true or false: [1]',
    ],
    ["t: { command: ls, cwd: ▸1 }", 'Cannot use "cwd" of task "t" as it must be a text: 1'],
    ["t: { read: ▸[] }", 'Cannot use "read" of task "t" as it must not be empty: []'],
    ["t: { read: [a, ▸2] }", 'Cannot use "read.1" of task "t" as it must be a text: 2'],
    [
      "t: { read: ▸true }",
      'Cannot use "read" of task "t" as it must be a text or a list of texts: true',
    ],
    [
      "t: { search: '▸a(' }",
      'Cannot search for "a(": unterminated group; write \\ before a character that means itself',
    ],
    ["t: { search: '▸(?=a)' }", expect.stringContaining('Cannot search for "(?=a)"')],
    [
      "t: { each: [a], do: { search: '▸[b-a]' } }",
      expect.stringContaining('Cannot search for "[b-a]"'),
    ],
    ["t: { http: ▸localhost/x }", 'Cannot make a request as its URL cannot be read: "localhost/x"'],
    [
      't: { http: { url: "▸ftp://x" } }',
      'Cannot make a request as only http and https are known: "ftp:"',
    ],
    [
      "t: { search: a, ignoreCase: ▸1 }",
      'Cannot use "ignoreCase" of task "t" as it must be true or false: 1',
    ],
    [
      "▸t: { write: a }",
      'Cannot read task "t" as it has no field "content", which must be a text, a number, true, false, null, a list or a mapping',
    ],
    [
      't: { http: "http://x", ▸headers: { a: b } }',
      'Cannot use the field "headers" as task "t" has no such field; write http: { url: …, headers: … }',
    ],
    [
      "t: { command: ls, retry: 3, ▸delay: 1s }",
      'Cannot use the field "delay" as task "t" has no such field; write retry: { attempts: …, delay: … }',
    ],
    [
      "t: { command: ls, after: b, ▸until: settled }\n  b: { command: ls }",
      'Cannot use the field "until" as task "t" has no such field; write after: [{ task: …, until: … }]',
    ],
    [
      "t: { http: ▸7 }",
      'Cannot use "http" of task "t" as it must be an address, or { url, method, headers, body, json }: 7',
    ],
    [
      "t: { ▸http: { method: GET } }",
      'Cannot read "http" of task "t" as it has no field "url", which must be a text',
    ],
    [
      "t: { http: { url: x, ▸header: {} } }",
      'Cannot use the field "header" as "http" of task "t" has no such field -> headers',
    ],
    [
      "t: { http: { url: x, headers: { a: ▸1 } } }",
      'Cannot use "http.headers.a" of task "t" as it must be a text: 1',
    ],
    ["▸t: { each: [1] }", 'Cannot read task "t" as it has no field "do", which must be a task'],
    [
      "t: { each: ▸3, do: { command: ls } }",
      'Cannot use "each" of task "t" as it must be a reference to a list, or a list: 3',
    ],
    ["t: { each: [1], do: ▸ls }", 'Cannot use "do" of task "t" as it must be a task: "ls"'],
    [
      "t: { each: [1], ▸do: {} }",
      `Cannot run the item of task "t" as it must have one of ${KINDS}`,
    ],
    [
      "t: { each: [1], do: { ▸comand: ls } }",
      `Cannot run the item of task "t" as it must have one of ${KINDS} -> command`,
    ],
    [
      "t: { each: [1], do: { command: ls, ▸tiemout: 1s } }",
      'Cannot use the field "tiemout" as "do" of task "t" has no such field -> timeout',
    ],
    [
      "t: { each: [1], do: { ▸each: [2], do: { command: ls } } }",
      'Cannot run the item of task "t" as an item must not be "each" again',
    ],
    [
      "t: { each: [1], do: { command: ls, ▸after: b } }",
      'Cannot order the items of an each; write "after" beside "each"',
    ],
    [
      "t: { command: ls, timeout: ▸30 }",
      'Cannot use "timeout" of task "t" as it must be a number and a unit, such as 500ms, 30s, 5m or 2h: 30',
    ],
    [
      "t: { command: ls, deadline: ▸1d, grace: ▸-1s, expect: ▸'1 s' }",
      'Cannot use "deadline" of task "t" as it must be a number and a unit, such as 500ms, 30s, 5m or 2h: "1d"',
      'Cannot use "grace" of task "t" as it must be a number and a unit, such as 500ms, 30s, 5m or 2h: "-1s"',
      'Cannot use "expect" of task "t" as it must be a number and a unit, such as 500ms, 30s, 5m or 2h: "1 s"',
    ],
    [
      "t: { command: ls, retry: ▸0 }",
      'Cannot use "retry" of task "t" as it must be a whole number from 1: 0',
    ],
    [
      "t: { command: ls, retry: ▸often }",
      'Cannot use "retry" of task "t" as it must be a whole number from 1, or { attempts, delay, maxDelay, factor, jitter }: "often"',
    ],
    [
      "t: { command: ls, retry: { attempts: 2, ▸dely: 1s, factor: ▸0.5 } }",
      'Cannot use the field "dely" as "retry" of task "t" has no such field -> delay',
      'Cannot use "retry.factor" of task "t" as it must be a number from 1: 0.5',
    ],
    [
      "t: { command: ls, weight: ▸0 }",
      'Cannot use "weight" of task "t" as it must be a whole number from 1: 0',
    ],
    [
      "t: { command: ls, priority: ▸high }",
      'Cannot use "priority" of task "t" as it must be a number: "high"',
    ],
    [
      "t: { command: ls, exclusive: ▸yes }",
      'Cannot use "exclusive" of task "t" as it must be true or false: "yes"',
    ],
    [
      "t: { command: ls, limit: ▸3 }",
      'Cannot use "limit" of task "t" as it must be the name of a limit or a list of them: 3',
    ],
    [
      "t: { command: ls, when: ▸3 }",
      'Cannot use "when" of task "t" as it must be one reference, true or false: 3',
    ],
    [
      "t: { command: ls, after: ▸{ task: t } }",
      'Cannot use "after" of task "t" as it must be the name of a task or a list of them: {"task":"t"}',
    ],
    [
      "t: { command: ls, after: ▸'a b' }",
      'Cannot use "after" of task "t" as it must begin with a letter or _ and consist of letters, digits, _ and -: "a b"',
    ],
    [
      "t: { command: ls, after: [▸{ ▸tsk: t }, ▸4, { task: t, until: ▸done }] }",
      'Cannot read "after.0" of task "t" as it has no field "task", which must be a text',
      'Cannot use the field "tsk" as "after.0" of task "t" has no such field -> task',
      'Cannot use "after.1" of task "t" as it must be the name of a task, or { task, until }: 4',
      'Cannot use "after.2.until" of task "t" as it must be completed or settled: "done"',
    ],
  ])("is refused at its place: %j", (text, ...messages) => {
    expectProblems(`tasks:\n  ${text}\n`, messages);
  });

  test("is told of every task at once, in the order of the file", () => {
    expectProblems(
      `
inputs: { ▸from: ~ }
tasks:
  a: { command: ls, ▸tiemout: 1s }
  b: { command: "echo ▸\${{ tasks.aa.stdout }} ▸\${{ inputs.form }}", after: [▸d, a] }
  ▸c: { write: x }
  e: { command: ls, retry: { attempts: ▸x } }
`,
      [
        'Cannot run as input "from" has no value; give it one with --set from=<value>',
        'Cannot use the field "tiemout" as task "a" has no such field -> timeout',
        "Cannot use tasks.aa.stdout as the plan has no such task -> a",
        "Cannot use inputs.form as the plan has no such input -> from",
        'Cannot run task "b" after "d" as the plan has no such task -> a',
        'Cannot read task "c" as it has no field "content", which must be a text, a number, true, false, null, a list or a mapping',
        'Cannot use "retry.attempts" of task "e" as it must be a whole number from 1: "x"',
      ],
    );
  });
});
