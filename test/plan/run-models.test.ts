// Tasks that ask models, with models that answer by a script.
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { promiseAndHands } from "../../src/core/promise-and-hands.ts";
import type { ModelRequest } from "../../src/models/index.ts";
import { budget } from "../../src/index.ts";
import type { PlanRunOptions } from "../../src/plan/index.ts";
import { rig, scripted, virtualClock } from "../../src/testing/index.ts";
import { failureOf, planFolder, statuses, valueOf } from "./run-yaml.ts";

const folder = planFolder();

/** What a model of a known price takes for each answer: 0.0035 dollars. */
const PAID = {
  name: "openai/gpt-4o",
  usage: { inputTokens: 1000, outputTokens: 100 },
} as const;

const PRICE = 0.0035;

const HEAD = "using: m\nmodels: { m: any/model }";

/** Data in the shape of whatever pattern asks for it. */
const ANY = {
  ...{ content: "written", keyPoints: ["point"], findings: [], reasoning: "so", answer: "yes" },
  ...{ confidence: 0.9, statements: ["stated"], conflicts: [], gaps: [] },
};

/** A task of each kind that asks models; each makes one call at the least. */
const KINDS = {
  model: "model: hello",
  sections: "sections: [one, two], topic: t",
  consensus: "consensus: q",
  aspects: "aspects: [style], input: x",
  condense: "condense: [a], task: t",
  synthesize: "synthesize: t, from: [source]",
  agent: "agent: hello",
} as const;

// Time jumps while modules are loaded: they are there before.
beforeAll(async () => {
  await Promise.all([
    import("../../src/models/ask.ts"),
    import("../../src/models/agent.ts"),
    import("../../src/models/sections.ts"),
    import("../../src/models/metered.ts"),
    import("../../src/models/with-budget.ts"),
    import("../../src/models/with-limits.ts"),
    import("../../src/tools/coding/folder-toolbox.ts"),
  ]);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const SOURCE = 'source: { module: "./tools.mjs#see", with: known }';

describe("a task that asks a model", () => {
  test("of any kind completes, and lets others see every field of its result", async () => {
    const model = scripted(() => ({ object: ANY }), PAID);
    const tasks = Object.entries(KINDS).map(([kind, body]) => `  ${kind}: { ${body} }`);
    const { outcomes, spent } = await folder.run(
      `
${HEAD}
tasks:
  ${SOURCE}
${tasks.join("\n")}
  seen:
    module: "./tools.mjs#see"
    with:
      - \${{ tasks.model.text }}
      - \${{ tasks.sections.sections[1].content }}
      - \${{ tasks.sections.text }}
      - \${{ tasks.consensus.answer }}
      - \${{ tasks.consensus.lines }}
      - \${{ tasks.aspects.count }}
      - \${{ tasks.condense.statements[0].documents[0] }}
      - \${{ tasks.condense.lines }}
      - \${{ tasks.synthesize.text }}
      - \${{ tasks.synthesize.coverage }}
      - \${{ tasks.agent.steps }}
`,
      { models: { m: model } },
    );
    expect(valueOf({ outcomes } as never, "seen")).toEqual([
      ...[JSON.stringify(ANY), "written", "yes", "yes", ["yes"], 0],
      ...["0", ["stated (0)"], "yes", 1, 1],
    ]);
    expect(spent).toMatchObject({ calls: model.requests.length, unknownCalls: 0 });
    expect(spent?.usd).toBeCloseTo(PRICE * model.requests.length, 9);
  });

  test("returns plain data: as JSON nothing of it is lost", async () => {
    let count = 0;
    const model = scripted(() => ((count += 1) === 1 ? { status: 400 } : { object: ANY }), PAID);
    const result = await folder.run(`${HEAD}\ntasks: { c: { consensus: q, of: 3 } }`, {
      models: { m: model },
    });
    const value = valueOf(result, "c") as { readonly failed: unknown };
    expect(value.failed).toEqual([{ key: "0", reason: "The service answered with status 400" }]);
    expect(JSON.parse(JSON.stringify(value))).toMatchObject({ failed: value.failed });
    expect([result.status, result.failures]).toEqual(["completed", []]);
  });

  test.each([
    ["[Block, Pass]", "Block", "Block"],
    ["[Block, Pass]", "block", "Block"],
    ['["${{ inputs.bad }}", Pass]', "Block", "Block"],
    ["text", "Block!", "Block"],
    ["boolean", "yes", true],
    ["boolean", "false", false],
    ["number", "42.0", 42],
  ])("of %s wins by the threshold of %s", async (answer, named, said) => {
    const model = scripted(() => ({ object: { ...ANY, answer: said } }));
    const result = await folder.run(
      `
${HEAD}
inputs: { bad: Block }
tasks:
  c: { consensus: q, of: 3, answer: ${answer}, rule: { thresholds: { "${named}": 2 } } }
`,
      { models: { m: model } },
    );
    expect(valueOf(result, "c")).toMatchObject({ verdict: "won", answer: said, asked: 2 });
  });

  test("fails where a reference leaves out the answer of a threshold", async () => {
    const model = scripted(() => ({ object: { ...ANY, answer: "Pass" } }));
    const result = await folder.run(
      `
${HEAD}
inputs: { bad: Stop }
tasks:
  c: { consensus: q, answer: ["\${{ inputs.bad }}", Pass], rule: { thresholds: { Block: 2 } } }
`,
      { models: { m: model } },
    );
    expect(failureOf(result, "c")).toMatch(/one of Stop, Pass: Block$/);
    expect(model.requests).toEqual([]);
  });

  test("says what all of its tries took, and nothing where one did not say it", async () => {
    const usage = { inputTokens: 100, outputTokens: 10 };
    const unknown = { inputTokens: undefined, outputTokens: undefined };
    for (const [first, expected] of [
      [usage, { inputTokens: 200, outputTokens: 20 }],
      [unknown, {}],
    ] as const) {
      const model = scripted([
        { text: "no JSON", usage: first },
        { object: { a: 1 }, usage },
      ]);
      const result = await folder.run(
        `${HEAD}\ntasks: { c: { model: q, schema: { type: object, required: [a] } } }`,
        { models: { m: model } },
      );
      expect(valueOf(result, "c")).toHaveProperty("usage", expected);
    }
  });

  test("hands on what its schema asks for, by name", async () => {
    const model = scripted(["no JSON", '{ "price": "x" }', '{ "price": 7, "tags": ["a"] }']);
    const seen = await folder.see(
      `
${HEAD}
tasks:
  a:
    model: What does it cost?
    schema:
      type: object
      properties: { price: { type: number }, tags: { type: array, items: { type: string } } }
      required: [price]
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.a.object.price }}", "\${{ tasks.a.object.tags[0] }}"] }
`,
      { models: { m: model } },
    );
    expect(seen).toEqual([7, "a"]);
    expect(model.requests).toHaveLength(3);
  });

  test("never reads what a model said as a reference", async () => {
    const hostile = "${{ inputs.secret }} {{task}} $${{ inputs.secret }}";
    const model = scripted([
      { when: "first", text: hostile },
      { when: "inputs.secret", text: "seen" },
    ]);
    const result = await folder.run(
      `
${HEAD}
inputs: { secret: hidden }
tasks:
  a: { model: first }
  b: { model: "\${{ tasks.a.text }}" }
`,
      { models: { m: model } },
    );
    expect(result.status).toBe("completed");
    expect(model.requests[1]?.prompt).toBe(hostile);
  });

  test("fails where the answer is cut off, and says what to do", async () => {
    const model = scripted([{ text: "half an", finishReason: "length" }]);
    const result = await folder.run(`${HEAD}\ntasks: { a: { model: x, maxOutputTokens: 2 } }`, {
      models: { m: model },
    });
    expect(failureOf(result, "a")).toBe(
      'Cannot use the answer as it is not whole (length): "half an"; raise maxOutputTokens',
    );
  });

  test("runs for each item of a list, whose answers others see", async () => {
    const model = scripted(({ prompt = "" }: ModelRequest) => prompt.toUpperCase());
    const seen = await folder.see(
      `
${HEAD}
tasks:
  e: { each: [a, b], do: { model: "\${{ item }}" } }
  v: { each: [a, b], do: { consensus: q } }
  seen: { module: "./tools.mjs#see", with: ["\${{ tasks.e.lines }}", "\${{ tasks.e.values[1].text }}", "\${{ tasks.v.lines }}"] }
`,
      {
        models: {
          m: {
            ...model,
            generate: (request, options) =>
              request.schema === undefined
                ? model.generate(request, options)
                : scripted([{ object: ANY }]).generate(request, options),
          },
        },
      },
    );
    expect(seen).toEqual([["A", "B"], "B", ["yes", "yes"]]);
  });

  test("decides by its answer whether another runs", async () => {
    const model = scripted(() => ({ object: { ...ANY, answer: false } }));
    const result = await folder.run(
      `
${HEAD}
tasks:
  q: { consensus: Is it safe?, answer: boolean }
  a: { when: "\${{ tasks.q.answer }}", model: never }
`,
      { models: { m: model } },
    );
    expect([result.status, statuses(result)]).toEqual([
      "completed",
      { q: "completed", a: "skipped" },
    ]);
  });

  test("is stopped by its timeout, and tried again as its retry says", async () => {
    const clock = virtualClock();
    const model = scripted([{ text: "late", firstMs: 60_000 }, "in time"], { clock });
    const running = folder.run(
      `${HEAD}\ntasks: { a: { model: x, timeout: 1s, retry: { attempts: 2, delay: 0ms } } }`,
      { models: { m: model }, clock },
    );
    const result = await running;
    expect(valueOf(result, "a")).toMatchObject({ text: "in time" });
    expect(result.outcomes["a"]?.attempts).toBe(2);
  });

  test("stops with the run, and leaves no call behind", async () => {
    const cancel = new AbortController();
    const model = scripted(() => {
      setImmediate(() => cancel.abort("enough"));
      return { text: "never", firstMs: 60_000 };
    });
    const tasks = Object.entries(KINDS).map(([kind, body]) => `  ${kind}: { ${body} }`);
    const result = await folder.run(`${HEAD}\ntasks:\n  ${SOURCE}\n${tasks.join("\n")}`, {
      models: { m: model },
      signal: cancel.signal,
    });
    expect(result.status).toBe("cancelled");
    expect(model.inFlight).toBe(0);
  });
});

describe("limits", () => {
  const many = (body: string): string =>
    Array.from({ length: 8 }, (_none, index) => `  t${index}: { ${body} }`).join("\n");

  const most = async (
    head: string,
    tasks: string,
    options: PlanRunOptions = {},
  ): Promise<number> => {
    // Long enough for the next task to come to its call, on a busy machine too.
    const model = scripted(() => ({ object: ANY, firstMs: 60 }));
    const result = await folder.run(`${HEAD}\n${head}\ntasks:\n  ${SOURCE}\n${tasks}`, {
      models: { m: model },
      ...options,
    });
    expect(result.status).toBe("completed");
    return model.mostInFlight;
  };

  test.each(Object.entries(KINDS))(
    "of calls hold over all tasks of kind %s",
    async (_kind, body) => {
      expect(await most("limits: { model: 2 }", many(body))).toBe(2);
    },
  );

  test("of calls hold over all kinds at once", async () => {
    const tasks = Object.entries(KINDS).map(([kind, body]) => `  ${kind}: { ${body} }`);
    expect(await most("", tasks.join("\n"), { limits: { model: 1 } })).toBe(1);
  });

  test.each(["model: x", "agent: x", "sections: [a, b], topic: t"])(
    "of the whole run hold over the calls of tasks with %s",
    async (body) => {
      expect(await most("limit: 2", many(body))).toBe(2);
    },
  );

  test.each([
    ["a limit of its own name", "limits: { gpu: 2 }", "limit: gpu"],
    ["weights", "limits: { model: 4 }", "weight: 2"],
  ])("hold by %s, also while tasks wait for their calls", async (_name, head, declared) => {
    expect(await most(head, many(`model: x, ${declared}`))).toBe(2);
  });

  test("of agents hold as long as each has its answer to find", async () => {
    const model = scripted(() => ({ text: "done", firstMs: 2 }));
    const { events } = await folder.run(
      `${HEAD}\nlimits: { agent: 2 }\ntasks:\n${many("agent: x")}`,
      { models: { m: model } },
    );
    let running = 0;
    let mostRunning = 0;
    const top = new Set<number>();
    for (const event of events) {
      if (event.type === "task-added" && /^t\d$/.test(event.key)) top.add(event.taskId);
      if (event.type === "attempt-started" && top.has(event.taskId)) running += 1;
      if (event.type === "task-settled" && top.has(event.taskId)) running -= 1;
      mostRunning = Math.max(mostRunning, running);
    }
    expect([mostRunning, model.requests.length]).toEqual([2, 8]);
  });

  test("of a model hold over all that ask it, and a rejection pauses them all", async () => {
    const clock = virtualClock();
    const startedAt: number[] = [];
    let count = 0;
    const model = scripted(
      () => {
        startedAt.push(clock.now());
        count += 1;
        return count === 1
          ? { status: 429, headers: { "retry-after": "30" } }
          : { object: ANY, firstMs: 10 };
      },
      { clock },
    );
    const running = folder.run(
      `using: m
models: { m: { model: any/model, concurrency: 1 } }
tasks:
  a: { model: x }
  b: { sections: [one, two], topic: t }
  c: { agent: x }
`,
      { models: { m: model }, clock },
    );
    expect((await running).status).toBe("completed");
    expect(model.mostInFlight).toBe(1);
    expect(startedAt[0]).toBe(0);
    expect(startedAt.slice(1).every((at) => at >= 30_000)).toBe(true);
  });
});

describe("a budget", () => {
  test.each(Object.entries(KINDS))(
    "too small for a task of kind %s skips it, and says why, before anything is asked",
    async (kind, body) => {
      const model = scripted(() => ({ object: ANY }), PAID);
      const result = await folder.run(
        `${HEAD}\nbudget: 0.000001\ntasks:\n  ${SOURCE}\n  a: { ${body}, retry: 3 }`,
        { models: { m: model } },
      );
      expect(result.outcomes["a"]).toMatchObject({
        status: "skipped",
        attempts: 1,
        because: { kind: "condition", condition: expect.stringContaining("budget") as unknown },
      });
      expect([kind, result.status, model.requests.length]).toEqual([kind, "failed", 0]);
    },
  );

  test("of the run holds over all kinds: what is spent never exceeds it by more than estimates are wrong", async () => {
    const model = scripted(() => ({ object: ANY }), {
      name: "openai/gpt-4o",
      usage: { inputTokens: 10, outputTokens: 1 },
    });
    const money = budget({ usd: 0.02 });
    const tasks = Object.entries(KINDS).map(
      ([kind, body]) => `  ${kind}: { each: [1, 2, 3, 4], do: { ${body} } }`,
    );
    const { spent, status } = await folder.run(
      `${HEAD}\ncombine: best-effort\nlimits: { model: 1 }\ntasks:\n  ${SOURCE}\n${tasks.join("\n")}`,
      { models: { m: model }, budget: money },
    );
    expect(["completed", "partial"]).toContain(status);
    expect(money.stats().spent.usd).toBeLessThanOrEqual(0.02);
    expect(spent?.usd).toBeCloseTo(money.stats().spent.usd, 9);
  });

  test("of a model is kept beside that of the plan", async () => {
    const model = scripted(() => "x", PAID);
    const result = await folder.run(
      `
using: m
budget: 1
models: { m: { model: any/model, budget: 0.006 } }
tasks:
  e: { each: [1, 2, 3, 4], do: { model: "\${{ item }}", maxOutputTokens: 100, limit: one } }
limits: { one: 1 }
`,
      { models: { m: model } },
    );
    expect(model.requests.length).toBeLessThan(4);
    expect(result.status).toBe("failed");
    expect(result.outcomes["e"]?.status).toBe("completed");
  });

  test("of a name is kept where another name stands for the same model", async () => {
    const model = scripted(() => "done", PAID);
    const result = await folder.run(
      `
models: { rich: { model: any/model, budget: 1 }, poor: { model: any/model, budget: 0.000001 } }
tasks:
  a: { model: x, using: rich }
  b: { model: x, using: poor, after: a }
`,
      { models: { rich: model, poor: model } },
    );
    expect(statuses(result)).toEqual({ a: "completed", b: "skipped" });
  });

  test("leaves tasks alone that ask nobody", async () => {
    const model = scripted(() => "x", PAID);
    const result = await folder.run(
      `${HEAD}\nbudget: 0.000001\ncombine: best-effort\ntasks: { ${SOURCE.trim()}, a: { model: x } }`,
      { models: { m: model } },
    );
    expect([result.status, statuses(result)]).toEqual([
      "partial",
      { source: "completed", a: "skipped" },
    ]);
  });

  test("is refused for a model whose price is not known", async () => {
    const result = await folder.run(`${HEAD}\nbudget: 1\ntasks: { a: { model: x } }`, {
      models: { m: scripted(["x"]) },
    });
    expect(failureOf(result, "a")).toBe(
      'Cannot keep to a budget as the price of model "scripted/model" is not known: ask another model, or leave the budget out',
    );
  });
});

describe("combine", () => {
  const vote = async (answers: readonly string[], rule = "majority") => {
    const tasks = answers.map((answer, index) =>
      answer === "fail"
        ? `  t${index}: { module: "./tools.mjs#fail", with: told to }`
        : `  t${index}: { module: "./tools.mjs#see", with: "${answer}" }`,
    );
    return await folder.run(`combine: { vote: ${rule} }\ntasks:\n${tasks.join("\n")}`);
  };

  test.each([
    [["a", "A.", "b"], "completed", { verdict: "won", winner: "a" }],
    [["a", "b"], "failed", { verdict: "tied", winner: undefined }],
    [["fail", "fail"], "failed", { verdict: "undecided", tally: [] }],
    [["fail", "a", "a"], "completed", { verdict: "won", winner: "a" }],
  ])("vote over %j is %s", async (answers, status, expected) => {
    const result = await vote(answers);
    expect([result.status, result.vote]).toMatchObject([status, expected]);
  });

  test("vote cancels what no longer matters", async () => {
    const result = await folder.run(`
combine: { vote: majority }
tasks:
  a: { module: "./tools.mjs#see", with: yes }
  b: { command: printf yes }
  slow: { module: "./tools.mjs#hang" }
`);
    expect([result.status, statuses(result)["slow"], result.vote?.winner]).toEqual([
      ...["completed", "cancelled", "yes"],
    ]);
  });

  test("vote takes what JSON cannot hold for no answer", async () => {
    folder.write("round.mjs", "export const run = () => { const a = {}; a.a = a; return a; };");
    const round = 'module: "./round.mjs#run"';
    const yes = 'module: "./tools.mjs#see", with: "yes"';
    const result = await folder.run(`
combine: { vote: majority }
tasks: { a: { ${round} }, b: { ${round} }, c: { ${yes} }, d: { ${yes} } }
`);
    expect(result.vote?.tally).toEqual([{ answer: "yes", votes: 2 }]);
    expect(result.status).toBe("completed");
  });

  test("vote that is cancelled from outside counts nothing more", async () => {
    const cancel = new AbortController();
    setImmediate(() => cancel.abort());
    const result = await folder.run(
      'combine: { vote: majority }\ntasks: { a: { module: "./tools.mjs#hang" }, b: { module: "./tools.mjs#hang" } }',
      { signal: cancel.signal },
    );
    expect([result.status, result.vote?.verdict]).toEqual(["cancelled", "undecided"]);
  });

  const SYNTHESIS = `
${HEAD}
combine: { synthesize: { task: What is it?, conflict: majority } }
tasks:
  a: { module: "./tools.mjs#see", with: known by a }
  b: { module: "./tools.mjs#fail", with: 503 }
  c: { command: printf "known by c" }
  down: { always: true, module: "./tools.mjs#see", with: down }
`;

  test("synthesize makes one answer of what is there, and names what is not", async () => {
    const model = scripted([{ object: ANY }]);
    const result = await folder.run(SYNTHESIS, { models: { m: model } });
    expect([result.status, statuses(result)]).toEqual([
      "partial",
      { a: "completed", b: "failed", c: "completed", down: "completed", synthesis: "completed" },
    ]);
    expect(valueOf(result, "synthesis")).toMatchObject({
      answer: "yes",
      gaps: [{ key: "b", about: "503" }],
      confidence: 2 / 3,
    });
    const [{ prompt = "" } = {}] = model.requests;
    expect(prompt).toContain("known by a");
    expect(prompt).toContain("known by c");
    expect(prompt).not.toContain("stdoutBytes");
    expect(prompt).not.toContain("down");
  });

  test("synthesize is a task like others for --only", async () => {
    const model = scripted([{ object: ANY }]);
    const one = await folder.run(SYNTHESIS, { models: { m: model }, only: ["a"] });
    expect([one.status, statuses(one), model.requests.length]).toEqual([
      ...["completed", { a: "completed" }, 0],
    ]);
    const all = await folder.run(SYNTHESIS, { models: { m: model }, only: ["synthesis"] });
    expect(Object.keys(statuses(all))).toEqual(["a", "b", "c", "synthesis"]);
  });

  test("synthesize has nothing to say where all failed", async () => {
    const result = await folder.run(
      `${HEAD}\ncombine: { synthesize: q }\ntasks: { a: { module: "./tools.mjs#fail", with: x } }`,
      { models: { m: scripted([]) } },
    );
    expect(result.status).toBe("failed");
    expect(failureOf(result, "synthesis")).toContain("one result must be there");
  });
});

describe("condense", () => {
  const MODELS = `
models:
  m: { model: any/model, contextTokens: 24000 }
  small: { model: any/small, contextTokens: 8000 }
  plain: any/plain
`;

  /** The window that a task keeps to: an answer is an eighth of it. */
  const windowOf = async (
    head: string,
    body: string,
    options: PlanRunOptions = {},
  ): Promise<number> => {
    const model = scripted(() => ({ object: ANY }));
    const { status } = await folder.run(
      `${head}${MODELS}tasks: { c: { condense: [a], task: t${body} } }`,
      { models: { m: model, small: model, plain: model, "any/other": model }, ...options },
    );
    expect(status).toBe("completed");
    return 8 * (model.requests[0]?.maxOutputTokens ?? NaN);
  };

  test.each([
    ["the task names", "using: m", ", using: small", undefined, 8000],
    ["the plan names", "using: m", "", undefined, 24_000],
    ["the run names, whatever the plan does", "using: m", "", "small", 8000],
    ["the task names, whatever the run does", "using: m", ", using: m", "small", 24_000],
    ["says nothing of it", "using: m", "", "plain", 16_000],
    ["the plan does not know", "using: m", "", "any/other", 16_000],
  ])("keeps to the window of the model that %s", async (_name, head, body, using, window) => {
    expect(await windowOf(head, body, { using })).toBe(window);
  });

  test("keeps to the window of the model that the environment names", async () => {
    vi.stubEnv("FANFOLD_MODEL", "small");
    expect(await windowOf("", "")).toBe(8000);
  });

  test("takes no window of another model for that of a model that is handed in", async () => {
    const using = scripted(() => ({ object: ANY }));
    await folder.run(`using: small${MODELS}tasks: { c: { condense: [a], task: t } }`, { using });
    expect(using.requests[0]?.maxOutputTokens).toBe(16_000 / 8);
  });

  test("keeps to the window that it is told before any other", async () => {
    expect(await windowOf("using: m", ", contextTokens: 4000", { using: "small" })).toBe(4000);
  });
});

describe("an agent", () => {
  const write = (path: string, content: string) => ({
    id: path,
    name: "write_file",
    input: { path, content },
  });

  test("that writes waits for tasks of the plan that write the same", async () => {
    const held = rig().task<string>("held");
    folder.hold(held);
    const model = scripted([{ toolCalls: [write("a.txt", "agent")] }, "done"]);
    const claim = promiseAndHands<void>();
    const running = folder.run(
      `
${HEAD}
tasks:
  first: { module: "./tools.mjs#held", with: held, writes: a.txt }
  agent: { agent: write it, write: true }
`,
      {
        models: { m: model },
        observe: (event) => {
          if (event.type === "task-waiting" && event.reason === "claim") {
            claim.resolve();
          }
        },
      },
    );
    await Promise.all([held.started, claim.promise]);
    held.complete("written");
    const result = await running;
    expect(result.status).toBe("completed");
    expect(readFileSync(folder.at("a.txt"), "utf8")).toBe("agent");
  });

  test("without write has only tools that read, in its own folder, outside of the plan's too", async () => {
    const model = scripted(["done"]);
    const result = await folder.run(`${HEAD}\ntasks: { a: { agent: look, root: .. } }`, {
      models: { m: model },
    });
    expect(result.status).toBe("completed");
    expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual([
      ...["read_files", "search", "list_files"],
    ]);
  });

  test("fails where it ends without an answer, and where its folder is not there", async () => {
    const look = { toolCalls: [{ id: "1", name: "list_files", input: {} }] };
    const result = await folder.run(
      `${HEAD}\nfailure: continue\ntasks: { a: { agent: look, maxSteps: 1 }, b: { agent: x, root: nowhere } }`,
      { models: { m: scripted([look]) } },
    );
    expect(failureOf(result, "a")).toContain("ended early (max-steps, step 1)");
    expect(failureOf(result, "b")).toContain("does not exist");
  });
});
