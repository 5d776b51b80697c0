import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parsePlan, planJsonSchema } from "../../src/plan/index.ts";
import { accepts, type JsonSchema, KEYWORDS, subschemasOf } from "./json-schema.ts";

const schema = planJsonSchema() as JsonSchema;
const review = readFileSync(new URL("../../examples/review/plan.yaml", import.meta.url), "utf8");

/** What the schema says of a text, as an editor would ask it. */
const isAccepted = (text: string): boolean => accepts(schema, parse(text), schema);

const isLoaded = (text: string): boolean => {
  try {
    return parsePlan(text).tasks.length > 0;
  } catch {
    return false;
  }
};

describe("planJsonSchema", () => {
  test("is JSON Schema of draft 7: keywords of that draft alone, with the right values, and no loose ends", () => {
    expect(schema["$schema"]).toBe("http://json-schema.org/draft-07/schema#");
    const all = subschemasOf(schema);
    expect(all.length).toBeGreaterThan(100);
    for (const each of all) {
      for (const [keyword, value] of Object.entries(each)) {
        expect([keyword, KEYWORDS[keyword]?.(value, schema)]).toEqual([keyword, true]);
      }
      // Beside `$ref`, draft 7 reads nothing that says what is allowed.
      const beside = Object.keys(each).filter((keyword) => keyword !== "description");
      expect("$ref" in each ? beside : ["$ref"]).toEqual(["$ref"]);
    }
  });

  test("is plain data, and new at each call", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(planJsonSchema()).toEqual(schema);
    expect(planJsonSchema()).not.toBe(schema);
  });

  test("describes each field of plans that is not plain from its name", () => {
    const described = Object.entries(schema.properties ?? {}).filter(
      ([, each]) => "description" in each,
    );
    expect(described.map(([name]) => name)).toEqual([
      "name",
      "inputs",
      "failure",
      "combine",
      "limit",
      "limits",
      "models",
      "using",
      "budget",
    ]);
  });

  test("accepts the plan of the example", () => {
    expect(isAccepted(review)).toBe(true);
    expect(isLoaded(review)).toBe(true);
  });

  test("accepts and refuses the shapes that the loader does", () => {
    const right = [
      "t: { command: ls }",
      "t: { command: [ls, 1, true], cwd: a, env: { A: 1 }, stdin: x }",
      "t: { read: [a] }",
      "t: { search: x, in: a, files: [b], ignoreCase: true, literal: false }",
      "t: { write: a, content: { b: [1, ~, { c: d }] } }",
      "t: { http: 'http://x' }",
      "t: { http: { url: 'http://x', method: PUT, headers: { a: b }, body: '', json: ~ } }",
      "t: { module: ./m.js, with: 3 }",
      "t: { each: [1, a], do: { read: x, timeout: 1s } }",
      "t: { command: ls, timeout: 1.5s, deadline: 5m, grace: 1h, expect: 0ms }",
      "t: { command: ls, reads: a, writes: [b], exclusive: true, weight: 2, priority: -1.5 }",
      "t: { command: ls, retry: 3, when: false, always: true, limit: [read] }",
      "t: { command: ls, retry: { attempts: 2, delay: 1s, maxDelay: 1s, factor: 2 } }",
      "a: { command: ls }, t: { command: ls, after: [a, { task: a, until: settled }] }",
    ];
    const wrong = [
      "t: ls",
      "t: ~",
      "t: {}",
      "1t: { command: ls }",
      "t: { command: '' }",
      "t: { command: [] }",
      "t: { command: [ls, ~] }",
      "t: { command: ls, read: a }",
      "t: { command: ls, tiemout: 1s }",
      "t: { command: ls, timeout: 1 }",
      "t: { command: ls, timeout: 1d }",
      "t: { command: ls, env: { A: [] } }",
      "t: { command: ls, weight: 0 }",
      "t: { command: ls, weight: 1.5 }",
      "t: { command: ls, retry: { delay: 1s } }",
      "t: { command: ls, retry: { attempts: 2, factor: 0 } }",
      "t: { command: ls, after: 'a b' }",
      "t: { command: ls, after: { task: t } }",
      "t: { command: ls, when: 1 }",
      "t: { command: ls, reads: [] }",
      "t: { write: a }",
      "t: { http: { method: GET } }",
      "t: { each: [1] }",
      "t: { each: x, do: { each: y, do: { command: ls } } }",
      "t: { each: 3, do: { command: ls } }",
      "a: { command: ls }, t: { each: [1], do: { command: ls, after: a } }",
    ];
    for (const task of [...right, ...wrong]) {
      const text = `tasks: { ${task} }`;
      const expected = right.includes(task);
      expect([task, isAccepted(text), isLoaded(text)]).toEqual([task, expected, expected]);
    }
  });

  test.each([
    ["name: x", true],
    ["$schema: ./plan.schema.json", true],
    ["combine: { first: 1 }", true],
    ["combine: best-effort", true],
    ["combine: { first: 0 }", false],
    ["limits: { a: 1 }", true],
    ["limits: { 'a b': 1 }", false],
    ["limit: '1'", false],
    ["failure: go", false],
    ["inputs: { a: [1, { b: ~ }] }", true],
    ["inputs: [a]", false],
    ["extra: 1", false],
  ])("judges the head of a plan as the loader does: %s", (head, expected) => {
    const text = `${head}\ntasks: { t: { command: ls } }`;
    expect([isAccepted(text), isLoaded(text)]).toEqual([expected, expected]);
  });
});
