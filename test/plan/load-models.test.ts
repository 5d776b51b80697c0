// What is wrong with a plan that asks models, said at its place before anything runs.
import { describe, expect, test } from "vitest";
import { parsePlan, PlanError } from "../../src/plan/index.ts";

/** Every problem of a plan as `line:column message (suggestion)`. */
function problemsOf(text: string): readonly string[] {
  try {
    parsePlan(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(PlanError);
    return (error as PlanError).problems.map(
      ({ line, column, message, suggestion }) =>
        `${line}:${column} ${message}${suggestion === undefined ? "" : ` (${suggestion})`}`,
    );
  }
}

const UNKNOWN = (name: string): string =>
  `Cannot ask the model "${name}" as the plan defines no such model; name it under models, or write provider/model, such as openai/${name}`;

describe("a plan that asks models", () => {
  test.each([
    ["using: fsat\nmodels: { fast: a/b }", "", `1:8 ${UNKNOWN("fsat")} (fast)`],
    ["models: { fast: a/b }", "using: fsat", `3:29 ${UNKNOWN("fsat")} (fast)`],
    [
      "models: { fast: gpt }",
      "",
      '1:17 Cannot find the model "gpt" as it must be provider/model, such as openai/gpt; of another service, write its baseUrl too',
    ],
    [
      "models: { fast: { model: gpt, concurency: 2 } }",
      "",
      '1:31 Cannot use the field "concurency" as "models.fast" has no such field (concurrency)',
    ],
    ["", "using: gpt-4o", `3:29 ${UNKNOWN("gpt-4o")}`],
    ["", "using: gpt-4o/", `3:29 ${UNKNOWN("gpt-4o/").replace(/, such as .*/, "")}`],
    ["budget: 0", "", '1:9 Cannot use "budget" as it must be a number above 0, in US dollars: 0'],
    [
      "combine: { votes: majority }",
      "",
      expect.stringMatching(/^1:\d+ Cannot use .*combine/) as string,
    ],
  ])("with %j and %j has its problem at its place", (head, field, expected) => {
    const task = `t: { model: hello${field === "" ? "" : `, ${field}`} }`;
    expect(problemsOf(`${head}\ntasks:\n  ${task}`)).toEqual([expected]);
  });

  test.each([
    ["model: x, schema: ▸{ type: strnig }", /Cannot hold answers to this JSON Schema: .*strnig/],
    ["agent: x, schema: ▸{ $ref: '#/nowhere' }", /Cannot hold answers to this JSON Schema/],
    ["model: x, schema: ▸{ title: '${{ inputs.x }}' }", /Cannot use references in a schema/],
    ["sections: [a, { name: ▸a }], topic: t", /Cannot use the name "a" twice/],
    ["aspects: [style, ▸style], input: x", /Cannot use the name "style" twice/],
    ["model: x, using: '▸a/${{ inputs.x }}'", /Cannot choose a model by a reference/],
    ["synthesize: x, from: [▸t]", /as a task cannot use its own result$/],
    ["synthesize: x, from: [▸othr]", /as the plan has no such task \(other\)$/],
    ["consensus: x, rule: { threshold: ▸0 }", /must be a number above 0: 0$/],
    ["consensus: x, rule: { window: ▸1 }", /must be a whole number from 2: 1$/],
    ["consensus: x, rule: { threshold: ▸4 }", /Cannot ask for 4 votes as there are 3 at the most/],
    ["consensus: x, of: 2, rule: { threshold: ▸2.5 }", /for 2.5 votes as there are 2 at the most/],
    [
      "consensus: x, perspectives: [a, b, c, d], rule: { threshold: ▸5 }",
      /for 5 votes as there are 4 at the most/,
    ],
    [
      "consensus: x, of: 4, answer: [a, b], rule: { thresholds: { a: 2, b: ▸5 } }",
      /for 5 votes as there are 4 at the most/,
    ],
    [
      "consensus: x, answer: [Block, Pass], rule: { thresholds: { block: 2, Pas: ▸3 } }",
      /must be one of Block, Pass: Pas$/,
    ],
    [
      "consensus: x, answer: boolean, rule: { thresholds: { yes: 2, maybe: ▸3 } }",
      /must be a boolean: maybe$/,
    ],
    ["consensus: x, answer: number, rule: { thresholds: { many: ▸3 } }", /must be a number: many$/],
    ["condense: [a], task: t, contextTokens: ▸0", /must be a whole number from 1: 0$/],
  ])("refuses a task with %s", (marked, message) => {
    const body = marked.replace("▸", "");
    const problems = problemsOf(
      `inputs: { x: 1 }\ntasks:\n  other: { command: ls }\n  t: { ${body} }`,
    );
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toMatch(new RegExp(`^4:${"  t: { ".length + marked.indexOf("▸") + 1} `));
  });

  test.each(["majority", "unanimous", "{ threshold: 3 }", "{ lead: 9 }", "{ window: 9 }"])(
    "takes a rule that some votes can reach, or that falls back to the most: %s",
    (rule) => {
      const tasks = ["a", "b", "c"].map((name) => `${name}: { consensus: x, rule: ${rule} }`);
      expect(problemsOf(`combine: { vote: ${rule} }\ntasks: { ${tasks.join(", ")} }`)).toEqual([]);
    },
  );

  test("knows the fields of results of each kind", () => {
    expect(
      problemsOf(
        'tasks:\n  a: { consensus: x, using: a/b }\n  b: { command: ["echo", "${{ tasks.a.anser }}"] }',
      ),
    ).toEqual([expect.stringMatching(/^3:27 Cannot use tasks\.a\.anser .* \(answer\)$/)]);
  });

  test.each([
    ["sections: [a], topic: t, synthesize: false", "sections"],
    ["sections: [a], topic: t, synthesize: { conflict: newest }", "sections"],
    ["agent: x, write: true", "agent"],
    ["synthesize: x, from: [o]", "synthesize"],
    ["write: a, content: x", "write"],
  ])("takes a task with %s for one of kind %s", (body, kind) => {
    const plan = parsePlan(`tasks: { o: { command: ls }, t: { ${body} } }`);
    expect(plan.tasks[1]?.kind).toBe(kind);
  });

  test("may combine results as the task synthesis, which comes after them whatever becomes of them", () => {
    const plan = parsePlan(
      "combine: { synthesize: q }\ntasks: { a: { command: ls }, b: { command: ls, after: a }, c: { command: ls } }",
    );
    expect(plan.tasks.at(-1)).toMatchObject({
      name: "synthesis",
      kind: "synthesize",
      after: [
        { task: "b", until: "settled" },
        { task: "c", until: "settled" },
      ],
    });
    expect([plan.combine, plan.failure]).toEqual([{ kind: "best-effort" }, "continue"]);
  });

  test.each([
    ["combine: { synthesize: q }", "synthesis: { command: ls }", /^3:3 .*"synthesis"/],
    [
      "combine: { synthesize: q }",
      "a: { always: true, command: ls }",
      /^1:12 .*as the plan has none/,
    ],
    [
      "combine: { synthesize: { task: q, using: nobody } }",
      "a: { command: ls }",
      /^1:42 Cannot ask the model "nobody"/,
    ],
    [
      "combine: { vote: { threshold: 3 } }",
      "a: { command: ls }\n  b: { command: ls }\n  c: { command: ls, always: true }",
      /^1:20 Cannot ask for the votes of 3 results as the plan has 2 \(tasks that no other comes after\)$/,
    ],
    [
      "combine: { vote: { thresholds: { y: 1, n: 2 } } }",
      "a: { command: ls }",
      /^1:40 Cannot ask for the votes of 2 results as the plan has 1/,
    ],
    [
      'combine: { synthesize: "x ${{ tasks.b.text }}" }',
      "a: { command: ls }",
      /^1:27 .*no such task/,
    ],
  ])("cannot combine with %s over %s", (head, task, expected) => {
    expect(problemsOf(`${head}\ntasks:\n  ${task}`)).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    "keyFrom: sk-proj-0123456789",
    "apiKey: sk-proj-0123456789",
    "baseUrl: 'https://me:sk-proj-0123456789@host/v1'",
    "headers: { authorization: sk-proj-0123456789 }",
  ])("shows no line in which a key may stand: %s", (field) => {
    try {
      parsePlan(`models: { m: { model: a/b, ${field} } }\ntasks: { a: { model: x, usign: y } }`);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain("sk-proj");
      expect((error as Error).message).toContain("usign");
    }
  });
});
