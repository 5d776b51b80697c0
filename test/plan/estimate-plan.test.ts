// What is said of a plan before it runs, held against what it does.
import { existsSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { budget, type Budget } from "../../src/index.ts";
import { tokenEstimator } from "../../src/models/index.ts";
import { estimatePlan, parsePlan, type PlanEstimate } from "../../src/plan/index.ts";
import { scripted } from "../../src/testing/index.ts";
import { planFolder } from "./run-yaml.ts";

const folder = planFolder();

const HEAD = "using: m\nmodels: { m: openai/gpt-4o }";

/** An answer of a usual length. */
const LIKELY = "likely ".repeat(286).slice(0, 2000);

const answers = {
  ...{ content: LIKELY, keyPoints: [], findings: [], reasoning: LIKELY, confidence: 1 },
  ...{ conflicts: [], gaps: [] },
};

const estimated = async (text: string, given?: number | Budget): Promise<PlanEstimate> =>
  await estimatePlan(parsePlan(text, { file: folder.at("plan.yaml") }), {
    models: { m: scripted([], { name: "openai/gpt-4o" }) },
    budget: given,
  });

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("estimatePlan", () => {
  test.each([
    ["model: 'Tell me of ${{ inputs.x }}'", {}],
    ["model: Tell me, schema: { type: object }", {}],
    ["sections: [a, b, c], topic: t, input: '${{ tasks.files.text }}'", { answer: LIKELY }],
    ["sections: [a, b], topic: t, synthesize: false", {}],
    ["consensus: q, of: 5, answer: boolean", { answer: true }],
    ["consensus: q, rule: unanimous, answer: [yes, no]", { answer: "yes" }],
    ["aspects: [style, security], input: '${{ tasks.files.text }}'", {}],
    ["condense: '${{ tasks.files.files }}', task: t, contextTokens: 16000", {}],
    ["synthesize: q, from: [files]", { answer: LIKELY }],
    ["each: ['1', '2'], do: { synthesize: 'q ${{ item }}', from: [files] }", { answer: LIKELY }],
    ["agent: look", {}],
    ["each: ['1', '2', '3'], do: { model: 'about ${{ item }}' }", {}],
    ["each: '${{ tasks.files.lines }}', do: { model: 'about ${{ item }}' }", {}],
  ])("of a task with %s names the requests that are made when all goes well", async (body, own) => {
    folder.write("a.md", "One line.\nAnother one.\n");
    folder.write("b.md", "More.\n");
    const text = `${HEAD}\ninputs: { x: bees }\ntasks:\n  files: { read: "*.md" }\n  t: { ${body} }`;
    const {
      tasks: [task],
    } = await estimated(text);
    const model = scripted(
      ({ schema }) => {
        if (schema === undefined) return LIKELY;
        const isOfStatements = JSON.stringify(schema.jsonSchema).includes('"from"');
        const statement = LIKELY.slice(0, 500);
        const statements = [isOfStatements ? { text: statement, from: [1] } : statement];
        return { object: { ...answers, statements, ...own } };
      },
      { name: "openai/gpt-4o" },
    );
    const result = await folder.run(text, { models: { m: model } });
    expect(result.status).toBe("completed");
    const input = model.requests.map((each) => tokenEstimator().estimate(each).inputTokens);
    expect(task?.requests.from).toBe(model.requests.length);
    expect(task?.requests.to).toBeGreaterThanOrEqual(model.requests.length);
    expect(task?.inputTokens.from).toBe(input.reduce((sum, each) => sum + each, 0));
    expect(task?.usd?.from).toBeGreaterThan(0);
  });

  test("of a condense goes by the window of the model that would be asked", async () => {
    folder.write("long.md", "One line of many.\n".repeat(2000));
    const plan = parsePlan(
      `using: m
models: { m: { model: openai/gpt-4o, contextTokens: 64000 }, small: { model: openai/gpt-4o, contextTokens: 6000 } }
tasks: { files: { read: "*.md" }, c: { condense: "\${{ tasks.files.files }}", task: t } }`,
      { file: folder.at("plan.yaml") },
    );
    const model = scripted([], { name: "openai/gpt-4o" });
    const requests = async (using: string): Promise<number | undefined> => {
      const { total } = await estimatePlan(plan, { models: { m: model, small: model }, using });
      return total.requests.from;
    };
    expect(await requests("m")).toBe(1);
    expect(await requests("small")).toBeGreaterThan(1);
  });

  test("runs nothing, sends nothing and writes nothing", async () => {
    const model = scripted([]);
    const text = `${HEAD}\ntasks: { c: { command: touch ran }, a: { agent: x, write: true, after: c } }`;
    await estimatePlan(parsePlan(text, { file: folder.at("plan.yaml") }), { models: { m: model } });
    expect(model.requests).toEqual([]);
    expect(existsSync(folder.at("ran"))).toBe(false);
  });

  test("says what is not known yet, and that it is at least so much", async () => {
    const { tasks, total } = await estimated(`
${HEAD}
tasks:
  list: { command: ls }
  a: { model: "about \${{ tasks.list.stdout }}" }
  each: { each: "\${{ tasks.list.lines }}", do: { model: "\${{ item }}" } }
  when: { when: "\${{ tasks.list.stdout }}", model: x }
  never: { when: false, model: x }
  twice: { model: x, retry: 2 }
  lost: { agent: x, root: nowhere }
`);
    const by = Object.fromEntries(tasks.map((task) => [task.name, task]));
    expect(by["a"]).toMatchObject({ requests: { from: 1, to: 1 }, unknown: ["tasks.list.stdout"] });
    expect(by["each"]).toMatchObject({ requests: { from: 0, to: undefined } });
    expect(by["each"]?.notes).toEqual([
      "1 request for each item; how many there are is not known yet",
    ]);
    expect(by["when"]).toMatchObject({ requests: { from: 0, to: 1 } });
    expect(by["never"]).toMatchObject({ requests: { from: 0, to: 0 }, notes: ["it does not run"] });
    expect(by["twice"]).toMatchObject({ requests: { from: 1, to: 2 } });
    expect(by["lost"]).toMatchObject({ usd: undefined });
    expect(by["lost"]?.notes[0]).toMatch(/^it cannot be estimated: .*nowhere/);
    expect(total).toMatchObject({ requests: { from: 2, to: undefined }, usd: undefined });
  });

  test("says of an address and a key that they cannot be used, and never shows the key", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "localhost:8000");
    vi.stubEnv("TEAM_KEY", "secret\nkey");
    const text = `
models:
  team: { model: m, baseUrl: http://own/v1, keyFrom: TEAM_KEY }
tasks: { a: { model: x, using: openai/gpt-4o }, b: { model: x, using: team } }`;
    const { problems } = await estimatePlan(parsePlan(text));
    expect(problems).toEqual([
      expect.stringMatching(/"baseUrl" must be an address of HTTP: "localhost:8000"$/),
      expect.stringMatching(/a header must be one line of plain text: "apiKey"$/),
    ]);
  });

  test.each([
    ["the plan", "budget: 0.5", undefined, 0.5],
    ["who runs it, before the plan", "budget: 0.5", 0.2, 0.2],
    ["a budget that is shared", "budget: 0.5", budget({ usd: 0.3 }), 0.3],
    ["one that counts no money", "budget: 0.5", budget({ tokens: 100 }), undefined],
  ])("holds it against the budget of %s", async (_name, head, given, usd) => {
    const text = `${HEAD}\n${head}\ntasks: { a: { model: x } }`;
    expect((await estimated(text, given)).budget).toBe(usd);
  });

  test("knows no price where there is none, and never takes it for nothing", async () => {
    const text = "using: m\nmodels: { m: a/b }\ntasks: { a: { model: x } }";
    const plan = parsePlan(text, { file: folder.at("plan.yaml") });
    const { total, models, problems } = await estimatePlan(plan, {
      models: { m: scripted([]) },
      budget: 1,
    });
    expect(total.usd).toBeUndefined();
    expect(models).toMatchObject([{ name: "m", hasPrice: false, hasKey: true }]);
    expect(problems).toEqual([
      'the price of model "scripted/model" is not known, which a budget needs',
    ]);
  });
});
