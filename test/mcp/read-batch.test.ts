// What a model wrote becomes a batch, or is told what to change.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBatch } from "../../src/mcp/read-batch.ts";
import { Refusal } from "../../src/mcp/refusal.ts";
import { KINDS } from "../../src/mcp/step.ts";

const read = (steps: unknown, failure?: unknown) =>
  readBatch(failure === undefined ? { steps } : { steps, failure }, {
    tool: "parallel_run",
    kinds: KINDS.filter((kind) => kind !== "fetch"),
  });

const complaint = (steps: unknown, failure?: unknown): string => {
  try {
    read(steps, failure);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).message;
  }
  throw new Error("It was taken");
};

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) {
    value = [value];
  }
  return value;
};

describe("a batch", () => {
  test("has ids by number where it gives none, and keeps its order", () => {
    const { steps, inOrder, failure } = read([{ read: "a" }, { id: "x", run: "b" }, { list: "c" }]);
    expect(steps.map(({ id, kind }) => `${id} ${kind}`)).toEqual(["1 read", "x run", "3 list"]);
    expect(inOrder).toEqual(steps);
    expect(failure).toBe("continue");
  });

  test("may be a text, name one step under after, and have fields that are null", () => {
    const { steps } = read('[{"id": "a", "run": "x", "cwd": null}, {"run": "y", "after": "a"}]');
    expect(steps.map(({ after, fields }) => ({ after, fields }))).toEqual([
      { after: [], fields: { run: "x" } },
      { after: ["a"], fields: { run: "y" } },
    ]);
  });

  test("may have every field that there is, with nothing in those that are not meant", () => {
    const nothing = { search: "", in: [], list: null, run: "", literal: false, cwd: "", after: [] };
    const { steps } = read([
      { ...nothing, read: "a", from: 0, to: 0, content: "" },
      { ...nothing, run: "b", reads: [], stdin: "", timeoutMs: 0, edit: "" },
      { ...nothing, write: "c", content: "", overwrite: false },
    ]);
    expect(steps.map(({ fields }) => fields)).toEqual([
      { read: "a", from: 0 },
      { run: "b", reads: [], stdin: "" },
      { write: "c", content: "", overwrite: false },
    ]);
  });

  test.each([[null], [""], [[]], [false]])(
    "may have %j for an id, for after, and for failure",
    (nothing) => {
      const { steps, failure } = read([{ read: "a", id: nothing, after: nothing }], nothing);
      expect(steps).toEqual([{ id: "1", kind: "read", after: [], fields: { read: "a" } }]);
      expect(failure).toBe("continue");
    },
  );

  test("may refer to steps by their number, wherever they stand", () => {
    const { steps, inOrder } = read([
      { read: { $from: 2, path: "/files" } },
      { id: "s", search: "x" },
      { run: ["cat", { $from: 2, path: "/files/0" }] },
    ]);
    expect(steps[0]?.fields).toEqual({ read: { $from: "s", path: "/files" } });
    expect(steps[2]?.fields).toEqual({ run: ["cat", { $from: "s", path: "/files/0" }] });
    expect(inOrder.map(({ id }) => id)).toEqual(["s", "1", "3"]);
  });

  test("is put into an order that has every step after those that it names, the first that can be first", () => {
    const size = 8;
    const graph = fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), {
      minLength: size,
      maxLength: size,
    });
    fc.assert(
      fc.property(graph, fc.constantFrom(true, false), (edges, isForward) => {
        // Without a cycle: each names only earlier ones, or only later ones.
        const names = edges.map((each, index) =>
          each.filter((to) => (isForward ? to > index : to < index)).map((to) => String(to + 1)),
        );
        const { inOrder } = read(names.map((after) => ({ run: "x", after })));
        const place = new Map(inOrder.map(({ id }, index) => [id, index]));
        expect(inOrder).toHaveLength(size);
        for (const { id, after } of inOrder) {
          expect(after.every((other) => place.get(other)! < place.get(id)!)).toBe(true);
        }
        // Nothing stands before a step of a lower number without having to.
        inOrder.forEach((step, index) => {
          const next = inOrder[index + 1];
          if (next !== undefined && Number(next.id) < Number(step.id)) {
            expect(next.after).toContain(step.id);
          }
        });
      }),
    );
  });
});

describe("is told what to change", () => {
  test.each<[string, unknown, string]>([
    ["no list", undefined, '"steps" must be a list of 1 to 50 steps, such as'],
    ["no step", [], "not of 0"],
    ["too many steps", Array.from({ length: 51 }, () => ({ read: "a" })), "not of 51"],
    ["a text that is no list", "read a", '"steps" must be a list'],
    ["no object", ["a"], 'step 1: must be an object such as {"read": "src/a.ts"}: "a"'],
    ["no kind", [{ id: "a" }], 'step "a": it must have one of read, search, list, run, edit'],
    ["the name of another tool", [{ path: "a" }], '(did you mean "read"?)'],
    ["a command by another name", [{ command: "a" }], '(did you mean "run"?)'],
    ["a misspelt field", [{ search: "a", ignorecase: true }], '(did you mean "ignoreCase"?)'],
    [
      "a field of another kind",
      [{ read: "a", content: "b" }],
      'of kind read has no field "content"',
    ],
    ["two kinds", [{ read: "a", search: "b" }], "it has both read and search: make them steps"],
    ["reads for a command", [{ run: "a", read: "b" }], 'what a command touches is told by "reads"'],
    ["a kind that is not here", [{ fetch: "https://a.b" }], "no steps of kind fetch"],
    ["half an edit", [{ edit: "a", old: "b" }], 'a step of kind edit needs "new"'],
    ["a number for a text", [{ read: 5 }], '"read" must be a text or a list'],
    ["an empty path", [{ read: "" }], '"read" must be a text or a list'],
    ["an empty program", [{ run: ["", "a"] }], '"run" must be a text for the shell, or a list'],
    ["a text for a number", [{ read: "a", from: "1" }], '"from" must be an integer from 0: "1"'],
    [
      "too long a pattern",
      [{ search: "x".repeat(10_001) }],
      '"search" must be a text of 1 to 10000 characters: "xxx',
    ],
    ["too long a time", [{ run: "a", timeoutMs: 1e9 }], '"timeoutMs" must be an integer from 1 to'],
    ["a bad id", [{ id: "a b", run: "c" }], '"id" must be 1 to 64 letters'],
    ["an id with a NUL", [{ id: "a\0", run: "c" }], '"id" must be 1 to 64 letters'],
    ["an id twice", [{ id: "2", run: "a" }, { run: "b" }], 'two steps have the id "2"'],
    ["after no list", [{ run: "a", after: 1 }], '"after" must be a list of ids'],
    [
      "after none",
      [
        { id: "build", run: "a" },
        { run: "b", after: ["biuld"] },
      ],
      '"biuld", which is no step of this batch (did you mean "build"?)',
    ],
    ["after itself", [{ id: "a", run: "a", after: ["a"] }], "wait for each other: a -> a"],
    [
      "a cycle",
      [
        { run: "a", after: ["3"] },
        { run: "b", after: ["1"] },
        { run: "c", after: ["2"] },
      ],
      "the steps wait for each other: 1 -> 3 -> 2 -> 1",
    ],
    [
      "a cycle of references",
      [
        { id: "a", read: { $from: "b" } },
        { id: "b", read: { $from: "a" } },
      ],
      "a -> b -> a",
    ],
    ["a reference to none", [{ read: { $from: "x" } }], 'names "x", which is no step'],
    ["a reference by a number beyond", [{ read: { $from: 7 } }], 'names "7", which is no step'],
    [
      "what nests too deeply",
      [{ read: nested(50_000) }],
      '"read" must be a text or a list of 1 to 1000 texts, none of them empty: what nests too deeply',
    ],
    ["a field that nests too deeply", [{ reed: nested(50_000) }], "it must have one of"],
    ["a result for a command", [{ run: { $from: "1" } }], "what runs must be written out"],
    ["a result for a program", [{ run: [{ $from: "1" }, "a"] }], "what runs must be written out"],
    ["an inherited name", [{ constructor: "x" }], "it must have one of"],
  ])("that has %s", (_, steps, text) => {
    expect(complaint(steps)).toContain(text);
  });

  test("of all that is wrong at once, and that nothing was run", () => {
    const text = complaint([{ path: "a" }, { run: "b", timeout: 1 }, { edit: "c" }]);
    expect(text.split("\n")).toEqual([
      "Nothing was run. Correct this and call again:",
      '- step "1": it must have one of read, search, list, run, edit, write (did you mean "read"?)',
      '- step "2": a step of kind run has no field "timeout" (did you mean "timeoutMs"?)',
      '- step "3": a step of kind edit needs "old"',
      '- step "3": a step of kind edit needs "new"',
    ]);
  });

  test("of a failure that there is not", () => {
    expect(complaint([{ read: "a" }], "never")).toContain('"failure" must be "continue" or "stop"');
  });

  test("or taken, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), (steps) => {
        try {
          read([steps]);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
