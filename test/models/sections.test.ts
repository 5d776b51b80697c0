import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { budget, CancelledError, TasksFailedError } from "../../src/index.ts";
import { promiseAndHands } from "../../src/core/promise-and-hands.ts";
import {
  SECTION_PROMPT,
  sections,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type Section,
} from "../../src/models/index.ts";
import { scripted, virtualClock, type ScriptedAnswer } from "../../src/testing/index.ts";
import { defineTool, toolbox, type ToolCall } from "../../src/tools/index.ts";

const SYNTHESIS = { answer: "all", conflicts: [], gaps: [], confidence: 1 };

interface Plan {
  readonly ms: number;
  readonly end: "written" | "failed" | "garbage" | "late";
}
const plans = fc.array(
  fc.record({
    ms: fc.integer({ min: 1, max: 50 }),
    end: fc.constantFrom<Plan["end"]>("written", "written", "failed", "garbage", "late"),
  }),
  { minLength: 1, maxLength: 8 },
);

const nameOf = (prompt = ""): number =>
  Number(/The section that you write: "s(\d+)"/.exec(prompt)?.[1] ?? -1);

const contentOf = (index: number) => ({ content: `c${index}`, keyPoints: [`p${index}`] });

function answerOf(plan: Plan, index: number): ScriptedAnswer {
  switch (plan.end) {
    case "written":
      return { object: contentOf(index), firstMs: plan.ms };
    case "failed":
      return { failure: new Error(`no ${index}`), firstMs: plan.ms };
    case "garbage":
      return { text: "]", firstMs: plan.ms };
    case "late":
      return { object: contentOf(index), firstMs: 1000 + plan.ms };
  }
}

function modelOf(list: readonly Plan[], clock = virtualClock()) {
  const model = scripted(
    ({ prompt }) => {
      const index = nameOf(prompt);
      const plan = list[index];
      return plan === undefined ? { object: SYNTHESIS, firstMs: 5 } : answerOf(plan, index);
    },
    { clock, usage: { inputTokens: 10, outputTokens: 1 } },
  );
  return { model, clock };
}

describe("sections", () => {
  test("has one result for each section in order, and tells the synthesis of all that are missing", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.option(fc.integer({ min: 1, max: 4 })), async (list, limit) => {
        const { model, clock } = modelOf(list);
        const run = sections({
          model,
          topic: "the topic",
          sections: list.map((_plan, index) => `s${index}`),
          timeoutMs: 500,
          repairs: 0,
          clock,
          ...(limit === null ? {} : { limit }),
        });
        const streamed: Section[] = [];
        const reading = (async () => {
          for await (const section of run.finished) streamed.push(section);
        })();
        const isThere = list.map(({ end }) => end === "written");
        if (!isThere.includes(true)) {
          await expect(run).rejects.toThrow(TasksFailedError);
          await reading;
          expect(streamed).toHaveLength(list.length);
          return;
        }
        const result = await run;
        await reading;
        expect(result.sections.map(({ name }) => name)).toEqual(list.map((_p, i) => `s${i}`));
        expect(result.sections.map(({ status }) => status === "completed")).toEqual(isThere);
        expect(result.keyPoints).toEqual(list.flatMap((_p, i) => (isThere[i] ? [`p${i}`] : [])));
        expect(result.failed.map(({ key }) => key)).toEqual(
          list.flatMap((_p, i) => (isThere[i] ? [] : [`s${i}`])),
        );
        expect(result.coverage).toBe(isThere.filter(Boolean).length / list.length);
        expect(result.synthesis?.confidence).toBe(result.coverage);
        expect(streamed.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(result.sections);
        expect(model.mostInFlight).toBeLessThanOrEqual(limit ?? Infinity);
        const last = model.requests.at(-1)?.prompt ?? "";
        expect(nameOf(last)).toBe(-1);
        const keys = [...last.matchAll(/key "s(\d+)"/g)].map(([, index]) => Number(index));
        expect(keys).toEqual([
          ...list.flatMap((_p, i) => (isThere[i] ? [i] : [])),
          ...list.flatMap((_p, i) => (isThere[i] ? [] : [i])),
        ]);
        expect(result.spent.calls).toBe(list.length + 1);
      }),
      { numRuns: 60 },
    );
  });

  test("takes the time of the slowest, streams in the order of ending, and says what that saved", async () => {
    const list: Plan[] = [30, 10, 20].map((ms) => ({ ms, end: "written" }));
    const { model, clock } = modelOf(list);
    const run = sections({ model, topic: "t", sections: ["s0", "s1", "s2"], clock });
    const order: string[] = [];
    for await (const { name } of run.finished) order.push(`${name} at ${clock.now()}`);
    const { time, spent } = await run;
    expect(order).toEqual(["s1 at 10", "s2 at 20", "s0 at 30"]);
    expect(time).toEqual({ wallMs: 35, sequentialMs: 65, savedMs: 30 });
    expect([spent.calls, spent.inputTokens, spent.outputTokens]).toEqual([4, 40, 4]);
  });

  test("stops at the first failure where that is asked for", async () => {
    const list: Plan[] = [
      { ms: 10, end: "failed" },
      { ms: 20, end: "written" },
    ];
    const { model, clock } = modelOf(list);
    const run = sections({ model, topic: "t", sections: ["s0", "s1"], failure: "stop", clock });
    const error: unknown = await run.catch((error: unknown) => error);
    expect(TasksFailedError.isInstance(error) && String(error.errors[0]?.error)).toBe(
      "Error: no 0",
    );
    expect([clock.now(), model.inFlight, model.requests.length]).toEqual([10, 0, 2]);
    const seen: string[] = [];
    for await (const { name, status } of run.finished) seen.push(`${name} ${status}`);
    expect(seen).toEqual(["s0 failed"]);
  });

  test("lets a section have its own model, prompt and program", async () => {
    const main = scripted(() => ({ object: contentOf(1) }));
    const other = scripted(() => ({ object: contentOf(2) }));
    const prompt = { ...SECTION_PROMPT, instructions: "Be brief." };
    const result = await sections({
      model: main,
      topic: "t",
      input: "~~~~",
      sections: [
        "a",
        { name: "b", model: other, prompt, about: "only b" },
        { name: "c", write: ({ key }) => ({ content: key, keyPoints: [] }) },
      ],
      synthesize: false,
    });
    expect(result.sections.map((each) => each.status === "completed" && each.content)).toEqual([
      "c1",
      "c2",
      "c",
    ]);
    expect(result.synthesis).toBeUndefined();
    expect(other.requests[0]?.instructions).toBe("Be brief.");
    expect(other.requests[0]?.prompt).toContain('"b"\nonly b');
    expect(other.requests[0]?.prompt).toMatch(/^The material:\n~~~~~\n~~~~\n~~~~~\n/);
  });

  test("begins the requests of all sections with the same words", async () => {
    const model = scripted(() => ({ object: contentOf(0) }));
    const input = "long ".repeat(1000);
    await sections({ model, topic: "t", input, sections: ["a", "b"], synthesize: false });
    const [a = "", b = ""] = model.requests.map(({ prompt = "" }) => prompt);
    const shared = Array.from(a).findIndex((letter, index) => letter !== b[index]);
    expect(shared).toBeGreaterThan(input.length);
    expect(a.length - shared).toBeLessThan(10);
  });

  test("needs a topic or an input, and says each where it is given", async () => {
    const asked = async (options: { topic: string; input?: string } | { input: string }) => {
      const model = scripted([{ object: contentOf(0) }, { object: SYNTHESIS }]);
      await sections({ model, sections: ["a"], ...options });
      return model.requests.map(({ prompt = "" }) => prompt);
    };
    const [topic = "", whole = ""] = await asked({ topic: "Maps" });
    expect(topic).toMatch(/^The topic of the document:\nMaps\n/);
    expect(whole).toMatch(/The task, which the answer is to do:\nMaps$/);
    const [input = "", all = ""] = await asked({ input: "Maps fold." });
    expect(input).toMatch(/^The material:\n~~~~\nMaps fold\.\n~~~~\n/);
    expect(input).toMatch(/The topic of the document:\nWhat the material says\.\n/);
    expect(all).toMatch(/The task, which the answer is to do:\nSay what all results say together/);
    const none = { model: scripted([]), sections: ["a"] } as unknown as { topic: string };
    expect(() => sections(none as never)).toThrow('"topic" or "input" must be given');
  });

  test("says what was spent also where it failed or was cancelled", async () => {
    const usage = { inputTokens: 10, outputTokens: 1 };
    const model = scripted(({ prompt }) =>
      nameOf(prompt) >= 0 ? { object: contentOf(0), usage } : { failure: new Error("down") },
    );
    const run = sections({ model, topic: "t", sections: ["s0", "s1"] });
    await expect(run).rejects.toThrow("down");
    expect(run.spent).toMatchObject({
      calls: 3,
      unknownCalls: 1,
      inputTokens: 20,
      outputTokens: 2,
    });
    const early = sections({ model, topic: "t", sections: ["s0"], signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(CancelledError);
    expect(early.spent.calls).toBe(0);
  });

  test("refuses a section that is there twice, and a document without one", () => {
    const model = scripted([]);
    expect(() => sections({ model, topic: "t", sections: ["a", { name: "a" }] })).toThrow(
      TypeError,
    );
    expect(() => sections({ model, topic: "t", sections: [] })).toThrow(RangeError);
  });

  test("ends its stream when it is cancelled", async () => {
    const { model, clock } = modelOf([{ ms: 10, end: "written" }]);
    const run = sections({ model, topic: "t", sections: ["s0"], clock });
    run.cancel("enough");
    await expect(run).rejects.toThrow("cancelled");
    const seen: Section[] = [];
    for await (const section of run.finished) seen.push(section);
    expect(seen).toEqual([]);
    expect(model.inFlight).toBe(0);
  });
});

interface ToolPlan {
  /** How often it calls a tool before it answers; undefined where it has none. */
  readonly calls: number | undefined;
  readonly toolFails: boolean;
  readonly ms: number;
}
const toolPlans = fc.array(
  fc.record({
    calls: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    toolFails: fc.boolean(),
    ms: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 6 },
);

const STEPS = 4;

/** What is said to whoever writes a section, by call or with tools. */
const askedOf = ({ prompt, messages = [] }: ModelRequest): string => {
  const [first] = messages;
  return first?.role === "user" ? first.text : (prompt ?? "");
};

function research(list: readonly ToolPlan[]) {
  const clock = virtualClock();
  let [atWork, most] = [0, 0];
  const look = defineTool({
    name: "look",
    input: z.object({ section: z.number() }),
    effect: "read",
    async run({ section }, { signal }) {
      atWork += 1;
      most = Math.max(most, atWork + model.inFlight);
      try {
        await new Promise<void>((resolve, reject) => {
          clock.schedule(list[section]?.ms ?? 1, resolve);
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        });
      } finally {
        atWork -= 1;
      }
      if (list[section]?.toolFails === true) throw new Error(`nothing of ${section}`);
      return `found ${section}`;
    },
  });
  const model = scripted(
    (request): ScriptedAnswer => {
      most = Math.max(most, atWork + model.inFlight);
      const index = nameOf(askedOf(request));
      const plan = list[index];
      if (plan === undefined) return { object: SYNTHESIS };
      const { messages = [], tools = [] } = request;
      const said = messages.filter(({ role }) => role === "tool").length;
      if (plan.calls !== undefined && said < plan.calls) {
        expect(tools.map(({ name }) => name)).toEqual(["look"]);
        const call = { id: `${said}`, name: "look", input: { section: index } };
        return { toolCalls: [call], firstMs: plan.ms };
      }
      return { object: contentOf(index), firstMs: plan.ms };
    },
    { clock, usage: { inputTokens: 10, outputTokens: 1 } },
  );
  const tools = toolbox([look], { clock });
  const definitions = list.map(({ calls }, index) => ({
    name: `s${index}`,
    ...(calls === undefined ? {} : { toolbox: tools, maxSteps: STEPS }),
  }));
  return { clock, model, tools, definitions, most: () => most, atWork: () => atWork };
}

describe("sections with tools", () => {
  test("are written by as many calls as they need, all of them counted, within one limit", async () => {
    await fc.assert(
      fc.asyncProperty(toolPlans, fc.integer({ min: 1, max: 4 }), async (list, limit) => {
        const { clock, model, definitions, most } = research(list);
        const isThere = list.map(({ calls = 0 }) => calls < STEPS);
        const run = sections({ model, topic: "t", sections: definitions, limit, clock });
        const result = await run.catch((error: unknown) => error);
        const responses = list.reduce((sum, { calls = 0 }) => sum + Math.min(STEPS, calls + 1), 0);
        const total = responses + (isThere.includes(true) ? 1 : 0);
        expect(run.spent).toMatchObject({
          calls: total,
          unknownCalls: 0,
          inputTokens: 10 * total,
          outputTokens: total,
        });
        expect(most()).toBeLessThanOrEqual(limit);
        if (!isThere.includes(true)) {
          expect(TasksFailedError.isInstance(result)).toBe(true);
          return;
        }
        const { sections: written, failed, synthesis } = await run;
        expect(written.map((each) => (each.status === "completed" ? each.content : ""))).toEqual(
          list.map((_plan, index) => (isThere[index] ? `c${index}` : "")),
        );
        for (const { reason } of failed) expect(reason).toContain("max-steps, step 4");
        expect(synthesis?.coverage).toBe(isThere.filter(Boolean).length / list.length);
      }),
      { numRuns: 80 },
    );
  });

  test.each([false, true])(
    "begin a call that only reads while the model still writes, warmed up: %s",
    async (warmUp) => {
      const read = promiseAndHands<void>();
      const call = { id: "1", name: "look", input: {} };
      const answer = { ...contentOf(0), content: "found" };
      const responseOf = (calls: readonly ToolCall[]): ModelResponse => ({
        text: calls.length > 0 ? "" : JSON.stringify(answer),
        object: calls.length > 0 ? undefined : answer,
        toolCalls: calls,
        finishReason: calls.length > 0 ? "tool-calls" : "stop",
        usage: { inputTokens: 1, outputTokens: 1 },
        headers: {},
        message: { role: "assistant", text: "", toolCalls: calls },
      });
      // It ends its response when what it called has begun.
      const model: Model = {
        name: "waits",
        generate: () => Promise.reject(new Error("it streams")),
        async *stream({ messages = [] }) {
          if (messages.length === 1) {
            yield { type: "tool-call", call };
            await read.promise;
            yield { type: "finish", response: responseOf([call]) };
          } else {
            yield { type: "finish", response: responseOf([]) };
          }
        },
      };
      const tools = toolbox([
        defineTool({ name: "look", effect: "read", run: () => read.resolve() }),
      ]);
      const input = "long ".repeat(2000);
      const options = { topic: "t", input, sections: ["a"], toolbox: tools, warmUp } as const;
      const { sections: written } = await sections({ model, ...options, synthesize: false });
      expect(written).toEqual([{ name: "a", status: "completed", ...answer }]);
    },
  );

  test("are paid from the budget of the run, and are gaps where that is used up", async () => {
    const { clock, model, definitions } = research([
      { calls: 0, toolFails: false, ms: 1 },
      { calls: 3, toolFails: false, ms: 5 },
    ]);
    const tokens = budget({ name: "pot", calls: 3 });
    const run = sections({
      model,
      topic: "t",
      sections: definitions,
      budget: tokens,
      synthesize: false,
      clock,
    });
    const { failed, spent } = await run;
    expect(failed).toEqual([{ key: "s1", reason: expect.stringContaining("budget") as string }]);
    expect([spent.calls, tokens.stats().spent.calls]).toEqual([3, 3]);
  });

  test("are refused with a number of steps that is none", async () => {
    const run = sections({
      model: scripted([]),
      topic: "t",
      sections: ["a"],
      toolbox: toolbox([]),
      maxSteps: 0,
    });
    await expect(run).rejects.toThrow(RangeError);
  });

  test("leave no call and no tool at work when they are cancelled", async () => {
    for (const deadlineMs of [3, 7, 12, 18]) {
      const { clock, model, tools, definitions, atWork } = research([
        { calls: 3, toolFails: false, ms: 5 },
        { calls: 2, toolFails: false, ms: 5 },
      ]);
      const run = sections({ model, topic: "t", sections: definitions, deadlineMs, clock });
      await expect(run).rejects.toThrow("deadline");
      await tools.idle();
      expect([model.inFlight, atWork(), clock.now()]).toEqual([0, 0, deadlineMs]);
    }
  });
});
