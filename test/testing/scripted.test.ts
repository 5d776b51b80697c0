import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ModelPart, ModelRequest } from "../../src/models/model.ts";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import type { Script } from "../../src/testing/script.ts";
import { scripted } from "../../src/testing/scripted.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";

const { signal } = new AbortController();
const call = { id: "1", name: "read", input: { path: "a" } };

describe("scripted", () => {
  test("answers in order, and says where the script ends", async () => {
    const model = scripted(["one", { text: "two" }]);
    const asked: ModelRequest = { prompt: "?" };
    expect((await model.generate(asked, { signal })).text).toBe("one");
    expect(model.unused).toEqual([{ text: "two" }]);
    expect((await model.generate({}, { signal })).text).toBe("two");
    await expect(model.generate({ prompt: "more" }, { signal })).rejects.toThrow(
      new TypeError('Cannot answer request 3 as the script has no answer left: "more"'),
    );
    expect(model.requests[0]).toBe(asked);
    expect(model.requests).toHaveLength(3);
    expect(model.unused).toEqual([]);
  });

  test("gives each request the first answer that is for it, as often as it may be", async () => {
    const model = scripted([
      { when: "cat", text: "meow", times: 1 },
      { when: /dog/g, text: "woof" },
      { when: ({ tools = [] }) => tools.length > 0, text: "tools" },
      { text: "any", times: 2 },
    ]);
    const say = async (request: ModelRequest) => (await model.generate(request, { signal })).text;
    expect(await say({ prompt: "a dog" })).toBe("woof");
    expect(await say({ messages: [{ role: "user", text: "a dog" }], prompt: "b" })).toBe("woof");
    expect(await say({ instructions: "a cat", prompt: "b" })).toBe("meow");
    expect(await say({ prompt: "a cat" })).toBe("any");
    expect(model.unused).toHaveLength(1);
    expect(await say({ prompt: "b" })).toBe("any");
    await expect(say({ prompt: "b" })).rejects.toThrow(
      /none for it among the answers left \(2\): "b"/,
    );
  });

  test("answers by a function", async () => {
    const model = scripted(({ prompt }, index) => `${prompt} ${index}`);
    await model.generate({ prompt: "a" }, { signal });
    expect((await model.generate({ prompt: "b" }, { signal })).text).toBe("b 1");
    expect(model.unused).toEqual([]);
  });

  test("says what it is told to say, and streams it bit by bit", async () => {
    const usage = { inputTokens: 10, outputTokens: 2 };
    const answer = { text: ["He", "llo"], toolCalls: [call], headers: { a: "b" }, raw: 1 };
    const model = scripted([answer, { ...answer, finishReason: "length", usage }], { usage });
    const response = await model.generate({}, { signal });
    expect(response).toEqual({
      text: "Hello",
      toolCalls: [call],
      finishReason: "tool-calls",
      usage,
      headers: { a: "b" },
      message: { role: "assistant", text: "Hello", toolCalls: [call], raw: 1 },
    });
    expect(await partsOf(model.stream({}, { signal }))).toEqual([
      { type: "text", text: "He" },
      { type: "text", text: "llo" },
      { type: "tool-call", call },
      { type: "finish", response: { ...response, finishReason: "length" } },
    ]);
  });

  test("validates its objects as any model", async () => {
    const schema = { schema: z.object({ a: z.number() }) };
    const model = scripted([
      { object: { a: 1, b: 2 } },
      { object: { a: "1" }, finishReason: "length" },
    ]);
    expect((await model.generate({ schema }, { signal })).object).toEqual({ a: 1 });
    const error: unknown = await model.generate({ schema }, { signal }).catch((e: unknown) => e);
    expect(ModelOutputError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      text: '{"a":"1"}',
      complaints: [expect.stringMatching(/cut off/), expect.stringMatching(/^a: /)],
      response: { finishReason: "length", text: '{"a":"1"}' },
    });
  });

  test("throws what it is told to throw: any value, and answers of HTTP", async () => {
    const model = scripted([
      { failure: undefined },
      { status: 429, headers: { "retry-after": "2" } },
      { text: ["a", "b"], breaksAfter: 1 },
    ]);
    await expect(model.generate({}, { signal })).rejects.toBe(undefined);
    await expect(model.generate({}, { signal })).rejects.toMatchObject({
      status: 429,
      headers: { "retry-after": "2" },
    });
    const parts: ModelPart[] = [];
    const reading = (async () => {
      for await (const part of model.stream({}, { signal })) parts.push(part);
    })();
    await expect(reading).rejects.toThrow("The connection was lost");
    expect(parts).toEqual([{ type: "text", text: "a" }]);
  });

  test("takes its time, on the clock that it is given, whichever way it is asked", async () => {
    const clock = virtualClock();
    const timed = { text: ["a", "b"], toolCalls: [call], firstMs: 500, eachMs: 20 };
    const model = scripted([timed, timed, { ...timed, breaksAfter: 2 }, { firstMs: 60 }], {
      clock,
    });
    await model.generate({}, { signal });
    expect(clock.now()).toBe(540);
    const times: number[] = [];
    for await (const _ of model.stream({}, { signal })) times.push(clock.now() - 540);
    expect(times).toEqual([500, 520, 540, 540]);
    await expect(model.generate({}, { signal })).rejects.toThrow();
    expect(clock.now()).toBe(1620);
    await model.generate({}, { signal });
    expect(clock.now()).toBe(1680);
  });

  test("counts who is being answered, and stops when aborted", async () => {
    const clock = virtualClock();
    const model = scripted(() => ({ text: "late", firstMs: 100 }), { clock });
    const controller = new AbortController();
    const reason = new Error("enough");
    const all = [1, 2, 3].map(async () => await model.generate({}, { signal: controller.signal }));
    clock.schedule(50, () => {
      expect([model.inFlight, model.mostInFlight]).toEqual([3, 3]);
      controller.abort(reason);
    });
    for (const each of await Promise.allSettled(all)) {
      expect(each).toEqual({ status: "rejected", reason });
    }
    expect([model.inFlight, model.mostInFlight, clock.now(), clock.pending]).toEqual([0, 3, 50, 0]);
    await expect(model.generate({}, { signal: controller.signal })).rejects.toBe(reason);
    expect(model.requests).toHaveLength(3);
  });

  test("frees the place of whom nobody reads any more", async () => {
    const model = scripted([{ text: ["a", "b"] }]);
    for await (const _ of model.stream({}, { signal })) {
      expect(model.inFlight).toBe(1);
      break;
    }
    expect(model.inFlight).toBe(0);
  });

  test.each<[string, Script]>([
    ["text and object", [{ text: "a", object: 1 }]],
    ["failure and status", [{ failure: 1, status: 500 }]],
    ["times", [{ times: 0 }]],
    ["firstMs", [{ firstMs: -1 }]],
    ["eachMs", [{ eachMs: Number.NaN }]],
    ["breaksAfter", [{ breaksAfter: 0.5 }]],
  ])("refuses an answer that contradicts itself: %s", (_, script) => {
    expect(() => scripted(script)).toThrow(/^Cannot script an answer as /);
  });
});

async function partsOf(stream: AsyncIterable<ModelPart>): Promise<readonly ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
