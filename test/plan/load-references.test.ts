import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/plan/index.ts";
import { expectProblems } from "./problems.ts";

/** The order that a plan of these tasks asks for, as "b after a until completed". */
function orderOf(tasks: string): readonly string[] {
  return parsePlan(`inputs: { n: 1 }\ntasks:\n${tasks}`).tasks.flatMap(({ name, after }) =>
    after.map(({ task, until }) => `${name} after ${task} until ${until}`),
  );
}

describe("a reference that cannot work", () => {
  test.each<[string, ...string[]]>([
    [
      'b: { command: "echo ▸${{ tasks.aa.stdout }}" }',
      "Cannot use tasks.aa.stdout as the plan has no such task -> a",
    ],
    [
      'b: { command: "echo ▸${{ tasks.a.stdot }}" }',
      "Cannot use tasks.a.stdot as a result of this task is one of .exitCode, .stdout, .stderr, .lines, .json, .stdoutFile, .stderrFile, .status -> stdout",
    ],
    [
      'b: { read: "▸${{ tasks.a }}" }',
      "Cannot use tasks.a as a result of this task is one of .exitCode, .stdout, .stderr, .lines, .json, .stdoutFile, .stderrFile, .status",
    ],
    [
      'b: { read: "▸${{ tasks.a[0] }}" }',
      "Cannot use tasks.a[0] as a result of this task is one of .exitCode, .stdout, .stderr, .lines, .json, .stdoutFile, .stderrFile, .status",
    ],
    [
      'b: { command: "echo ▸${{ tasks.b.stdout }}" }',
      "Cannot use tasks.b.stdout as a task cannot use its own result",
    ],
    [
      'b: { each: [1], do: { command: "echo ▸${{ tasks.b.lines }}" } }',
      "Cannot use tasks.b.lines as a task cannot use its own result",
    ],
    [
      'b: { command: "echo ▸${{ inputs.nme }}" }',
      "Cannot use inputs.nme as the plan has no such input -> name",
    ],
    [
      'b: { command: "echo ▸${{ inputs.deep.b }}" }',
      'Cannot use inputs.deep.b as there is no "b" in {"a":[1]}',
    ],
    [
      'b: { reads: "▸${{ inputs.deep.a[1] }}", command: ls }',
      "Cannot use inputs.deep.a[1] as there is no 1 in [1]",
    ],
    [
      'b: { command: "echo ▸${{ item }}" }',
      'Cannot use item as it exists only in the "do" of an each: item',
    ],
    [
      'b: { each: "▸${{ index }}", do: { command: ls } }',
      'Cannot use index as it exists only in the "do" of an each: index',
    ],
    [
      'b: { write: x, content: { a: [1, "▸${{ item.x }}"] } }',
      'Cannot use item as it exists only in the "do" of an each: item.x',
    ],
    [
      'b: { command: [ls, "▸${{ steps.a }}"] }',
      "Cannot read a reference as it must begin with tasks, inputs, item or index: steps.a",
    ],
    [
      'b: { read: ["ok", "x▸${{ tasks.a.lines"] }',
      'Cannot read a reference as it must end with "}}" on its line',
    ],
    [
      'b: { ▸module: "./${{ inputs.name }}.js" }',
      "Cannot choose a module by a reference; name its file",
    ],
    [
      'b: { command: ls, ▸when: "yes" }',
      'Cannot decide whether task "b" runs as "when" must be one reference, true or false: "yes"',
    ],
    [
      'b: { command: ls, ▸when: "${{ tasks.a.json }} x" }',
      'Cannot decide whether task "b" runs as "when" must be one reference, true or false: "${{ tasks.a.json }} x"',
    ],
    [
      'b: { command: ls, when: "▸${{ oops }}" }',
      "Cannot read a reference as it must begin with tasks, inputs, item or index: oops",
    ],
    ["b: { command: \"echo '▸${{ inputs.name }}'\" }", expect.stringContaining("inputs.name")],
  ])("is refused at its place: %s", (task, ...messages) => {
    expectProblems(
      `inputs: { name: x, deep: { a: [1] } }\ntasks:\n  a: { command: ls }\n  ${task}\n`,
      messages,
    );
  });

  test("has its place inside of texts of several lines, whichever way they are written", () => {
    const unknown = "Cannot use tasks.zz.stdout as the plan has no such task";
    expectProblems(
      `
tasks:
  literal:
    command: | # \${{ tasks.zz.stdout }}
      echo
        a ▸\${{ tasks.zz.stdout }} b

      echo $\${{ tasks.zz.stdout }} ▸\${{tasks.zz.stdout}}
  folded:
    command: >-
      echo
      a ▸\${{ tasks.zz.stdout }}
      b
  indented:
    stdin: |2
        x ▸\${{ tasks.zz.stdout }}
    command: cat
  plain:
    command: echo a
      b ▸\${{ tasks.zz.stdout }}
      c
  single:
    command: cat
    stdin: 'don''t
      ▸\${{ tasks.zz.stdout }} ''"''
      "'
  double: { command: "echo \\"a\\" \\
      ▸\${{ tasks.zz.stdout }} \\u0041
      ▸\${{tasks.zz.stdout}}\\"a\\"" }
  list:
    command: [node, -e,
      "x
       ▸\${{ tasks.zz.stdout }}",
      "▸\${{ tasks.zz.stdout }}"]
`,
      Array.from({ length: 10 }, () => unknown),
    );
  });

  test("has its place at the beginning of a text that writes it in another way", () => {
    expectProblems('tasks: { a: { command: ▸"echo \\x24{{ tasks.zz.stdout }}" } }', [
      "Cannot use tasks.zz.stdout as the plan has no such task",
    ]);
  });

  test("has its place in a line that is too long to be shown whole", () => {
    expectProblems(
      `tasks: { a: { command: "echo ${"x".repeat(300)} ▸\${{ tasks.zz.stdout }} ${"y".repeat(300)}" } }`,
      ["Cannot use tasks.zz.stdout as the plan has no such task"],
    );
  });

  test("may name any field that the kind of the other task has, and whether it ran", () => {
    const kinds = {
      command: ["command: ls", "exitCode stdout stderr lines json stdoutFile stderrFile status"],
      read: ["read: a", "files paths text lines json count status"],
      search: ["search: a", "matches count paths lines status"],
      write: ["write: a, content: b", "path bytes status"],
      module: ["module: ./m.js", "value status"],
      each: ["each: [1], do: { command: ls }", "values items count lines status"],
    };
    for (const [kind, [body, fields = ""]] of Object.entries(kinds)) {
      for (const field of fields.split(" ")) {
        const use = `b: { module: ./m.js, with: "\${{ tasks.a.${field} }}" }`;
        expect([kind, orderOf(`  a: { ${body} }\n  ${use}`)]).toEqual([
          kind,
          ["b after a until completed"],
        ]);
      }
    }
  });
});

describe("after", () => {
  test("means until completed, or what it says; for teardown until settled", () => {
    expect(
      orderOf(`
  a: { command: ls }
  b: { command: ls, after: a }
  c: { command: ls, after: [a, { task: b, until: settled }] }
  d: { command: ls, always: true, after: [a, { task: b, until: completed }] }
`),
    ).toEqual([
      "b after a until completed",
      "c after a until completed",
      "c after b until settled",
      "d after a until settled",
      "d after b until completed",
    ]);
  });

  test("is implied by references, wherever they stand, once", () => {
    expect(
      orderOf(`
  a: { command: ls }
  b: { command: pwd, after: a, env: { A: "\${{ tasks.a.stdout }}" } }
  c:
    command: [echo, "\${{ tasks.b.stdout }} \${{ tasks.a.stdout }}", "\${{ tasks.b.stderr }}"]
    reads: "\${{ inputs.n }}"
  d: { http: { url: "http://x/\${{ tasks.a.stdout }}", json: { deep: ["\${{ tasks.c.lines }}"] } } }
  e: { write: "\${{ tasks.d.text }}", content: "$\${{ tasks.a.stdout }}" }
  f: { command: ls, when: "\${{ tasks.a.json }}" }
  g: { command: ls, writes: "out/\${{ tasks.a.stdout }}" }
`),
    ).toEqual([
      "b after a until completed",
      "c after b until completed",
      "c after a until completed",
      "d after a until completed",
      "d after c until completed",
      "e after d until completed",
      "f after a until completed",
      "g after a until completed",
    ]);
  });

  test("decides how long a task waits for one that it refers to as well", () => {
    expect(
      orderOf(
        `
  a: { command: ls }
  b: { command: "echo \${{ tasks.a.status }}", after: [{ task: a, until: settled }] }
`,
      ),
    ).toEqual(["b after a until settled"]);
  });

  test("of an each is that of its list and of its items; teardown waits until settled for both", () => {
    const each = (always: boolean): string => `
  a: { command: ls }
  b: { command: ls }
  c:
    each: \${{ tasks.a.lines }}
    always: ${always}
    do: { command: "echo \${{ item }} \${{ index }} \${{ tasks.b.stdout }} \${{ tasks.a.stdout }}" }
`;
    expect(orderOf(each(false))).toEqual([
      "c after a until completed",
      "c after b until completed",
    ]);
    expect(orderOf(each(true))).toEqual(["c after a until settled", "c after b until settled"]);
  });

  test.each<[string, string]>([
    [
      "b: { command: ls, after: ▸bb }",
      'Cannot run task "b" after "bb" as the plan has no such task -> b',
    ],
    [
      "b: { command: ls, after: [a, '▸c'] }",
      'Cannot run task "b" after "c" as the plan has no such task -> a',
    ],
    [
      "b: { command: ls, after: [{ task: ▸aa }] }",
      'Cannot run task "b" after "aa" as the plan has no such task -> a',
    ],
    [
      'b: { command: ls, after: [{ until: settled, task: "▸zzz" }] }',
      'Cannot run task "b" after "zzz" as the plan has no such task',
    ],
  ])("names tasks of the plan: %s", (task, message) => {
    expectProblems(`tasks:\n  a: { command: ls }\n  ${task}\n`, [message]);
  });
});

describe("a cycle", () => {
  test.each([
    ["itself", "  ▸a: { command: ls, after: a }", "a -> a"],
    ["another", "  ▸a: { command: ls, after: b }\n  b: { command: ls, after: a }", "a -> b -> a"],
    [
      "references and after",
      '  ▸a: { command: "echo ${{ tasks.c.lines }}" }\n  b: { command: ls, after: a }\n  c: { each: [1], do: { command: "echo ${{ tasks.b.stdout }}" } }',
      "a -> c -> b -> a",
    ],
    [
      "what leads to it left out",
      "  x: { command: ls, after: c }\n  a: { command: ls, after: b }\n  b: { command: ls, after: [y, c] }\n  ▸c: { command: ls, after: a }\n  y: { command: ls }",
      "c -> a -> b -> c",
    ],
  ])("is refused with its whole path: %s", (_, tasks, path) => {
    expectProblems(`tasks:\n${tasks}\n`, [
      `Cannot run the plan as tasks wait for each other: ${path}`,
    ]);
  });

  test("is not two ways to one task", () => {
    expect(
      orderOf(
        "  d: { command: ls, after: [b, c] }\n  b: { command: ls, after: a }\n  c: { command: ls, after: [a, b] }\n  a: { command: ls }",
      ),
    ).toHaveLength(5);
  });
});

describe("limits", () => {
  test.each<[string, ...string[]]>([
    [
      "a: { command: ls, limit: ▸bd }",
      'Cannot run task "a" as the plan has no limit "bd"; name it under limits -> db',
    ],
    [
      "a: { command: ls, limit: [db, ▸comand] }",
      'Cannot run task "a" as the plan has no limit "comand"; name it under limits -> command',
    ],
    [
      "a: { command: ls, ▸▸weight: 4, limit: db }",
      'Cannot run task "a" as its weight must not exceed the 3 of limit "command": 4',
      'Cannot run task "a" as its weight must not exceed the 2 of limit "db": 4',
    ],
    [
      "a: { each: [1], do: { command: ls, ▸weight: 4 } }",
      'Cannot run task "a" as its weight must not exceed the 3 of limit "command": 4',
    ],
    [
      "a: { each: [1], ▸weight: 9, do: { command: ls } }",
      'Cannot run task "a" as its weight must not exceed the 5 of the whole plan: 9',
    ],
  ])("are named, and wide enough: %s", (task, ...messages) => {
    expectProblems(`limit: 5\nlimits: { db: 2, command: 3 }\ntasks:\n  ${task}\n`, messages);
  });

  test("of a kind hold for every task of it, and for the items of an each", () => {
    const { tasks } = parsePlan(`
limits: { each: 1, db: 4 }
tasks:
  a: { command: ls, limit: [db, command] }
  b: { each: [1], limit: db, do: { read: x, weight: 4, limit: db } }
`);
    expect(tasks[0]?.limits).toEqual(["command", "db"]);
    expect(tasks[1]?.limits).toEqual(["each", "db"]);
    expect(tasks[1]?.item).toMatchObject({ limits: ["read", "db"], weight: 4 });
  });
});
