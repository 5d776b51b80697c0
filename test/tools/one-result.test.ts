// Whatever a model writes and whatever a tool does: one clear result.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineTool,
  toolbox,
  type Tool,
  type ToolCall,
  type ToolResult,
} from "../../src/tools/index.ts";
import { promiseAndHands } from "../../src/core/promise-and-hands.ts";
import { call, schema, statuses } from "./support.ts";

const echo = defineTool({
  name: "echo",
  input: schema<Record<string, unknown>>(),
  parallel: true,
  run: (input) => input,
});

/** Runs one call beside one that completes: nothing that happens to the first may touch the second. */
async function resultOf(
  tool: Tool,
  given: Omit<ToolCall, "id" | "name"> & { name?: string } = {},
): Promise<ToolResult> {
  const box = toolbox([tool, defineTool({ name: "beside", run: () => "unharmed" })]);
  const results = await box.run([{ id: "1", name: tool.name, ...given }, call("2", "beside")]);
  expect(results).toHaveLength(2);
  expect(results[1]).toMatchObject({ id: "2", status: "completed", text: "unharmed" });
  await box.idle();
  return results[0] as ToolResult;
}

const throws = (error: unknown): Tool =>
  defineTool({
    name: "t",
    run: () => {
      throw error;
    },
  });

describe("a call that cannot run is answered as invalid:", () => {
  test("of an unknown tool, with what was probably meant and what there is", async () => {
    expect(await resultOf(echo, { name: "ecko" })).toMatchObject({
      status: "invalid",
      isError: true,
      attempts: 0,
      text: 'There is no tool "ecko" (did you mean "echo"?). The tools are: echo, beside.',
    });
  });

  test("of an unknown tool in a toolbox without tools, or of a very long name", async () => {
    const [none] = await toolbox([]).run([call("1", "t")]);
    expect(none).toMatchObject({
      status: "invalid",
      text: 'There is no tool "t". The tools are: none.',
    });
    const long = await resultOf(echo, { name: "e".repeat(50_000) });
    expect(long.status).toBe("invalid");
    expect(Buffer.byteLength(long.text)).toBeLessThanOrEqual(30_000);
  });

  test.each(["__proto__", "constructor", "toString", ""])("of a tool called %j", async (name) => {
    expect(await resultOf(echo, { name })).toMatchObject({ status: "invalid", name });
  });

  test("of text that is no JSON, with the complaint of the parser", async () => {
    const result = await resultOf(echo, { inputText: '{"a": 1' });
    expect(result).toMatchObject({ status: "invalid", attempts: 0 });
    expect(result.text).toMatch(
      /^The arguments of echo are invalid; nothing was run\..*\nThey are not JSON: /,
    );
  });

  test("of wrong arguments, with every complaint of the schema and its place", async () => {
    const input = z.object({
      paths: z.array(z.object({ from: z.number() })),
      mode: z.enum(["r", "w"]),
    });
    const tool = defineTool({ name: "t", input, run: () => 1 });
    const { text, status } = await resultOf(tool, {
      input: { paths: [{ from: "x" }], mode: "r" },
    });
    expect(status).toBe("invalid");
    expect(text).toBe(
      "The arguments of t are invalid; nothing was run. Correct them and call it again.\n- paths[0].from: Invalid input: expected number, received string",
    );
    const both = await resultOf(tool, { inputText: "" });
    expect(both.text).toContain("- paths: ");
    expect(both.text).toContain("- mode: ");
  });

  test("of more complaints than anybody reads: the first ten, and how many more", async () => {
    const tool = defineTool({ name: "t", input: z.array(z.number()), run: () => 1 });
    const { text } = await resultOf(tool, { input: Array(25).fill("x") });
    expect(text.match(/^- \[\d+\]/gm)).toHaveLength(10);
    expect(text).toContain("- and 15 more");
  });

  test.each<[string, unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken"))],
    ["gives nothing", () => undefined],
    ["gives a promise of nothing", () => Promise.resolve()],
    [
      "gives a promise of an issue with a path of nothing",
      async () => ({ issues: [{ message: "m", path: [null] }] }),
    ],
    ["gives a promise of issues that are no list", async () => ({ issues: 1 })],
  ])("of a schema that %s", async (_, validate) => {
    const input = { "~standard": { version: 1, vendor: "test", validate } };
    expect(await resultOf({ ...echo, input } as unknown as Tool)).toMatchObject({
      status: "invalid",
      attempts: 0,
    });
  });

  test.each([
    ["objects", (inside: unknown) => ({ a: inside })],
    ["lists", (inside: unknown) => [inside]],
  ])("that nests 100,000 %s", async (_, wrap) => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) {
      deep = wrap(deep);
    }
    const result = await resultOf(echo, { input: deep });
    expect(result).toMatchObject({ status: "invalid", attempts: 0 });
  });

  test("as text that nests 100,000 levels, and as an object in a circle", async () => {
    const inputText = "[".repeat(100_000) + "]".repeat(100_000);
    expect((await resultOf(echo, { inputText })).status).toBe("invalid");
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect((await resultOf(echo, { input: circle })).status).toBe("invalid");
  });
});

describe("a tool whose declarations are at fault has its calls fail before they run, and their arguments are not blamed:", () => {
  const cause = new Error("cannot say");
  const throws = (): never => {
    throw cause;
  };
  const rejects = (): unknown => Promise.reject(cause);
  test.each<[string, object, string]>([
    ["reads throws", { reads: throws }, "reads"],
    ["writes throws", { writes: throws }, "writes"],
    ["needsApproval throws", { needsApproval: throws }, "needsApproval"],
    ["needsApproval rejects", { needsApproval: rejects }, "needsApproval"],
    [
      "needsApproval of another realm rejects",
      { needsApproval: () => runInNewContext('Promise.reject(new Error("cannot say"))') },
      "needsApproval",
    ],
  ])("%s", async (_, declarations, name) => {
    const ran: unknown[] = [];
    const tools = [
      { name: "give", parallel: true, run: () => "given" },
      { name: "t", parallel: true, run: (input: unknown) => ran.push(input) },
      { name: "t2", ...declarations, run: (input: unknown) => ran.push(input) },
    ] as readonly Tool[];
    const box = toolbox(tools, { approve: () => true });
    const results = await box.run([
      call("1", "give"),
      call("2", "t2"),
      call("3", "t2", { $from: "1" }),
      call("4", "t", 4),
    ]);
    expect(statuses(results)).toEqual(["1 completed", "2 failed", "3 failed", "4 completed"]);
    for (const { text, error, attempts } of results.slice(1, 3)) {
      expect(text).toBe(
        `t2 failed: Cannot run as "${name}" of the tool is at fault, not the arguments: cannot say`,
      );
      expect((error as Error).cause).toMatchObject({ message: "cannot say" });
      expect(attempts).toBe(0);
    }
    expect(ran).toEqual([4]);
    await box.idle();
  });

  test.each<[string, () => unknown]>([
    ["no resource", () => "src/a.ts"],
    ["nothing", () => undefined],
    ["a promise", async () => await Promise.resolve("db:x")],
    ["a promise that rejects", rejects],
  ])("writes gives %s", async (_, writes) => {
    const tool = { name: "t", writes, run: () => 1 } as unknown as Tool;
    const result = await resultOf(tool);
    expect(result).toMatchObject({ status: "failed", attempts: 0 });
    expect(result.text).toContain(
      'Cannot claim for tool "t" as the name of a resource begins with its kind',
    );
  });

  test("one that is asked later, and cancelled meanwhile, asks nobody for consent", async () => {
    const asked = promiseAndHands<boolean>();
    const requests: unknown[] = [];
    const tool = { name: "t", needsApproval: () => asked.promise, run: () => 1 };
    const box = toolbox([tool as unknown as Tool], { approve: (each) => requests.push(each) > 0 });
    const turn = box.turn();
    turn.call(call("1", "t"));
    turn.call(call("2", "t"));
    turn.commit();
    turn.cancel("1");
    expect(requests).toEqual([]);
    asked.resolve(true);
    expect(statuses(await turn.results())).toEqual(["1 cancelled", "2 completed"]);
    expect(requests).toEqual([{ id: "2", name: "t", input: {} }]);
  });
});

test("the second call of an id is not run, and the first keeps its result", async () => {
  const seen: unknown[] = [];
  const tool = defineTool({
    name: "t",
    input: schema<{ n: number }>(),
    run: ({ n }) => seen.push(n),
  });
  const results = await toolbox([tool]).run([
    call("x", "t", { n: 1 }),
    call("x", "t", { n: 2 }),
    call("x", "none"),
    call("y", "t", { n: 3 }),
  ]);
  expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual([
    "x completed",
    "x invalid",
    "x invalid",
    "y completed",
  ]);
  expect(results[1]?.text).toContain('has the id "x" already');
  expect(seen).toEqual([1, 3]);
});

test.each<[string, ToolCall, string]>([
  ["without an id", { id: "", name: "t" }, 'its "id" must be a text: ""'],
  ["without a name", { id: "1" } as ToolCall, 'its "name" must be a text'],
  [
    "with both kinds of arguments",
    { id: "1", name: "t", input: 1, inputText: "1" },
    'both "input" and "inputText"',
  ],
])("a call %s is refused at once", (_, wrong, message) => {
  const turn = toolbox([]).turn();
  expect(() => turn.call(wrong)).toThrow(message);
  expect(() => turn.call(wrong)).toThrow(TypeError);
});

describe("what a tool throws is told:", () => {
  test.each<[string, unknown, string]>([
    ["a text", "no disk", "t failed: no disk"],
    ["an empty text", "", "t failed: it threw '', which says nothing of why"],
    ["nothing", undefined, "t failed: it threw undefined, which says nothing of why"],
    ["null", null, "t failed: null"],
    ["a number", 7, "t failed: 7"],
    ["a symbol", Symbol("s"), "t failed: Symbol(s)"],
    ["an object", { code: 5, why: "full" }, 't failed: {"code":5,"why":"full"}'],
    [
      "an object without a prototype",
      Object.assign(Object.create(null), { a: 1 }),
      't failed: {"a":1}',
    ],
    ["an error without words", new Error(""), "t failed: Error"],
    [
      "an error with causes",
      new Error("cannot save", { cause: new Error("disk full", { cause: new Error("quota") }) }),
      "t failed: cannot save\nCaused by: disk full\nCaused by: quota",
    ],
    ["several errors", new AggregateError([new Error("one"), "two"]), "t failed: one\ntwo"],
    [
      "several errors with a text",
      new AggregateError([new Error("one")], "all failed"),
      "t failed: all failed\none",
    ],
    ["an error of another realm", runInNewContext('new Error("elsewhere")'), "t failed: elsewhere"],
  ])("%s", async (_, error, text) => {
    const result = await resultOf(throws(error));
    expect(result).toMatchObject({
      status: "failed",
      isError: true,
      text,
      output: undefined,
      attempts: 1,
    });
    expect(result.error).toBe(error);
  });

  test("an error that is its own cause, and one whose words cannot be read", async () => {
    const circle = new Error("round");
    circle.cause = circle;
    expect((await resultOf(throws(circle))).text).toBe("t failed: round");
    const unreadable = Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error("no");
      },
    });
    expect(await resultOf(throws(unreadable))).toMatchObject({ status: "failed" });
    const noCause = Object.defineProperty(new Error("x"), "cause", {
      get: () => {
        throw new Error("no");
      },
    });
    expect(await resultOf(throws(noCause))).toMatchObject({ status: "failed" });
  });

  test("an object that cannot be shown", async () => {
    const hostile = {
      toJSON: () => {
        throw new Error("no");
      },
      [Symbol.for("nodejs.util.inspect.custom")]: () => {
        throw new Error("no");
      },
    };
    expect(await resultOf(throws(hostile))).toMatchObject({ status: "failed" });
  });
});

describe("an output becomes text:", () => {
  const gives = (output: unknown, format?: (value: unknown) => string): Tool =>
    ({ name: "t", run: () => output, format }) as Tool;

  test.each<[string, unknown, string]>([
    ["a text as it is", "a\n", "a\n"],
    ["an empty one by a note", "", "(no output)"],
    ["nothing by a note", undefined, "(no output)"],
    ["null", null, "null"],
    ["an object as JSON", { a: [1] }, '{"a":[1]}'],
  ])("%s", async (_, output, text) => {
    expect(await resultOf(gives(output))).toMatchObject({ status: "completed", text, output });
  });

  test("one in a circle, or with big integers, as far as it can be shown", async () => {
    const circle: Record<string, unknown> = { name: "round" };
    circle["self"] = circle;
    const result = await resultOf(gives(circle));
    expect(result.status).toBe("completed");
    expect(result.text).toContain("round");
    expect((await resultOf(gives({ big: 1n }))).text).toContain("1n");
  });

  test("one that cannot be shown is a failure that says that the tool has ended", async () => {
    const hostile = {
      toJSON: () => {
        throw new Error("no");
      },
      [Symbol.for("nodejs.util.inspect.custom")]: () => {
        throw new Error("not shown");
      },
    };
    const result = await resultOf(gives(hostile));
    expect(result.status).toBe("failed");
    expect(result.text).toContain("t has ended, but its output could not be shown");
  });

  test("a format that throws is a failure that says so", async () => {
    const result = await resultOf(
      gives(1, () => {
        throw new Error("bad format");
      }),
    );
    expect(result).toMatchObject({ status: "failed", output: undefined });
    expect(result.text).toBe(
      "t has ended, but its output could not be shown: t failed: bad format",
    );
  });

  test.each([undefined, 5, null])(
    "a format that gives %j is a failure that says so",
    async (wrong) => {
      const result = await resultOf(gives(1, () => wrong as unknown as string));
      expect(result.status).toBe("failed");
      expect(result.text).toContain("its output could not be shown");
    },
  );
});

test("a toolbox refuses wrong tools and options at once", () => {
  expect(() => toolbox([echo, echo])).toThrow('two tools have the name "echo"');
  expect(() => toolbox([], { limit: 0 })).toThrow(RangeError);
  expect(() => toolbox([], { maxResultBytes: 999 })).toThrow(RangeError);
  expect(() => toolbox([], { maxResultBytes: Number.NaN })).toThrow(RangeError);
  expect(() => toolbox([{ name: "t", limit: 0, run: () => 1 }])).toThrow(RangeError);
  expect(() => toolbox([{ name: "t", timeoutMs: -1, run: () => 1 }])).toThrow(RangeError);
  expect(() => defineTool({ name: "t", retry: 2, run: () => 1 })).toThrow(
    '"retry" needs "idempotent: true"',
  );
  expect(() => defineTool({ name: "a b", run: () => 1 })).toThrow('"a b"');
  expect(() => defineTool({ name: "t", efect: "read", run: () => 1 } as never)).toThrow(
    'did you mean "effect"?',
  );
  expect(() =>
    defineTool({ name: "t", effect: "read", writes: () => "db:x", run: () => 1 }),
  ).toThrow("effect");
  expect(() =>
    defineTool({ name: "t", parallel: true, reads: () => "db:x", run: () => 1 }),
  ).toThrow("parallel");
});

test("a schema may answer with a promise of another realm: what it refuses does not run", async () => {
  const refused = runInNewContext('Promise.resolve({ issues: [{ message: "too long" }] })');
  const input = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => refused as Promise<{ issues: readonly { message: string }[] }>,
    },
  } as const;
  let ran = false;
  const run = (): void => {
    ran = true;
  };
  const [result] = await toolbox([defineTool({ name: "t", input, run })]).run([call("1", "t")]);
  expect(result).toMatchObject({ status: "invalid" });
  expect(result?.text).toContain("too long");
  expect(ran).toBe(false);
});
