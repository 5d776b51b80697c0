import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { limit, settle } from "../../src/index.ts";
import { memoryStore, type ModelStore } from "../../src/models/memory-store.ts";
import type { ModelRequest } from "../../src/models/model.ts";
import { requestKey } from "../../src/models/request-key.ts";
import { streamOf } from "../../src/models/stream-of.ts";
import { withCache } from "../../src/models/with-cache.ts";
import { withLimits } from "../../src/models/with-limits.ts";
import type { ScriptedAnswer } from "../../src/testing/script.ts";
import { rig } from "../../src/testing/rig.ts";
import { scripted } from "../../src/testing/scripted.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { partsOf } from "./conformance.ts";

const once = (): AbortController => new AbortController();
const usage = { inputTokens: 10, outputTokens: 5 };

/** Keeps JSON, as a store on a disk does. */
function jsonStore(): ModelStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    get: async (key) => {
      const text = texts.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    set: async (key, value) => texts.set(key, JSON.stringify(value)),
  };
}

describe("withCache", () => {
  test("asks each thing once, whatever is asked when, and answers as if it had been asked", async () => {
    const calls = fc.array(
      fc.record({
        prompt: fc.constantFrom("a", "b", "c"),
        atMs: fc.nat(300),
        streams: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25, size: "max" },
    );
    await fc.assert(
      fc.asyncProperty(calls, async (calls) => {
        const clock = virtualClock();
        const inner = scripted(
          ({ prompt = "" }) => ({
            text: [prompt, "!"],
            firstMs: 100,
            eachMs: 10,
            usage,
            raw: { of: prompt },
          }),
          { clock },
        );
        const model = withCache(inner, jsonStore());
        const responses = await Promise.all(
          calls.map(
            async ({ prompt, atMs, streams }) =>
              await new Promise<Awaited<ReturnType<typeof model.generate>>>((resolve, reject) => {
                clock.schedule(atMs, () => {
                  const last = async () => {
                    const part = (await partsOf(model, { prompt })).at(-1);
                    if (part?.type !== "finish") throw new Error("no end");
                    return part.response;
                  };
                  (streams ? last() : model.generate({ prompt }, once())).then(resolve, reject);
                });
              }),
          ),
        );
        const asked = new Set(calls.map(({ prompt }) => prompt));
        expect(inner.requests).toHaveLength(asked.size);
        for (const [index, response] of responses.entries()) {
          const prompt = calls[index]?.prompt ?? "";
          expect(response.message).toEqual({
            role: "assistant",
            text: `${prompt}!`,
            toolCalls: [],
            raw: { of: prompt },
          });
        }
        // Each was paid once: the others took nothing.
        const paid = responses.map((response) => response.usage.inputTokens ?? Number.NaN);
        expect(paid.reduce((sum, each) => sum + each, 0)).toBe(10 * asked.size);
      }),
      { numRuns: 60 },
    );
  });

  test("tells requests apart by all that a model could, and by nothing else", async () => {
    const schema = (field: string) => ({ schema: z.object({ [field]: z.number() }) });
    const tool = { name: "n", description: "d", inputSchema: { a: 1, b: 2 } };
    const different: ModelRequest[] = [
      {},
      { prompt: "a" },
      { prompt: "b" },
      { instructions: "a" },
      { prompt: "a", temperature: 0 },
      { prompt: "a", maxOutputTokens: 1 },
      { prompt: "a", tools: [tool] },
      { prompt: "a", tools: [{ ...tool, inputSchema: { a: 2, b: 2 } }] },
      { prompt: "a", schema: schema("x") },
      { prompt: "a", schema: schema("y") },
      { messages: [{ role: "assistant", text: "a", toolCalls: [] }] },
      { messages: [{ role: "assistant", text: "a", toolCalls: [], raw: 1 }] },
    ];
    const keys = different.map((request) => requestKey("m", request));
    expect(new Set(keys).size).toBe(different.length);
    expect(requestKey("n", {})).not.toBe(requestKey("m", {}));
    const same: [ModelRequest, ModelRequest][] = [
      [{ prompt: "a" }, { messages: [{ role: "user", text: "a" }] }],
      [{ prompt: "a" }, { prompt: "a", tools: [], temperature: undefined }],
      [
        { tools: [tool] },
        { tools: [{ inputSchema: { b: 2, a: 1 }, description: "d", name: "n" }] },
      ],
      [{ schema: schema("x") }, { schema: schema("x") }],
    ];
    for (const [one, other] of same) expect(requestKey("m", one)).toBe(requestKey("m", other));
  });

  test("shares a failure with those who wait, and keeps it for nobody else", async () => {
    const failure = new Error("no");
    const inner = scripted([{ failure }, "fine"]);
    const model = withCache(inner, memoryStore());
    const again = model.generate({}, once()).catch(() => model.generate({}, once()));
    const all = await Promise.allSettled(
      [1, 2, 3].map(async () => await model.generate({}, once())),
    );
    const rejected = { status: "rejected", reason: failure };
    expect(all).toEqual([rejected, rejected, rejected]);
    expect((await again).text).toBe("fine");
    expect(inner.requests).toHaveLength(2);
  });

  test("keeps no answer that does not fit its schema or ended by an error", async () => {
    const schema = { schema: z.object({ a: z.number() }) };
    const inner = scripted(["no", '{"a":1}', { text: "x", finishReason: "error" }, "y"]);
    const model = withCache(inner, memoryStore());
    await expect(model.generate({ schema }, once())).rejects.toThrow(/not JSON/);
    expect((await model.generate({ schema }, once())).object).toEqual({ a: 1 });
    expect((await model.generate({ schema }, once())).object).toEqual({ a: 1 });
    await model.generate({}, once());
    expect((await model.generate({}, once())).text).toBe("y");
    expect(inner.requests).toHaveLength(4);
  });

  test("validates anew what it kept: with the same JSON Schema, another schema may not fit", async () => {
    const jsonSchema = { type: "number" };
    const inner = scripted(["1", "2"]);
    const model = withCache(inner, memoryStore());
    await model.generate({ schema: { schema: z.number(), jsonSchema } }, once());
    const strict = { schema: z.number().refine((value) => value > 1), jsonSchema };
    expect((await model.generate({ schema: strict }, once())).object).toBe(2);
    const doubled = { schema: z.number().transform((value) => value * 2), jsonSchema };
    expect((await model.generate({ schema: doubled }, once())).object).toBe(4);
    expect(inner.requests).toHaveLength(2);
  });

  test("makes a call again, for those who share it, when the one who made it stops", async () => {
    const clock = virtualClock();
    const inner = scripted(() => ({ text: "a", firstMs: 100 }), { clock });
    const model = withCache(inner, memoryStore());
    const stopping = once();
    const first = model.generate({}, stopping);
    const others = [1, 2].map(async () => (await model.generate({}, once())).text);
    const left = once();
    const leaving = model.generate({}, left).finally(() => expect(clock.now()).toBe(60));
    clock.schedule(50, () => stopping.abort("stop"));
    clock.schedule(60, () => left.abort("left"));
    await expect(first).rejects.toBe("stop");
    await expect(leaving).rejects.toBe("left");
    expect(await Promise.all(others)).toEqual(["a", "a"]);
    expect([inner.requests.length, clock.now()]).toEqual([2, 150]);
  });

  test("waits for a call without holding the slot that it needs", async () => {
    const clock = virtualClock();
    const inner = scripted(() => ({ text: "a", firstMs: 10 }), { clock });
    const slow = limit({ requestsPerMinute: 1 });
    const model = withCache(withLimits(inner, slow), memoryStore());
    const ask =
      (prompt: string) =>
      async (ctx: Parameters<typeof model.generate>[1] & { readonly key: string }) =>
        (await model.generate({ prompt }, { signal: ctx.signal, within: ctx as never })).text;
    const outcomes = await settle([ask("x"), ask("y"), ask("y"), ask("x")], { limit: 1, clock });
    expect(outcomes.map((each) => each.status)).toEqual(Array(4).fill("completed"));
    expect(inner.requests).toHaveLength(2);
    expect(clock.now()).toBe(60_010);
  });

  test("streams what it kept, and keeps only what was streamed to its end", async () => {
    const inner = scripted(() => ({ text: ["a", "b"] }));
    const model = withCache(inner, memoryStore());
    for await (const _ of streamOf(model, {}, once())) break;
    const live = await partsOf(model, {});
    const kept = await partsOf(model, {});
    expect(live.slice(0, -1)).toEqual(["a", "b"].map((text) => ({ type: "text", text })));
    expect(kept.slice(0, -1)).toEqual([{ type: "text", text: "ab" }]);
    expect(inner.requests).toHaveLength(2);
  });

  test.each<[string, ModelStore]>([
    [
      "fails",
      {
        get: () => {
          throw new Error("down");
        },
        set: async () => await Promise.reject(new Error("down")),
      },
    ],
    ["has something else", { get: () => ({ text: 1 }), set: () => undefined }],
    ["forgets", { get: () => undefined, set: () => undefined }],
  ])("answers also where the store %s", async (_, store) => {
    const inner = scripted(["a", "b"]);
    const model = withCache(inner, store);
    const both = [model.generate({}, once()), model.generate({}, once())];
    expect((await Promise.all(both)).map(({ text }) => text)).toEqual(["a", "a"]);
    expect((await model.generate({}, once())).text).toBe("b");
  });

  test("forgets calls that are over", async () => {
    const r = rig();
    const model = withCache(
      scripted(({ prompt = "" }): ScriptedAnswer => ({ text: prompt })),
      memoryStore(),
    );
    await Promise.all(
      Array.from(
        { length: 50 },
        async (_, index) => await model.generate({ prompt: `${index}` }, once()),
      ),
    );
    await r.idle();
    expect((await model.generate({ prompt: "7" }, once())).usage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
    });
  });
});

describe("memoryStore", () => {
  test("forgets what was not used for longest, beyond its bound", () => {
    const operations = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), {
      maxLength: 60,
      size: "max",
    });
    fc.assert(
      fc.property(operations, fc.integer({ min: 1, max: 6 }), (operations, maxEntries) => {
        const store = memoryStore({ maxEntries });
        let used: number[] = []; // The oldest first.
        for (const [isGet, key] of operations) {
          const isKept = used.includes(key);
          if (isGet) {
            expect(store.get(`${key}`)).toBe(isKept ? key : undefined);
          } else {
            store.set(`${key}`, key);
          }
          if (isKept || !isGet)
            used = [...used.filter((each) => each !== key), key].slice(-maxEntries);
        }
      }),
    );
  });

  test("refuses a bound that is none", () => {
    expect(() => memoryStore({ maxEntries: 0 })).toThrow(RangeError);
  });
});
