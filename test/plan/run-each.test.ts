import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/index.ts";
import { rig } from "../../src/testing/index.ts";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

/** The keys of the tasks that were added, in that order. */
function added(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "task-added" ? [event.key] : []));
}

/** How each task settled, by key. */
function settled(events: readonly RunEvent[]): Readonly<Record<string, string>> {
  const keys = new Map(
    events.flatMap((event) => (event.type === "task-added" ? [[event.taskId, event.key]] : [])),
  );
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === "task-settled" ? [[keys.get(event.taskId) ?? "", event.status]] : [],
    ),
  );
}

describe("an each task", () => {
  test("runs its task for every item, and lets others see each field, in the order of the list", async () => {
    const r = rig();
    const held = ["a", "b", "c"].map((name) => r.task<string>(name));
    folder.hold(...held);
    const seen = folder.see(`
tasks:
  e: { each: [a, b, c], do: { module: "./tools.mjs#held", with: "\${{ item }}" } }
  seen:
    module: ./tools.mjs#see
    with:
      values: \${{ tasks.e.values }}
      items: \${{ tasks.e.items }}
      count: \${{ tasks.e.count }}
      one: \${{ tasks.e.values[1].value }}
      last: \${{ tasks.e.values[-1].status }}
`);
    for (const task of held.toReversed()) {
      await task.started;
      task.complete(`${task.name} done`);
    }
    expect(await seen).toEqual({
      values: ["a done", "b done", "c done"],
      items: ["a", "b", "c"],
      count: 3,
      one: "b done",
      last: "completed",
    });
    expect(r.order.filter((each) => each.endsWith("completed"))).toEqual([
      "c completed",
      "b completed",
      "a completed",
    ]);
  });

  test("hands its task the item and the index, and paths into the item", async () => {
    const seen = await folder.see(`
inputs: { suffix: "!" }
tasks:
  rows: { module: "./tools.mjs#see", with: [{ id: 7, tags: [x, y] }, { id: 8, tags: [z] }] }
  e:
    each: \${{ tasks.rows.value }}
    do:
      module: ./tools.mjs#see
      with: ["\${{ index }}", "\${{ item.id }}", "\${{ item.tags[-1] }}\${{ inputs.suffix }}", "\${{ tasks.rows.value[0].id }}"]
  seen: { module: "./tools.mjs#see", with: "\${{ tasks.e.values }}" }
`);
    expect(seen).toEqual([
      [0, 7, "y!", 7],
      [1, 8, "z!", 7],
    ]);
  });

  test("gives the lines of all items, and fields of each, for commands", async () => {
    const seen = await folder.see(`
tasks:
  e: { each: [2, 0, 1], do: { command: "seq 1 \${{ item }}; echo \${{ index }} >&2" } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.e.lines }}", "\${{ tasks.e.values[0].stdout }}", "\${{ tasks.e.values[2].stderr }}"] }
`);
    expect(seen).toEqual([["1", "2", "1"], "1\n2", "2"]);
  });

  test("lets another each read the fields of its results, whole", async () => {
    const result = await folder.run(`
tasks:
  e: { each: [1, 20000], do: { command: "seq 1 \${{ item }}" } }
  f: { each: "\${{ tasks.e.values }}", do: { module: "./tools.mjs#see", with: ["\${{ item.lines[-1] }}", "\${{ item.status }}", "\${{ item.exitCode }}"] } }
  g: { each: "\${{ tasks.e.values }}", do: { command: "wc -c", stdin: "\${{ item.stdout }}" } }
  h: { command: "wc -c", stdin: "\${{ tasks.e.values[1].stdout }}" }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.f.values }}", "\${{ tasks.g.lines }}", "\${{ tasks.h.stdout }}"] }
`);
    expect(valueOf(result, "seen")).toEqual([
      [
        ["1", "completed", 0],
        ["20000", "completed", 0],
      ],
      ["2", "108894"],
      "108894",
    ]);
    expect(valueOf(result, "f")).toMatchObject({ items: [{ item: { stdoutBytes: 2 } }, {}] });
  });

  test("does nothing for an empty list", async () => {
    const seen = await folder.see(`
tasks:
  none: { command: "true" }
  e: { each: "\${{ tasks.none.lines }}", do: { command: "exit 1" } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.e.values }}", "\${{ tasks.e.count }}", "\${{ tasks.e.lines }}"] }
`);
    expect(seen).toEqual([[], 0, []]);
  });

  test.each(['"text"', "7", "null", "{ a: [1] }"])(
    "refuses %s, which is no list",
    async (value) => {
      const result = await folder.run(`
tasks:
  a: { module: "./tools.mjs#see", with: ${value} }
  e: { each: "\${{ tasks.a.value }}", do: { command: "true" } }
`);
      expect(failureOf(result, "e")).toMatch(
        /^Cannot run a task for each item as "each" must be a list, such as the \.lines of a command: /,
      );
    },
  );

  test("refuses more than 100,000 items before it runs one", async () => {
    folder.write("many.mjs", "export default () => new Array(100_001).fill(0);");
    const result = await folder.run(`
tasks:
  a: { module: ./many.mjs }
  e: { each: "\${{ tasks.a.value }}", do: { command: "true" } }
`);
    expect(failureOf(result, "e")).toBe(
      "Cannot run a task for each item as there may be at most 100000: 100001",
    );
    expect(added(result.events)).toEqual(["a", "e"]);
  });

  test("names its items by themselves where they are short and differ, else by their index", async () => {
    const { events } = await folder.run(`
tasks:
  e:
    each: [src/a.ts, 7, true, { a: 1 }, "two\\nlines", "x[0]", "${"y".repeat(61)}", "", "#3", twin, twin, 2, "2", "${"z".repeat(60)}"]
    do: { module: "./tools.mjs#see" }
`);
    expect(added(events)).toEqual([
      "e",
      ...[
        "src/a.ts",
        "7",
        "true",
        "#3",
        "#4",
        "#5",
        "#6",
        "#7",
        "#8",
        "#9",
        "#10",
        "#11",
        "#12",
      ].map((label) => `e[${label}]`),
      `e[${"z".repeat(60)}]`,
    ]);
  });

  test("claims what its items claim together, where the list is known", async () => {
    const piece = fc.constantFrom("a", "b/", "*", "db:", "${{ item }}", "${{ index }}", "-");
    const path = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
    const item = fc.constantFrom("x", "y.z", "*", "x/y", 7, "p:q", "[a]", "..");
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 4 }), path, path, async (items, read, write) => {
        const inner = { module: "./tools.mjs#see", reads: [read], writes: [write] };
        const plan = { tasks: { e: { each: items, do: inner } } };
        const { events } = await folder.run(JSON.stringify(plan));
        const [each, ...own] = events.flatMap((event) =>
          event.type === "task-added" ? [event] : [],
        );
        expect(own).toHaveLength(items.length);
        // Where nothing of it depends on the item, it is claimed without items as well.
        const all = (field: "reads" | "writes"): Set<string> =>
          new Set(own.flatMap((task) => task[field]));
        if (items.length > 0) {
          expect([new Set(each?.reads), new Set(each?.writes)]).toEqual([
            all("reads"),
            all("writes"),
          ]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("runs beside another that touches other paths of the same folders", async () => {
    const r = rig();
    const [lint, build] = [r.task<string>("lint"), r.task<string>("build")];
    folder.hold(lint, build);
    const running = folder.run(`
inputs: { packages: [a] }
tasks:
  lint: { each: [a], do: { module: "./tools.mjs#held", with: lint, reads: "packages/\${{ item }}/src" } }
  build: { each: "\${{ inputs.packages }}", do: { module: "./tools.mjs#held", with: build, writes: "packages/\${{ item }}/dist" } }
`);
    await Promise.all([lint.started, build.started]);
    lint.complete("");
    build.complete("");
    expect((await running).status).toBe("completed");
  });

  test("never gives two items one name, and adds them in the order of the list", async () => {
    const item = fc.oneof(fc.constantFrom("a", "0", "1", "2", "a#1", "a#2", "#1"), fc.nat(3));
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (items) => {
        const { events, outcomes } = await folder.run(`
tasks: { e: { each: ${JSON.stringify(items)}, do: { module: "./tools.mjs#see", with: "\${{ item }}" } } }
`);
        const keys = added(events).slice(1);
        expect(new Set(keys).size).toBe(items.length);
        keys.forEach((key, index) => expect([`e[#${index}]`, `e[${items[index]}]`]).toContain(key));
        expect(outcomes["e"]).toMatchObject({
          value: { items: items.map((value) => ({ item: value, value })) },
        });
      }),
      { numRuns: 25 },
    );
  });

  test("fails with the names of the items that did, each with the command that it ran", async () => {
    const { failures } = await folder.run(`
failure: continue
tasks:
  c: { each: [10, 20, 30, "${"w".repeat(50)}"], do: { command: 'test "\${{ item }}" -lt 20' } }
`);
    const messages = new Map(failures.map(({ key, error }) => [key, (error as Error).message]));
    expect(messages.get("c")).toBe(
      `Cannot complete as 3 of 4 items failed: c[20], c[30], c[${"w".repeat(50)}]`,
    );
    expect(messages.get("c[20]")).toBe(`${JSON.stringify('test "20" -lt 20')} failed: exit code 1`);
    expect(messages.get(`c[${"w".repeat(50)}]`)).toContain(`${"w".repeat(40)}…`);
    const many = await folder.run(
      "{ failure: continue, tasks: { c: { each: [1, 2, 3, 4, 5, 6, 7], do: { command: exit 1 } } } }",
    );
    expect(failureOf(many, "c")).toBe(
      "Cannot complete as 7 of 7 items failed: c[1], c[2], c[3], c[4], c[5] and 2 more",
    );
  });

  test("keeps the output of items apart that are the same", async () => {
    const seen = await folder.see(`
tasks:
  e: { each: [x, x, x], do: { command: "seq \${{ index }} 20000" } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.e.values[0].lines[0] }}", "\${{ tasks.e.values[1].lines[0] }}", "\${{ tasks.e.values[2].lines[0] }}"] }
`);
    expect(seen).toEqual(["0", "1", "2"]);
  });

  test("fails with all failures of its items, where failures let others go on", async () => {
    const result = await folder.run(`
failure: continue
tasks:
  e: { each: [a, b, c], do: { command: "echo \${{ item }}; test \${{ item }} = b" } }
`);
    expect(statuses(result)).toEqual({ e: "failed" });
    expect(settled(result.events)).toEqual({
      "e[a]": "failed",
      "e[b]": "completed",
      "e[c]": "failed",
      e: "failed",
    });
    expect(result.outcomes["e"]).toMatchObject({
      error: {
        code: "TASKS_FAILED",
        errors: [
          { key: "e[a]", attempt: 1 },
          { key: "e[c]", attempt: 1 },
        ],
      },
    });
    expect(result.failures.map(({ key }) => key).toSorted()).toEqual(["e", "e[a]", "e[c]"]);
  });

  test("leaves what became of each item to those that run although some failed", async () => {
    const seen = await folder.see(`
failure: continue
tasks:
  e: { each: [a, b], do: { command: "echo \${{ item }}; test \${{ item }} = b" } }
  seen:
    after: [{ task: e, until: settled }]
    always: true
    module: ./tools.mjs#see
    with: ["\${{ tasks.e.items }}", "\${{ tasks.e.values[0].status }}", "\${{ tasks.e.values[1].stdout }}", "\${{ tasks.e.lines }}", "\${{ tasks.e.status }}"]
`);
    expect(seen).toEqual([["a", "b"], "failed", "b", ["b"], "failed"]);
  });

  test("lets a reference to what a failed item did not leave fail by name", async () => {
    const result = await folder.run(`
failure: continue
tasks:
  e: { each: [a], do: { command: "false" } }
  seen: { always: true, module: "./tools.mjs#see", with: "\${{ tasks.e.values[0].stdout }}" }
`);
    expect(failureOf(result, "seen")).toBe(
      "Cannot use tasks.e.values[0].stdout as the task has left no result: failed",
    );
  });

  test.each(["constructor", "toString", "nothing"])(
    "refuses the field %s, which its items do not have",
    async (field) => {
      const result = await folder.run(`
tasks:
  e: { each: [a], do: { command: "true" } }
  seen: { module: "./tools.mjs#see", with: "\${{ tasks.e.values[0].${field} }}" }
`);
      expect(failureOf(result, "seen")).toBe(
        `Cannot use the field "${field}" as a task of kind command has none`,
      );
    },
  );

  test("cancels the other items at the first failure, where failures stop the plan", async () => {
    const r = rig();
    const held = ["a", "b", "c"].map((name) => r.task(name));
    folder.hold(...held);
    const run = folder.run(`
limits: { narrow: 2 }
tasks:
  e: { each: [a, b, c], do: { module: "./tools.mjs#held", with: "\${{ item }}", limit: narrow } }
  later: { after: e, command: "touch later" }
`);
    await Promise.all([held[0]?.started, held[1]?.started]);
    held[1]?.fail(new Error("no"));
    const result = await run;
    expect(statuses(result)).toEqual({ e: "failed", later: "cancelled" });
    expect(settled(result.events)).toEqual({
      "e[a]": "cancelled",
      "e[b]": "failed",
      "e[c]": "cancelled",
      e: "failed",
      later: "cancelled",
    });
    expect(r.order).toEqual(["a started", "b started", "b failed", "a cancelled"]);
    expect(existsSync(folder.at("later"))).toBe(false);
  });

  test("skips the items whose condition is false, and completes", async () => {
    const result = await folder.run(`
tasks:
  e: { each: [{ run: true }, { run: false }], do: { when: "\${{ item.run }}", module: "./tools.mjs#see", with: ran } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.e.values[0].value }}", "\${{ tasks.e.values[1].status }}"] }
`);
    expect(statuses(result)).toEqual({ e: "completed", seen: "completed" });
    expect(result.outcomes["seen"]).toMatchObject({ value: ["ran", "skipped"] });
  });

  test("repeats an item that failed, not the others", async () => {
    const { outcomes, events } = await folder.run(`
tasks:
  e: { each: [1, 3], do: { module: "./tools.mjs#failUntil", with: "\${{ item }}", retry: { attempts: 3, delay: 0ms } } }
`);
    expect(outcomes["e"]).toMatchObject({
      status: "completed",
      attempts: 1,
      value: { items: [{ value: 1 }, { value: 3 }] },
    });
    expect(events.filter(({ type }) => type === "attempt-started")).toHaveLength(1 + 1 + 3);
  });

  test("does not hold up its own items where only one task may run at a time", async () => {
    const result = await folder.run(`
limit: 1
limits: { narrow: 1 }
tasks:
  e: { each: [a, b], limit: narrow, do: { command: "echo \${{ item }} >> out", limit: narrow } }
`);
    expect(result.status).toBe("completed");
    expect(readFileSync(folder.at("out"), "utf8")).toBe("a\nb\n");
  });

  test("orders items that write the same file as they stand in the list, and no others", async () => {
    const r = rig();
    const held = ["a1", "b1", "a2"].map((name) => r.task(name));
    folder.hold(...held);
    const run = folder.run(`
tasks:
  e:
    each: [{ file: a, name: a1 }, { file: b, name: b1 }, { file: a, name: a2 }]
    do: { module: "./tools.mjs#held", with: "\${{ item.name }}", writes: "out/\${{ item.file }}" }
`);
    await Promise.all([held[0]?.started, held[1]?.started]);
    await r.idle();
    expect(r.running).toEqual(["a1", "b1"]);
    held.slice(0, 2).forEach((task) => task.complete());
    await held[2]?.started;
    held[2]?.complete();
    expect((await run).status).toBe("completed");
  });
});
