import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  boolean,
  integer,
  list,
  number,
  object,
  oneOf,
  orNull,
  someText,
  text,
  type DataOf,
} from "../../src/models/shape.ts";

const SHAPE = object({
  name: someText(),
  note: orNull(text()),
  share: number(0, 1),
  total: number(),
  lines: list(integer(), 1),
  tags: list(object({ kind: oneOf(["a", "b"]), isNew: boolean() })),
});

const value = fc.record({
  name: fc.string({ maxLength: 2 }),
  note: fc.oneof(fc.string(), fc.constant(null), fc.integer()),
  share: fc.constantFrom<unknown>(0, 0.5, 1, 1.1, "1"),
  total: fc.constantFrom<unknown>(-5, 1e9, "many"),
  lines: fc.array(fc.constantFrom<unknown>(1, 2.5, -1, null), { maxLength: 3 }),
  tags: fc.array(
    fc.record({ kind: fc.constantFrom("a", "b", "c"), isNew: fc.constantFrom<unknown>(true, 1) }),
    { maxLength: 2 },
  ),
});

describe("a shape", () => {
  test("takes what its JSON Schema takes, and says where it does not", async () => {
    const oracle = z.fromJSONSchema(SHAPE.jsonSchema);
    await fc.assert(
      fc.asyncProperty(fc.oneof(value, fc.jsonValue({ maxDepth: 2 })), async (given) => {
        const result = await SHAPE.schema["~standard"].validate(given);
        expect(result.issues === undefined).toBe(oracle.safeParse(given).success);
        for (const { message, path = [] } of result.issues ?? []) {
          expect(message).toMatch(/^must be /);
          expect(path.every((step) => typeof step !== "object")).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("has the type of its data", () => {
    expectTypeOf<DataOf<typeof SHAPE>["tags"]>().toEqualTypeOf<
      { kind: "a" | "b"; isNew: boolean }[]
    >();
    expectTypeOf<DataOf<typeof SHAPE>["note"]>().toEqualTypeOf<string | null>();
  });
});
