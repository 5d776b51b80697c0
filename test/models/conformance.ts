/** The contract of a model, as tests for every one of them. */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { answersIn, headerOf } from "../../src/core/http-answer.ts";
import { settle } from "../../src/index.ts";
import type { Model, ModelPart, ModelRequest, ModelResponse } from "../../src/models/model.ts";
import { ModelOutputError } from "../../src/models/model-output-error.ts";
import { streamOf } from "../../src/models/stream-of.ts";
import type { Exchange, Service } from "./exchange.ts";

export interface Conformance {
  /** Makes a model of a service that answers like that, request by request. */
  open(script: readonly Exchange[]): Promise<{ readonly model: Model; readonly service: Service }>;
  /** How many random answers are tried. @defaultValue 50 */
  readonly numRuns?: number;
  /** Whether it streams bit by bit. @defaultValue true */
  readonly streams?: boolean;
  /** What the service of the test cannot be told to do. */
  readonly cannot?: readonly ("hide usage" | "send headers" | "count cached tokens" | "hang")[];
}

const KNOWN = { inputTokens: 11, outputTokens: 5 };
const CALLS = [
  { id: "call_1", name: "read", inputText: '{"path":"a"}' },
  { id: "call_2", name: "list", inputText: "{}" },
];
const TOOLS = [{ name: "read", description: "Reads a file.", inputSchema: { type: "object" } }];
const SCORE = { schema: z.object({ score: z.number() }) };

export function describeModel(name: string, conformance: Conformance): void {
  const { streams = true, numRuns = 50, cannot = [] } = conformance;
  const opened: Service[] = [];
  const open = async (...script: Exchange[]) => {
    const { model, service } = await conformance.open(script);
    opened.push(service);
    return { model, service };
  };
  afterEach(async () => {
    for (const service of opened.splice(0)) await service.close?.();
  });

  describe(`${name}, as a model,`, () => {
    test("answers with text", async () => {
      const { model, service } = await open({ text: ["Good ", "day"], usage: KNOWN });
      const response = await generate(model, { instructions: "Be kind.", prompt: "Hello" });
      expect(response).toMatchObject({ text: "Good day", toolCalls: [], finishReason: "stop" });
      expect(response.message).toMatchObject({
        role: "assistant",
        text: "Good day",
        toolCalls: [],
      });
      expect(response).not.toHaveProperty("object");
      expect(service.requests[0]).toMatch(/Be kind\..*Hello/);
    });

    test("calls tools, and is told what came of it", async () => {
      const { model, service } = await open(
        { text: ["Let me see"], toolCalls: CALLS },
        { text: ["Done"] },
      );
      const request = { messages: [{ role: "user", text: "Look" }], tools: TOOLS } as const;
      const response = await generate(model, request);
      expect(response.toolCalls).toEqual(CALLS);
      expect(response.message.toolCalls).toEqual(CALLS);
      expect(response.finishReason).toBe("tool-calls");
      expect(service.requests[0]).toMatch(/Reads a file\./);
      const results = CALLS.map(({ id, name }, index) => ({
        id,
        name,
        text: `result ${index}`,
        isError: index === 1,
      }));
      const messages = [...request.messages, response.message, { role: "tool", results } as const];
      const more = await generate(model, { ...request, messages, prompt: "And?" });
      expect(more.text).toBe("Done");
      expect(service.requests[1]).toMatch(
        /Look.*Let me see.*call_1.*call_2.*result 0.*result 1.*And\?/,
      );
    });

    test("answers with data, validated", async () => {
      const { model } = await open(
        { text: ['{"score":', "7}"] },
        { text: ['```json\n{"score":8,"more":1}\n```'] },
        { toolCalls: CALLS },
      );
      expect((await generate(model, { prompt: "a", schema: SCORE })).object).toEqual({ score: 7 });
      expect((await generate(model, { prompt: "b", schema: SCORE })).object).toEqual({ score: 8 });
      const calls = await generate(model, { prompt: "c", schema: SCORE, tools: TOOLS });
      expect(calls).not.toHaveProperty("object");
    });

    test("rejects data that does not fit, and says what it took", async () => {
      const answer = { text: ['{"score":"7"}'], usage: KNOWN };
      const { model } = await open(answer, answer);
      for (const prompt of ["a", "b"]) {
        const call =
          prompt === "a"
            ? generate(model, { prompt, schema: SCORE })
            : partsOf(model, { prompt, schema: SCORE });
        const error: unknown = await call.catch((error: unknown) => error);
        expect(error).toBeInstanceOf(ModelOutputError);
        expect(error).toMatchObject({
          text: '{"score":"7"}',
          complaints: [expect.stringMatching(/^score: /)],
          response: { text: '{"score":"7"}', usage: KNOWN },
        });
      }
    });

    test("streams the same as it generates, whatever is said", async () => {
      const texts = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: 5,
      });
      const calls = fc.uniqueArray(fc.constantFrom(...CALLS), { selector: ({ id }) => id });
      const usage = fc.record({ inputTokens: fc.nat(1000), outputTokens: fc.nat(1000) });
      await fc.assert(
        fc.asyncProperty(texts, calls, usage, async (text, toolCalls, usage) => {
          const answer = { text, toolCalls, usage };
          const { model, service } = await conformance.open([answer, answer]);
          try {
            const whole = await generate(model, { prompt: "a", tools: TOOLS });
            const parts = await partsOf(model, { prompt: "b", tools: TOOLS });
            const last = parts.pop();
            const plain = (response: ModelResponse) => ({ ...response, headers: {} });
            expect(last?.type === "finish" && plain(last.response)).toEqual(plain(whole));
            expect(whole).toMatchObject({ text: text.join(""), toolCalls, usage });
            expect(saidIn(parts)).toEqual([text.join(""), toolCalls]);
            if (streams) expect(parts.length).toBeGreaterThanOrEqual(text.length > 0 ? 1 : 0);
          } finally {
            await service.close?.();
          }
        }),
        { numRuns },
      );
    });

    if (streams && !cannot.includes("hang")) {
      test("streams bit by bit: each is there before the next is sent", async () => {
        const { model } = await open({ text: ["one", "two"], hangsAfter: 1 });
        const controller = new AbortController();
        const seen: ModelPart[] = [];
        const reason = new Error("enough");
        await expect(
          (async () => {
            for await (const part of streamOf(model, { prompt: "a" }, controller)) {
              seen.push(part);
              controller.abort(reason);
            }
          })(),
        ).rejects.toBe(reason);
        expect(seen).toEqual([{ type: "text", text: "one" }]);
      });
    }

    test("asks nobody when it is aborted before", async () => {
      const { model, service } = await open({ text: ["a"] });
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await expect(model.generate({ prompt: "a" }, { signal })).rejects.toBe(reason);
      await expect(partsOf(model, { prompt: "a" }, signal)).rejects.toBe(reason);
      expect(service.requests).toEqual([]);
    });

    if (!cannot.includes("hang")) {
      test.each([["generate"], ["stream"]])("stops when it is aborted: %s", async (how) => {
        const { model, service } = await open({ text: ["a"], hangsAfter: 0 });
        const controller = new AbortController();
        const { signal } = controller;
        const reason = new Error("enough");
        const call =
          how === "generate"
            ? model.generate({ prompt: "a" }, { signal })
            : partsOf(model, { prompt: "a" }, signal);
        call.catch(() => undefined);
        while (service.inFlight === 0) await turn();
        controller.abort(reason);
        await expect(call).rejects.toBe(reason);
        await service.idle();
      });
    }

    if (streams && !cannot.includes("hang")) {
      test("stops when nobody reads any more", async () => {
        const { model, service } = await open({ text: ["one", "two"], hangsAfter: 1 });
        for await (const part of streamOf(model, { prompt: "a" }, new AbortController())) {
          expect(part).toEqual({ type: "text", text: "one" });
          break;
        }
        await service.idle();
        expect(service.requests).toHaveLength(1);
      });
    }

    test.each([[400], [404], [429], [500], [503]])(
      "throws a status of %i, with its headers",
      async (status) => {
        const answer = { status, headers: { "retry-after": "7" } };
        const { model, service } = await open(answer, answer);
        for (const call of [generate(model, { prompt: "a" }), partsOf(model, { prompt: "b" })]) {
          const error: unknown = await call.catch((error: unknown) => error);
          expect(error).toBeInstanceOf(Error);
          const [answer] = answersIn(error).filter((each) => each.status !== undefined);
          expect(answer?.status).toBe(status);
          if (!cannot.includes("send headers")) {
            expect(headerOf(answer?.headers[0] ?? {}, "retry-after")).toBe("7");
          }
        }
        expect(service.requests).toHaveLength(2);
        await service.idle();
      },
    );

    test("throws when the connection is lost", async () => {
      const answer = { text: ["one", "two", "three"], breaksAfter: 2 };
      const { model, service } = await open(answer, answer);
      await expect(generate(model, { prompt: "a" })).rejects.toBeInstanceOf(Error);
      const seen: ModelPart[] = [];
      await expect(partsOf(model, { prompt: "b" }, undefined, seen)).rejects.toBeInstanceOf(Error);
      expect(seen.some(({ type }) => type === "finish")).toBe(false);
      await service.idle();
    });

    if (!cannot.includes("hide usage")) {
      test("does not make up what is not known", async () => {
        const { model } = await open({ text: ["a"] }, { text: ["a"] });
        const none = { inputTokens: undefined, outputTokens: undefined };
        expect((await generate(model, { prompt: "a" })).usage).toMatchObject(none);
        const last = (await partsOf(model, { prompt: "b" })).at(-1);
        expect(last?.type === "finish" && last.response.usage).toMatchObject(none);
      });
    }

    test("says what it took", async () => {
      const usage = {
        ...KNOWN,
        ...(cannot.includes("count cached tokens") ? {} : { cachedInputTokens: 4 }),
      };
      const { model } = await open({ text: ["a"], usage }, { text: ["a"], usage });
      expect((await generate(model, { prompt: "a" })).usage).toMatchObject(usage);
      const last = (await partsOf(model, { prompt: "b" })).at(-1);
      expect(last?.type === "finish" && last.response.usage).toMatchObject(usage);
    });

    if (!cannot.includes("send headers")) {
      test("hands on headers, in small letters", async () => {
        const answer = { text: ["a"], headers: { "x-ratelimit-remaining-requests": "3" } };
        const { model } = await open(answer, answer);
        expect((await generate(model, { prompt: "a" })).headers).toMatchObject(answer.headers);
        const last = (await partsOf(model, { prompt: "b" })).at(-1);
        expect(last?.type === "finish" && last.response.headers).toMatchObject(answer.headers);
      });
    }

    test.each([["stop"], ["length"], ["content-filter"], ["other"]] as const)(
      "says why it stopped: %s",
      async (finishReason) => {
        const { model } = await open({ text: ["a"], finishReason }, { text: ["a"], finishReason });
        expect((await generate(model, { prompt: "a" })).finishReason).toBe(finishReason);
        const last = (await partsOf(model, { prompt: "b" })).at(-1);
        expect(last?.type === "finish" && last.response.finishReason).toBe(finishReason);
      },
    );

    test("belongs to the task that asks, and needs no slot besides its own", async () => {
      const { model } = await open({ text: ["a"] }, { text: ["b"] }, { text: ["c"] });
      const outcomes = await settle(
        ["x", "y", "z"].map((prompt) => async (ctx) => {
          const options = { signal: ctx.signal, within: ctx };
          if (prompt === "y") {
            const parts: ModelPart[] = [];
            for await (const part of streamOf(model, { prompt }, options)) parts.push(part);
            return saidIn(parts.slice(0, -1))[0];
          }
          return (await model.generate({ prompt }, options)).text;
        }),
        { limit: 1 },
      );
      expect(outcomes.map((each) => each.status === "completed" && each.value)).toEqual([
        "a",
        "b",
        "c",
      ]);
    });
  });
}

async function generate(model: Model, request: ModelRequest): Promise<ModelResponse> {
  return await model.generate(request, new AbortController());
}

export async function partsOf(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
  parts: ModelPart[] = [],
): Promise<ModelPart[]> {
  for await (const part of streamOf(model, request, { signal })) parts.push(part);
  return parts;
}

function saidIn(parts: readonly ModelPart[]) {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return [text, parts.flatMap((part) => (part.type === "tool-call" ? [part.call] : []))] as const;
}

/** Lets everything react that can, input and output included. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
