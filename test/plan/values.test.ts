import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldOf } from "../../src/plan/kinds.ts";
import type { PlanValue } from "../../src/plan/index.ts";
import { TaskResult, Values } from "../../src/plan/values.ts";
import { isGlob } from "../../src/system/glob.ts";

const HOSTILE = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

const command = (stdout: string): unknown => ({
  exitCode: 0,
  signal: undefined,
  stdout,
  stdoutBytes: Buffer.byteLength(stdout),
  stdoutFile: undefined,
  stderr: "",
  stderrBytes: 0,
  stderrFile: undefined,
  lost: undefined,
});

const module = (value: unknown): TaskResult => new TaskResult("module", "completed", value);

const each = new TaskResult("each", "completed", {
  kind: "command",
  items: [
    { item: "a", status: "completed", value: command("one\n") },
    { item: "b", status: "failed", value: undefined },
    { item: "c", status: "completed", value: command("two\nthree\n") },
  ],
});

function valuesOf(
  results: Readonly<Record<string, TaskResult>> = {},
  inputs: Readonly<Record<string, PlanValue>> = {},
): Values {
  return new Values({ inputs, results: new Map(Object.entries(results)), readField: fieldOf });
}

const lookUp = async (values: Values, text: string): Promise<unknown> =>
  await values.resolve(`\${{ ${text} }}`);

describe("a path", () => {
  const values = valuesOf(
    { m: module({ list: [1, [2, { x: "y" }]], "odd name": null, "": 0, a: { length: 7 } }) },
    { one: "1", deep: { list: ["a", "b"] } },
  );

  test.each([
    ["tasks.m.value.list[0]", 1],
    ["tasks.m.value.list[-1][1].x", "y"],
    ['tasks.m.value["odd name"]', null],
    ["tasks.m.value['']", 0],
    ["tasks.m.value.a.length", 7],
    ["tasks.m.status", "completed"],
    ["inputs.one", "1"],
    ["inputs.deep.list[-2]", "a"],
    ["inputs.deep", { list: ["a", "b"] }],
  ])("leads to what is there: %s", async (text, value) => {
    await expect(lookUp(values, text)).resolves.toEqual(value);
  });

  test.each([
    ["tasks.m.value.list[2]", 'there is no 2 in [1,[2,{"x":"y"}]]'],
    ["tasks.m.value.list[-3]", 'there is no -3 in [1,[2,{"x":"y"}]]'],
    ["tasks.m.value.nothing", 'there is no "nothing" in '],
    ["tasks.m.value['odd name'].x", 'there is no "x" in null'],
    ["tasks.m.value.list[1][1].x.length", 'there is no "length" in "y"'],
    ["tasks.m.value.list[1][1].x[0]", 'there is no 0 in "y"'],
    ["inputs.deep.list.a", 'there is no "a" in ["a","b"]'],
    ["tasks.m.status.x", 'there is no "x" in "completed"'],
  ])("that leads nowhere is told with the step that fails: %s", async (text, why) => {
    await expect(lookUp(values, text)).rejects.toThrow(RangeError);
    await expect(lookUp(values, text)).rejects.toThrow(`Cannot use ${text} as ${why}`);
  });

  test("finds what any JSON holds at its own names and indexes, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(...HOSTILE, "x"),
        async (data, name) => {
          const values = valuesOf({ m: module(data) });
          for (const [key, value] of Object.entries(data).filter(([key]) => !key.includes("\n"))) {
            await expect(lookUp(values, `tasks.m.value[${JSON.stringify(key)}]`)).resolves.toEqual(
              value,
            );
          }
          if (!Object.hasOwn(data, name)) {
            await expect(lookUp(values, `tasks.m.value.${name}`)).rejects.toThrow(RangeError);
          }
        },
      ),
    );
  });

  test("does not show more of a long value than a line", async () => {
    const long = valuesOf({ m: module(["x".repeat(500)]) });
    const error = await lookUp(long, "tasks.m.value[1]").catch((reason: unknown) => String(reason));
    expect(String(error).length).toBeLessThan(160);
  });
});

describe("hostile names", () => {
  test.each(HOSTILE)("%s is found nowhere where nobody put it", async (name) => {
    const values = valuesOf(
      { m: module({}), c: new TaskResult("command", "completed", command("")), each },
      {},
    ).at(new TaskResult("command", "completed", command("x")), 0);
    for (const text of [
      `tasks.m.value.${name}`,
      `tasks.m.${name}`,
      `tasks.c.${name}`,
      `tasks.c.stdout.${name}`,
      `tasks.c.lines.${name}`,
      `tasks.each.values[0].${name}`,
      `item.${name}`,
      `index.${name}`,
      `inputs.${name}.${name}`,
      `tasks.${name}.value`,
    ]) {
      await expect(lookUp(values, text)).rejects.toThrow(RangeError);
    }
  });

  test.each(HOSTILE)(
    "%s is a name as any other where it is given, and changes nothing else",
    async (name) => {
      const data = Object.fromEntries([[name, { admin: true }]]);
      const values = valuesOf({ m: module(data), [`x${name}`]: module(1) });
      const filled = await values.resolve(
        Object.fromEntries([[name, `\${{ tasks.m.value.${name} }}`]]),
      );
      expect(Object.entries(filled as object)).toEqual([[name, { admin: true }]]);
      expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
      expect("admin" in {}).toBe(false);
    },
  );
});

describe("a text", () => {
  const values = valuesOf({
    m: module({ list: ["a", "b c"], n: 1.5, yes: true, no: null, text: "${{ index }}" }),
  });

  test.each([
    ["${{ tasks.m.value.list }}", ["a", "b c"]],
    [" ${{ tasks.m.value.n }}\n", 1.5],
    ["${{ tasks.m.value.no }}", null],
    ["n=${{ tasks.m.value.n }}", "n=1.5"],
    ["${{ tasks.m.value.list }}!", '["a","b c"]!'],
    ["${{ tasks.m.value.yes }}${{ tasks.m.value.no }}", "truenull"],
    ["$${{ tasks.m.value.n }}", "${{ tasks.m.value.n }}"],
    ["plain", "plain"],
  ])(
    "that is nothing but a reference keeps the type of the value, any other is a text: %j",
    async (text, value) => {
      await expect(values.resolve(text)).resolves.toEqual(value);
      await expect(values.text(text)).resolves.toBe(
        typeof value === "string" ? value : text.replace(/\$\{\{.*\}\}/, JSON.stringify(value)),
      );
    },
  );

  test("is filled in once: what a value holds is never read again", async () => {
    await expect(
      values.resolve(["${{ tasks.m.value.text }}", "x ${{ tasks.m.value.text }}"]),
    ).resolves.toEqual(["${{ index }}", "x ${{ index }}"]);
  });

  test("is filled in however deep, and everything else is left as it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (data) => {
        fc.pre(!JSON.stringify(data).includes("${{"));
        const mixed = { data, deep: [{ n: "${{ tasks.m.value.n }}" }] };
        await expect(values.resolve(mixed)).resolves.toEqual({ data, deep: [{ n: 1.5 }] });
      }),
    );
  });

  test("in a list becomes as many as its reference holds", async () => {
    await expect(
      values.texts(["x", "${{ tasks.m.value.list }}", "${{ tasks.m.value.n }}"]),
    ).resolves.toEqual(["x", "a", "b c", "1.5"]);
    await expect(values.texts("${{ tasks.m.value.list }}")).resolves.toEqual(["a", "b c"]);
    await expect(values.text(7)).resolves.toBe("7");
  });
});

describe("a pattern", () => {
  test("keeps its own wildcards and those of inputs, and takes what tasks returned as it is", async () => {
    const values = valuesOf(
      { m: module(["a*.ts", "b[1].ts"]) },
      { glob: "src/*.ts", many: ["x/*", "!x/y"] },
    );
    await expect(
      values.patterns([
        "*.js",
        "${{ inputs.glob }}",
        "${{ inputs.many }}",
        "lib/${{ inputs.glob }}",
      ]),
    ).resolves.toEqual(["*.js", "src/*.ts", "x/*", "!x/y", "lib/src/*.ts"]);
    const escaped = await values.patterns(["${{ tasks.m.value }}", "x/${{ tasks.m.value[0] }}"]);
    expect(escaped.map(isGlob)).toEqual([false, false, false]);
    expect(escaped.map((each) => each.replaceAll("\\", ""))).toEqual([
      "a*.ts",
      "b[1].ts",
      "x/a*.ts",
    ]);
    const [half = ""] = await values.patterns("*/${{ tasks.m.value[1] }}");
    expect(half.startsWith("*/b\\[1\\]")).toBe(true);
  });
});

describe("the result of a task", () => {
  test("that has left nothing is told with what became of it", async () => {
    const values = valuesOf({
      failed: new TaskResult("command", "failed", undefined),
      skipped: new TaskResult("module", "skipped", undefined),
      each,
    });
    await expect(lookUp(values, "tasks.failed.stdout")).rejects.toThrow(
      "Cannot use tasks.failed.stdout as the task has left no result: failed",
    );
    await expect(lookUp(values, "tasks.skipped.value")).rejects.toThrow(
      "has left no result: skipped",
    );
    await expect(lookUp(values, "tasks.each.values[1].stdout")).rejects.toThrow(
      "has left no result: failed",
    );
    await expect(lookUp(values, "tasks.never.value")).rejects.toThrow(RangeError);
    await expect(lookUp(values, "tasks.failed.status")).resolves.toBe("failed");
  });

  test("of an each has the results of its items, each with its own fields", async () => {
    const values = valuesOf({ each });
    const found = [
      "values[0].stdout",
      "values[-1].lines",
      "values[1].status",
      "items",
      "count",
      "lines",
      "items[2]",
    ];
    await expect(
      Promise.all(found.map((text) => lookUp(values, `tasks.each.${text}`))),
    ).resolves.toEqual([
      "one",
      ["two", "three"],
      "failed",
      ["a", "b", "c"],
      3,
      ["one", "two", "three"],
      "c",
    ]);
  });
});

describe("item and index", () => {
  test("are those of the current item, and nothing outside of an each", async () => {
    const values = valuesOf();
    const inside = values.at({ path: ["a", "b"] }, 4);
    await expect(lookUp(inside, "item.path[1]")).resolves.toBe("b");
    await expect(inside.text("${{ index }}/${{ item.path }}")).resolves.toBe('4/["a","b"]');
    await expect(lookUp(values, "item.path")).rejects.toThrow(RangeError);
  });
});
