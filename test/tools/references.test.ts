// Arguments that come from earlier calls: as data, once, from what has completed.
import { describe, expect, test } from "vitest";
import { defineTool, toolbox, type ToolResult } from "../../src/tools/index.ts";
import { call, heldTools, schema, statuses } from "./support.ts";

const give = (output: unknown) => defineTool({ name: "give", parallel: true, run: () => output });
const show = defineTool({ name: "show", parallel: true, run: (input) => ({ input }) });

/** What `show` is handed where its arguments are `input`, after a call "1" that gives `output`. */
async function shown(output: unknown, input: unknown): Promise<ToolResult> {
  const results = await toolbox([give(output), show]).run([
    call("1", "give"),
    call("2", "show", input),
  ]);
  return results[1] as ToolResult;
}

const output = {
  items: [{ id: "x" }, { id: "y" }],
  "a/b": 1,
  "m~n": 2,
  "": 3,
  nothing: null,
  $from: "1",
};

describe("a reference stands for", () => {
  test.each<[string, unknown, unknown]>([
    ["the whole output", { $from: "1" }, output],
    ["the whole output, by an empty path", { $from: "1", path: "" }, output],
    ["what stands at its path", { $from: "1", path: "/items/1/id" }, "y"],
    ["a field whose name has a slash", { $from: "1", path: "/a~1b" }, 1],
    ["a field whose name has a tilde", { $from: "1", path: "/m~0n" }, 2],
    ["a field without a name", { $from: "1", path: "/" }, 3],
    ["nothing that is there", { $from: "1", path: "/nothing" }, null],
    ["the output of a call by its number", { $from: 1, path: "/items/0" }, { id: "x" }],
  ])("%s", async (_, reference, expected) => {
    expect(await shown(output, { deep: [reference] })).toMatchObject({
      status: "completed",
      output: { input: { deep: [expected] } },
    });
  });

  test("data that is not looked at again", async () => {
    const inner = { $from: "1", path: "/secret" };
    expect((await shown({ inner, secret: "s" }, { $from: "1", path: "/inner" })).output).toEqual({
      input: inner,
    });
  });

  test.each([
    ["beside other fields", { $from: "1", other: 1 }],
    ["from what is no call", { $from: { id: "1" } }],
    ["with a path that is no text", { $from: "1", path: 0 }],
  ])("itself %s", async (_, input) => {
    expect((await shown(output, input)).output).toEqual({ input });
  });

  test("values beside keys that other objects inherit", async () => {
    const inputText =
      '{"__proto__": {"$from": "1", "path": "/a"}, "constructor": {"$from": 1, "path": "/a"}}';
    const results = await toolbox([give({ a: 7 }), show]).run([
      call("1", "give"),
      { id: "2", name: "show", inputText },
    ]);
    const { input } = (results[1] as ToolResult).output as { readonly input: object };
    expect(Object.entries(input)).toEqual([
      ["__proto__", 7],
      ["constructor", 7],
    ]);
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  });
});

describe("a reference is refused", () => {
  test.each<[string, unknown, string]>([
    [
      "to what is not there",
      { $from: "1", path: "/items/7" },
      'there is no "7" at "/items" of its output, a list of 2',
    ],
    [
      "to what objects inherit",
      { $from: "1", path: "/toString" },
      'there is no "toString" in its output',
    ],
    ["through __proto__", { $from: "1", path: "/__proto__/polluted" }, 'there is no "__proto__"'],
    ["to the length of a list", { $from: "1", path: "/items/length" }, 'there is no "length"'],
    ["into a text", { $from: "1", path: "/items/0/id/0" }, "which is a string"],
    ["by a path that is none", { $from: "1", path: "items" }, 'a path begins with "/"'],
    [
      "to a call that is none",
      { $from: "none" },
      '"$from": "none" is no earlier call of this response',
    ],
    ["to itself", { $from: "2" }, "no earlier call"],
    ["to itself by number", { $from: 2 }, "no earlier call"],
    ["to number 0", { $from: 0 }, "no earlier call"],
    ["to number 1.5", { $from: 1.5 }, "no earlier call"],
    ["to number -1", { $from: -1 }, "no earlier call"],
  ])("%s", async (_, reference, complaint) => {
    const result = await shown(output, [reference]);
    expect(result).toMatchObject({ status: "invalid", attempts: 0 });
    expect(result.text).toContain(complaint);
  });

  test("to a later call", async () => {
    const results = await toolbox([give(1), show]).run([
      call("1", "show", { $from: "2" }),
      call("2", "give"),
    ]);
    expect(statuses(results)).toEqual(["1 invalid", "2 completed"]);
  });

  test("where what it stands for is not what the tool takes", async () => {
    const strict = defineTool({
      name: "strict",
      input: schema<{ n: number }>(({ n }) =>
        typeof n === "number" ? undefined : "n must be a number",
      ),
      run: ({ n }) => n,
    });
    const results = await toolbox([give("text"), strict]).run([
      call("1", "give"),
      call("2", "strict", { n: { $from: "1" } }),
    ]);
    expect(results[1]).toMatchObject({ status: "invalid", attempts: 0 });
    expect(results[1]?.text).toContain("- n must be a number");
  });
});

test("a call that uses what did not come is skipped, and names it; so are those that use it in turn", async () => {
  const fails = defineTool({
    name: "fails",
    run: () => {
      throw new Error("no");
    },
  });
  const results = await toolbox([fails, show]).run([
    call("1", "fails"),
    call("2", "show", [{ $from: "1" }]),
    call("3", "show", { $from: 2, path: "/input" }),
    call("4", "show", 1),
  ]);
  expect(statuses(results)).toEqual(["1 failed", "2 skipped", "3 skipped", "4 completed"]);
  expect(results[1]?.text).toBe(
    'show was not run, as it uses the output of call "1", which was failed.',
  );
});

test("a call holds its place while it waits for what it uses: later ones that may conflict wait, others go on", async () => {
  const write = { name: "write", writes: ({ key }: { key: string }) => `db:${key}` } as const;
  const { box, task, rig } = heldTools([{ name: "free", parallel: true }, write]);
  const turn = box.turn();
  turn.call(call("1", "free"));
  turn.call(call("2", "write", { key: { $from: "1" } }));
  turn.call(call("3", "write", { key: "a" }));
  turn.call(call("4", "free"));
  turn.commit();
  await rig.idle();
  expect(rig.running).toEqual(["1", "4"]);
  task("1").complete("a");
  await rig.idle();
  expect(rig.running).toEqual(["4", "2"]);
  task("2").complete("two");
  await task("3").started;
  task("3").complete("three");
  task("4").complete("four");
  const results = await turn.results();
  expect(statuses(results)).toEqual(["1 completed", "2 completed", "3 completed", "4 completed"]);
});

describe("a call with references inside a call that claims something", () => {
  const key = (input: unknown): string => `db:${String((input as { k: unknown }).k)}`;
  const inner = toolbox([give("x"), { name: "write", writes: key, run: () => "written" }]);
  const outer = (k: unknown) =>
    toolbox([
      {
        name: "outer",
        writes: () => "db:x",
        run: async (_, within) =>
          await inner.run([call("1", "give"), call("2", "write", { k })], { within }),
      },
    ]);
  const inside = async (k: unknown): Promise<ToolResult | undefined> => {
    const [result] = await outer(k).run([call("outer", "outer")]);
    const results = result?.output as readonly ToolResult[] | undefined;
    return results?.[1];
  };

  test("runs where what it claims after all lies within", async () => {
    expect(await inside({ $from: "1" })).toMatchObject({ status: "completed", output: "written" });
  });

  test("is invalid where it does not", async () => {
    expect(await inside([{ $from: "1" }, "y"])).toMatchObject({
      status: "invalid",
      text: expect.stringContaining('which task "outer" around it does not claim') as string,
    });
  });
});
