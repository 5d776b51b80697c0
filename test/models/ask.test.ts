import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { limit, scope, settle, TasksFailedError } from "../../src/index.ts";
import { ask } from "../../src/models/ask.ts";
import type { Model } from "../../src/models/model.ts";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import { withLimits } from "../../src/models/with-limits.ts";
import { scripted } from "../../src/testing/scripted.ts";

const schema = { schema: z.object({ score: z.number() }) };
const good = '{"score":7}';

describe("ask", () => {
  test("returns the response, with its object", async () => {
    const model = scripted([good]);
    const { object, text } = await scope((s) =>
      ask(model, { prompt: "?", schema }, { within: s, key: "grade" }),
    );
    expect([object.score, text]).toEqual([7, good]);
  });

  test("tells the model what was wrong, after what it said", async () => {
    const raw = { signature: "s" };
    const model = scripted([{ text: '{"score":"7"}', raw }, good]);
    const request = { instructions: "Be fair.", prompt: "How good?", schema, temperature: 0 };
    await scope((s) => ask(model, request, { within: s }));
    expect(model.requests[0]).toBe(request);
    expect(model.requests[1]).toEqual({
      ...request,
      messages: [
        { role: "user", text: "How good?" },
        { role: "assistant", text: '{"score":"7"}', toolCalls: [], raw },
      ],
      prompt: expect.stringMatching(/^That answer cannot be used:\n- score: .*\nAnswer again/),
    });
  });

  test("hands no empty message back", async () => {
    const model = scripted(["", good]);
    await scope((s) =>
      ask(model, { messages: [{ role: "user", text: "?" }], schema }, { within: s }),
    );
    expect(model.requests[1]?.messages).toEqual([{ role: "user", text: "?" }]);
    expect(model.requests[1]?.prompt).toMatch(/It is empty/);
  });

  test("asks once and `repairs` times again, and no more than needed", async () => {
    const answers = fc.array(fc.constantFrom(good, "no", "{}"), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(answers, fc.nat({ max: 5 }), async (answers, repairs) => {
        const model = scripted(answers);
        const needed = answers.indexOf(good) + 1;
        const isReached = needed > 0 && needed <= repairs + 1;
        const outcomes = await settle({
          a: (ctx) => ask(model, { prompt: "?", schema }, { within: ctx, repairs }),
        });
        expect(model.requests).toHaveLength(isReached ? needed : repairs + 1);
        expect(outcomes.a.status).toBe(isReached ? "completed" : "failed");
        if (outcomes.a.status === "failed") {
          expect(ModelOutputError.isInstance(outcomes.a.error)).toBe(true);
          expect((outcomes.a.error as ModelOutputError).text).toBe(answers[repairs]);
        }
      }),
    );
  });

  test("repeats nothing else, and throws it unchanged", async () => {
    const failure = new Error("refused");
    const model = scripted(["no", { failure }, good]);
    const run = scope((s) => ask(model, { prompt: "?", schema }, { within: s }));
    const error = await run.catch((error: unknown) => error);
    expect(TasksFailedError.isInstance(error) && error.errors[0]?.error).toBe(failure);
    expect(model.requests).toHaveLength(2);
  });

  test("is a task of its own: it has limits, and hands itself on to the model", async () => {
    const one = limit(1);
    const seen: unknown[] = [];
    const inner = scripted(["no", good]);
    const model: Model = {
      name: "m",
      generate: async (request, options) => {
        seen.push([options.within?.key, options.within?.attempt, one.inUse]);
        expect(options.within?.signal).toBe(options.signal);
        return await inner.generate(request, options);
      },
    };
    await scope((s) =>
      ask(model, { prompt: "?", schema }, { within: s, key: "grade", limit: one }),
    );
    expect(seen).toEqual([
      ["grade", 1, 1],
      ["grade", 2, 1],
    ]);
  });

  test("repairs through wrappers: what failed inside is no failure of the task", async () => {
    const model = withLimits(scripted(["no", "{}", good]), limit(1));
    const { object } = await scope((s) => ask(model, { prompt: "?", schema }, { within: s }), {
      limit: 1,
    });
    expect(object).toEqual({ score: 7 });
  });

  test("refuses repairs that are no number from 0", async () => {
    const run = scope((s) => ask(scripted([]), {}, { within: s, repairs: -1 }));
    await expect(run).rejects.toThrow(RangeError);
  });
});
