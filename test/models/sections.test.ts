import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TasksFailedError } from "../../src/index.ts";
import { SECTION_PROMPT, sections, type Section } from "../../src/models/index.ts";
import { scripted, virtualClock, type ScriptedAnswer } from "../../src/testing/index.ts";

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
