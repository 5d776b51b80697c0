/** The schema for editors and the loader, held against each other over plans that are wrong in one place. */
import { describe, expect, test } from "vitest";
import { parsePlan, PlanError, planJsonSchema } from "../../src/plan/index.ts";
import { accepts, type JsonSchema } from "./json-schema.ts";

type Data = Record<string, unknown>;

const schema = planJsonSchema() as JsonSchema;

const declarations: Data = {
  ...{ after: [{ task: "x", until: "settled" }], reads: ["a"], writes: "b", exclusive: false },
  ...{ limit: ["x"], weight: 1, timeout: "1s", deadline: "1m", grace: "1s", priority: 1 },
  ...{ retry: { attempts: 2, delay: "1s", maxDelay: "2s", factor: 2, jitter: "none" } },
  ...{ when: true, always: false, expect: "1s" },
};

const { after: _after, ...itemDeclarations } = declarations;

const bodies: Readonly<Record<string, Data>> = {
  command: { command: ["ls", 1], cwd: "a", env: { A: 1 }, stdin: "x" },
  read: { read: ["a"] },
  search: { search: "x", in: ["a"], files: "b", ignoreCase: true, literal: true },
  write: { write: "a", content: { a: [1] } },
  http: { http: { url: "http://x", method: "PUT", headers: { a: "b" }, body: "x", json: 1 } },
  module: { module: "./m.js", with: { a: 1 } },
  model: {
    ...{ model: "x", instructions: "x", schema: { type: "object" }, temperature: 0.5 },
    ...{ using: "m", maxOutputTokens: 10 },
  },
  sections: {
    ...{ sections: ["a", { name: "b", about: "x", using: "m" }], topic: "x", input: { a: 1 } },
    synthesize: { task: "x", using: "m", conflict: { prefer: ["a"] } },
  },
  consensus: {
    ...{ consensus: "x", input: "x", answer: ["a", "b"], of: 3, rule: { threshold: 2 } },
    ...{ weighted: true, perspectives: ["x"], using: ["m", "a/b"], temperature: 0 },
  },
  aspects: { aspects: ["style", { name: "x", about: "x", using: "m" }], input: "x" },
  condense: { condense: ["a"], task: "x", contextTokens: 1000 },
  synthesize: { synthesize: "x", from: ["x"], conflict: "newest" },
  agent: {
    ...{ agent: "x", instructions: "x", root: ".", write: false, maxSteps: 2 },
    schema: { type: "string" },
  },
};

/** A plan that says all that a plan can say besides its tasks. */
const head: Data = {
  ...{ $schema: "./s.json", name: "p", inputs: { a: 1, x: "x" }, failure: "stop" },
  ...{
    combine: { first: 1 },
    limit: 100,
    limits: { x: 100 },
    using: "m",
    budget: 1,
    models: {
      m: "a/b",
      n: {
        ...{ model: "c", baseUrl: "http://h/v1", keyFrom: "K", concurrency: 1, attempts: 2 },
        ...{ requestsPerMinute: 1, tokensPerMinute: 1, budget: 1, contextTokens: 1 },
      },
    },
    tasks: { x: { command: "ls" } },
  },
};

/** Tasks that are right, and together say all that a task can say. */
const tasks: readonly Data[] = [
  { command: "ls", ...declarations },
  { each: ["a"], do: { read: "a", ...itemDeclarations } },
  ...Object.values(bodies),
  ...Object.values(bodies).map((body) => ({ each: ["a"], do: body })),
];

/** Values of every type, some of which are right somewhere. */
const VALUES: readonly unknown[] = [
  ...[null, true, 0, 1, -1, 1.5, 2 ** 60, "", "x", "a b", "1s", "ls", "settled", "all"],
  ...[[], ["x"], [1], [null], [[]], [{ task: "x" }], {}, { x: 1 }, { task: "x" }, { first: 1 }],
  ...[{ attempts: 1 }, { url: "x" }, { command: "ls" }, { each: [1], do: { command: "ls" } }],
];

const FIELDS = [
  ...Object.keys({ ...head, ...declarations }),
  ...Object.values(bodies).flatMap((body) => Object.keys(body)),
  ...["each", "do", "url", "method", "first", "task", "until", "attempts", "unknown", "a b"],
];

/** What shapes cannot say: refused by the loader, accepted by the schema. */
const MEANINGS = [
  /"when" must be one reference/,
  /has no value; give it one with --set/,
  /its weight must not exceed/,
  /Cannot wait for the first/,
  /Cannot ask for .* votes as there are/,
  /as the plan has no (?:such task|limit)/,
  /tasks wait for each other/,
  /Cannot ask the model/,
  /Cannot find the model/,
  /Cannot use the result of/,
  /Cannot hold answers to this JSON Schema/,
  /Cannot use the name .* twice/,
  /Cannot make one answer of results/,
  /Cannot search for/,
  /Cannot make a request as/,
];

/** What is wrong with the shape of a plan, as the loader sees it. */
function shapeProblems(data: unknown): readonly string[] {
  try {
    parsePlan(JSON.stringify(data));
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(PlanError);
    const messages = (error as PlanError).problems.map(({ message }) => message);
    return messages.filter((message) => !MEANINGS.some((each) => each.test(message)));
  }
}

/** Every value that differs from `data` in one place, with the place. */
function* mutations(data: unknown, path = ""): Generator<readonly [string, unknown]> {
  for (const value of VALUES) {
    yield [`${path} = ${JSON.stringify(value)}`, value];
  }
  if (Array.isArray(data)) {
    for (const [index, each] of data.entries()) {
      for (const [place, changed] of mutations(each, `${path}[${index}]`)) {
        yield [place, data.with(index, changed)];
      }
    }
  } else if (typeof data === "object" && data !== null) {
    for (const [name, each] of Object.entries(data)) {
      const { [name]: _removed, ...rest } = data as Data;
      yield [`${path} without ${name}`, rest];
      for (const [place, changed] of mutations(each, `${path}.${name}`)) {
        yield [place, { ...data, [name]: changed }];
      }
    }
    for (const field of FIELDS) {
      if (!Object.hasOwn(data, field)) {
        yield [`${path}.${field}`, { ...data, [field]: ["x"] }];
        yield [`${path}.${field}`, { ...data, [field]: "x" }];
      }
    }
  }
}

/** Where the schema and the loader differ. */
function disagreements(
  right: unknown,
  planOf: (changed: unknown) => unknown,
): readonly (readonly [string, readonly string[]])[] {
  expect(shapeProblems(planOf(right))).toEqual([]);
  return [...mutations(right)].flatMap(([place, changed]) => {
    const problems = shapeProblems(planOf(changed));
    const isAccepted = accepts(schema, planOf(changed), schema);
    return isAccepted === (problems.length === 0) ? [] : [[place, problems] as const];
  });
}

describe("planJsonSchema", () => {
  test("agrees with the loader on every plan that differs in one place from one that is right", () => {
    expect(disagreements(head, (plan) => plan)).toEqual([]);
  });

  test.each(tasks.map((task) => [JSON.stringify(task).slice(0, 50), task] as const))(
    "agrees with the loader on every task that differs in one place from %s",
    (_text, task) => {
      const planOf = (t: unknown): Data => ({
        limits: { x: 100 },
        tasks: { x: { command: "ls" }, t },
      });
      expect(disagreements(task, planOf)).toEqual([]);
    },
  );
});
