import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import { readObject } from "../../src/models/read-object.ts";

const score = z.object({ score: z.number().int(), tags: z.array(z.string()).default([]) });

async function complaints(text: string, schema: z.ZodType = score): Promise<readonly string[]> {
  const error: unknown = await readObject(text, schema).catch((error: unknown) => error);
  if (!ModelOutputError.isInstance(error)) {
    throw new Error("It was read");
  }
  expect(error.text).toBe(text);
  expect(error.response).toBeUndefined();
  return error.complaints;
}

describe("readObject", () => {
  test("reads JSON, and returns what the schema makes of it", async () => {
    expect(await readObject(' { "score": 1 }\n', score)).toEqual({ score: 1, tags: [] });
  });

  test("reads back whatever was written as JSON, bare or in the one block of a text", async () => {
    const fence = fc.constantFrom("```", "````", "~~~");
    const prose = fc.constantFrom("", "Here it is:\n", "See `a` and {b}.\n\n");
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fence,
        fc.constantFrom("", "json", " json title=x"),
        prose,
        fc.constantFrom("", "\n", "\n\nThat is all.", "\r\n"),
        fc.constantFrom(undefined, 2),
        async (value, fence, info, before, after, indent) => {
          const json = JSON.stringify(value, undefined, indent);
          const expected = JSON.parse(json) as unknown;
          expect(await readObject(json, z.unknown())).toEqual(expected);
          const text = `${before}${fence}${info}\n${json}\n${fence}${after}`;
          expect(await readObject(text, z.unknown())).toEqual(expected);
        },
      ),
    );
  });

  test("does not take fences inside a string for the end of a block", async () => {
    const value = { code: "```ts\nlet a;\n```\n" };
    const text = `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;
    expect(await readObject(text, z.unknown())).toEqual(value);
    expect(await readObject(JSON.stringify(value), z.unknown())).toEqual(value);
  });

  test("says what is no JSON", async () => {
    expect(await complaints(" \n")).toEqual(["It is empty"]);
    expect(await complaints("seven")).toEqual([expect.stringMatching(/^It is not JSON: /)]);
    expect(await complaints("```\nseven\n```")).toEqual([
      expect.stringMatching(/^It is not JSON: /),
    ]);
    expect(await complaints('```\n{}\n```\nor\n```\n{"score":1}\n```')).toEqual([
      "It has 2 blocks of code instead of one",
    ]);
  });

  test("says where data does not fit, and of very much only the first", async () => {
    const text = '{ "score": 1.5, "tags": ["a", 2] }';
    expect(await complaints(text)).toEqual([
      expect.stringMatching(/^score: /),
      expect.stringMatching(/^tags\[1\]: /),
    ]);
    const many = await complaints(JSON.stringify(Array(30).fill(0)), z.array(z.string()));
    expect(many).toHaveLength(11);
    expect(many.at(-1)).toBe("and 20 more");
  });

  test("waits for schemas that need time, and lets pass what a schema throws", async () => {
    const slow = z.number().refine(async (value) => await Promise.resolve(value > 1));
    expect(await readObject("2", slow)).toBe(2);
    expect(await complaints("1", slow)).toHaveLength(1);
    const broken = z.number().transform(() => {
      throw new RangeError("broken");
    });
    await expect(readObject("2", broken)).rejects.toThrow(RangeError);
  });
});
