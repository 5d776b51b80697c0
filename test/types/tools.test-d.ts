import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  defineTool,
  toolbox,
  type StandardSchema,
  type Tool,
  type Toolbox,
  type ToolResult,
  type Turn,
} from "../../src/tools/index.ts";

const input = z.object({ path: z.string(), count: z.number().default(1) });
type Input = z.output<typeof input>;

test("the type of the input flows from the schema to all functions of a tool", () => {
  const tool = defineTool({
    name: "t",
    input,
    reads: (given) => {
      expectTypeOf(given).toEqualTypeOf<Input>();
      return given.path;
    },
    writes: ({ path, count }) => {
      expectTypeOf(count).toEqualTypeOf<number>();
      return [path];
    },
    needsApproval: ({ count }) => count > 1,
    run: async (given, { signal, key }) => {
      expectTypeOf(given).toEqualTypeOf<Input>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return key.length;
    },
    format: (output, given) => {
      expectTypeOf(output).toEqualTypeOf<number>();
      return `${given.path} ${output}`;
    },
  });
  expectTypeOf(tool).toEqualTypeOf<Tool<Input, number>>();
});

test("what a schema makes of arguments counts, not what it takes", () => {
  const transformed = z.object({ at: z.string().transform((text) => new Date(text)) });
  defineTool({
    name: "t",
    input: transformed,
    run: ({ at }) => {
      expectTypeOf(at).toEqualTypeOf<Date>();
    },
  });
});

test("a schema of any library will do, and none leaves the input unknown", () => {
  const other = {} as StandardSchema<{ readonly n: number }>;
  const tool = defineTool({ name: "t", input: other, run: ({ n }) => n });
  expectTypeOf(tool).toEqualTypeOf<Tool<{ readonly n: number }, number>>();
  defineTool({
    name: "t",
    run: (given) => {
      expectTypeOf(given).toEqualTypeOf<unknown>();
    },
  });
});

test("a toolbox takes tools of different inputs", async () => {
  const box = toolbox([
    defineTool({ name: "a", input, run: ({ path }) => path }),
    defineTool({
      name: "b",
      input: z.object({ n: z.number() }),
      reads: ({ n }) => `db:${n}`,
      run: ({ n }) => n,
    }),
    defineTool({ name: "c", run: () => undefined }),
    { name: "d", run: () => 1 },
  ]);
  expectTypeOf(box).toEqualTypeOf<Toolbox>();
  expectTypeOf(box.turn()).toEqualTypeOf<Turn>();
  expectTypeOf(await box.run([{ id: "1", name: "a" }])).toEqualTypeOf<readonly ToolResult[]>();
  for await (const result of box.turn()) {
    expectTypeOf(result).toEqualTypeOf<ToolResult>();
  }
  const list = [
    defineTool({ name: "a", input, run: () => 1 }),
    defineTool({ name: "b", run: () => "x" }),
  ];
  expectTypeOf(toolbox(list)).toEqualTypeOf<Toolbox>();
});

test("wrong declarations are refused", () => {
  // @ts-expect-error -- a misspelt option
  defineTool({ name: "t", efect: "read", run: () => 1 });
  // @ts-expect-error -- there is no such effect
  defineTool({ name: "t", effect: "delete", run: () => 1 });
  // @ts-expect-error -- consent is not asked for later
  defineTool({ name: "t", needsApproval: async () => false, run: () => 1 });
  // @ts-expect-error -- a claim is a text
  defineTool({ name: "t", reads: () => 1, run: () => 1 });
  // @ts-expect-error -- the input has no such field
  defineTool({ name: "t", input, run: ({ missing }) => missing });
  // @ts-expect-error -- a call has a name
  toolbox([]).turn().call({ id: "1" });
});
