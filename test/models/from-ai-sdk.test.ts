import type { OpenAICompatibleProvider } from "@ai-sdk/openai-compatible";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type {
  AiSdkCallOptions,
  AiSdkLanguageModel,
  AiSdkResult,
} from "../../src/models/ai-sdk/specification.ts";
import { fromAiSdk } from "../../src/models/from-ai-sdk.ts";
import type { AssistantMessage } from "../../src/models/model.ts";

/** Version 3 of the specification, as a provider package has it. */
type LanguageModelV3 = ReturnType<OpenAICompatibleProvider["chatModel"]>;
type LanguageModelV3CallOptions = Parameters<LanguageModelV3["doGenerate"]>[0];

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};
const finish = { type: "finish", usage, finishReason: { unified: "stop" } } as const;

function mock(
  result: Partial<AiSdkResult>,
  parts: readonly ({ readonly type: string } & Record<string, unknown>)[] = [],
) {
  const asked: AiSdkCallOptions[] = [];
  const model: AiSdkLanguageModel = {
    specificationVersion: "v4",
    provider: "anthropic.messages",
    modelId: "claude",
    async doGenerate(options) {
      asked.push(options);
      return { content: [], finishReason: { unified: "stop" }, usage, ...result };
    },
    async doStream(options) {
      asked.push(options);
      return { stream: ReadableStream.from(parts) };
    },
  };
  return { model, asked };
}

const read = async (model: AiSdkLanguageModel) => {
  const parts = [];
  for await (const part of fromAiSdk(model).stream?.({ prompt: "a" }, new AbortController()) ??
    []) {
    parts.push(part);
  }
  return parts;
};
const ask = async (model: AiSdkLanguageModel, messages: readonly AssistantMessage[] = []) =>
  await fromAiSdk(model).generate({ messages, prompt: "a" }, new AbortController());

/** All that a provider may say, of either version. */
const CONTENT = [
  { type: "reasoning", text: "Hm", providerMetadata: { anthropic: { signature: "x" } } },
  {
    type: "text",
    text: "One ",
    citations: [{ text: "a" }],
    providerMetadata: { anthropic: { a: 1 } },
  },
  { type: "source", sourceType: "url", id: "1", url: "http://localhost/" },
  { type: "custom", kind: "anthropic.note" },
  { type: "file", mediaType: "image/png", data: new Uint8Array([1, 2, 3]) },
  {
    type: "tool-call",
    toolCallId: "1",
    toolName: "own",
    input: '{"a":1}',
    providerMetadata: { g: { s: "y" } },
  },
  { type: "tool-call", toolCallId: "2", toolName: "search", input: "{}", providerExecuted: true },
  { type: "tool-result", toolCallId: "2", toolName: "search", result: { hits: 1 } },
  { type: "tool-result", toolCallId: "2", toolName: "search", result: 1, preliminary: true },
  { type: "text", text: "two" },
];

const HANDED_BACK = [
  { type: "reasoning", text: "Hm", providerOptions: { anthropic: { signature: "x" } } },
  { type: "text", text: "One ", providerOptions: { anthropic: { a: 1 } } },
  { type: "custom", kind: "anthropic.note" },
  { type: "file", mediaType: "image/png", data: "AQID" },
  {
    type: "tool-call",
    toolCallId: "1",
    toolName: "own",
    input: { a: 1 },
    providerOptions: { g: { s: "y" } },
  },
  { type: "tool-call", toolCallId: "2", toolName: "search", input: {}, providerExecuted: true },
  {
    type: "tool-result",
    toolCallId: "2",
    toolName: "search",
    output: { type: "json", value: { hits: 1 } },
  },
  { type: "text", text: "two" },
];

describe("fromAiSdk", () => {
  test("takes models of either version, and refuses those of others", () => {
    // The types of version 3 say that any model of it fits; the compiler checks this line.
    const anyOfVersion3 = (model: LanguageModelV3) => fromAiSdk(model).name;
    expect(anyOfVersion3).toBeTypeOf("function");
    const old = { ...mock({}).model, specificationVersion: "v2" } as unknown as AiSdkLanguageModel;
    expect(() => fromAiSdk(old)).toThrow(
      'Cannot use model "claude" as it must speak version 3 or 4 of the provider specification, for ai 6 or 7: "v2"',
    );
  });

  test("is called as its provider and model, or as it is told", () => {
    const { model } = mock({});
    expect(fromAiSdk(model).name).toBe("anthropic/claude");
    expect(fromAiSdk(model, { name: "a/b" }).name).toBe("a/b");
  });

  test("asks in the words of the specification, whose types the request fits", async () => {
    const { model, asked } = mock({
      content: [{ type: "text", text: '{"a":1}' } as { type: string }],
    });
    const providerOptions = { anthropic: { effort: "low" } };
    const { signal } = new AbortController();
    await fromAiSdk(model, { providerOptions, headers: { "x-app": "test" } }).generate(
      {
        instructions: "Be brief.",
        messages: [
          { role: "user", text: "Hi" },
          {
            role: "assistant",
            text: "",
            toolCalls: [
              { id: "1", name: "own", inputText: "{" },
              { id: "2", name: "own", input: [1] },
            ],
          },
          {
            role: "tool",
            results: [
              { id: "1", name: "own", text: "bad", isError: true },
              { id: "2", name: "own", text: "fine", isError: false },
            ],
          },
        ],
        prompt: "Now?",
        tools: [{ name: "own", description: "Mine.", inputSchema: { type: "object" } }],
        schema: { schema: z.object({ a: z.number() }) },
        maxOutputTokens: 10,
        temperature: 0,
      },
      { signal },
    );
    expect(asked).toEqual([
      {
        prompt: [
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "text", text: "Hi" }] },
          {
            role: "assistant",
            content: [
              { type: "tool-call", toolCallId: "1", toolName: "own", input: {} },
              { type: "tool-call", toolCallId: "2", toolName: "own", input: [1] },
            ],
          },
          {
            role: "tool",
            content: [
              {
                type: "tool-result",
                toolCallId: "1",
                toolName: "own",
                output: { type: "error-text", value: "bad" },
              },
              {
                type: "tool-result",
                toolCallId: "2",
                toolName: "own",
                output: { type: "text", value: "fine" },
              },
            ],
          },
          { role: "user", content: [{ type: "text", text: "Now?" }] },
        ],
        maxOutputTokens: 10,
        temperature: 0,
        responseFormat: {
          type: "json",
          name: "answer",
          schema: {
            $schema: expect.any(String),
            type: "object",
            properties: { a: { type: "number" } },
            required: ["a"],
            additionalProperties: false,
          },
        },
        tools: [
          { type: "function", name: "own", description: "Mine.", inputSchema: { type: "object" } },
        ],
        abortSignal: signal,
        providerOptions,
        headers: { "x-app": "test" },
      } satisfies LanguageModelV3CallOptions as unknown,
    ]);
  });

  test("hands all that a provider said back to it, through JSON", async () => {
    const { model, asked } = mock({ content: CONTENT });
    const { text, toolCalls, message } = await ask(model);
    expect(text).toBe("One two");
    expect(toolCalls).toEqual([{ id: "1", name: "own", inputText: '{"a":1}' }]);
    const stored = JSON.parse(JSON.stringify(message)) as AssistantMessage;
    expect(stored).toEqual(message);
    await ask(model, [stored]);
    expect(asked[1]?.prompt[0]).toEqual({ role: "assistant", content: HANDED_BACK });
  });

  test.each(["", "taken"])(
    "hands a call whose id was %j back with the one that it got",
    async (id) => {
      const content = CONTENT.map((part) =>
        "toolCallId" in part && part.toolCallId === "1" ? { ...part, toolCallId: id } : part,
      );
      const { model, asked } = mock({ content });
      const { message } = await ask(model);
      const named = message.toolCalls.map((each) => ({ ...each, id: "1" }));
      await ask(model, [{ ...message, toolCalls: named }]);
      expect(asked[1]?.prompt[0]).toEqual({ role: "assistant", content: HANDED_BACK });
    },
  );

  test("hands the rest back where the message was changed, or another provider wrote it", async () => {
    const { model, asked } = mock({ content: CONTENT });
    const { message } = await ask(model);
    const rest = [
      { type: "text", text: message.text },
      { type: "tool-call", toolCallId: "1", toolName: "own", input: { a: 1 } },
    ];
    const other: AiSdkLanguageModel = { ...model, provider: "openai.chat" };
    await ask(other, [message]);
    expect(asked[1]?.prompt[0]).toEqual({ role: "assistant", content: rest });
    await ask(model, [{ ...message, text: "Shorter" }]);
    expect(asked[2]?.prompt[0]).toEqual({
      role: "assistant",
      content: [{ type: "text", text: "Shorter" }, rest[1]],
    });
    await ask(model, [{ ...message, toolCalls: [] }]);
    expect(asked[3]?.prompt[0]).toEqual({ role: "assistant", content: [rest[0]] });
    const corrected = message.toolCalls.map((call) => ({ ...call, inputText: '{"a":2}' }));
    await ask(model, [{ ...message, toolCalls: corrected }]);
    expect(asked[4]?.prompt[0]).toEqual({
      role: "assistant",
      content: [rest[0], { ...rest[1], input: { a: 2 } }],
    });
    await ask(model, [{ ...message, raw: "of another model" }]);
    expect(asked[5]?.prompt[0]).toEqual({ role: "assistant", content: rest });
  });

  test("puts streams together as if they had come whole", async () => {
    const signed = { anthropic: { signature: "x" } };
    const { model, asked } = mock({}, [
      { type: "stream-start", warnings: [] },
      { type: "reasoning-start", id: "1" },
      { type: "reasoning-delta", id: "1", delta: "H" },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: "One " },
      { type: "reasoning-delta", id: "1", delta: "m" },
      { type: "reasoning-end", id: "1", providerMetadata: signed },
      { type: "raw", rawValue: 1 },
      { type: "text-end", id: "1" },
      { type: "text-start", id: "2" },
      { type: "text-delta", id: "2", delta: "two" },
      { type: "text-delta", id: "2", delta: "" },
      { type: "tool-input-start", id: "3", toolName: "own" },
      { type: "tool-input-delta", id: "3", delta: "{}" },
      { type: "tool-call", toolCallId: "3", toolName: "own", input: "{}" },
      {
        type: "tool-call",
        toolCallId: "4",
        toolName: "search",
        input: "{}",
        providerExecuted: true,
      },
      finish,
    ]);
    const parts = await read(model);
    const last = parts.pop();
    expect(parts).toEqual([
      { type: "text", text: "One " },
      { type: "text", text: "two" },
      { type: "tool-call", call: { id: "3", name: "own", inputText: "{}" } },
    ]);
    const message = last?.type === "finish" ? last.response.message : undefined;
    await ask(model, message === undefined ? [] : [message]);
    expect(asked[1]?.prompt[0]).toEqual({
      role: "assistant",
      content: [
        { type: "reasoning", text: "Hm", providerOptions: signed },
        { type: "text", text: "One " },
        { type: "text", text: "two" },
        { type: "tool-call", toolCallId: "3", toolName: "own", input: {} },
        {
          type: "tool-call",
          toolCallId: "4",
          toolName: "search",
          input: {},
          providerExecuted: true,
        },
      ],
    });
  });

  test("throws what a stream says of errors, and where it has no end", async () => {
    const error = new Error("overloaded");
    await expect(read(mock({}, [{ type: "error", error }, finish]).model)).rejects.toBe(error);
    const plain = mock({}, [{ type: "error", error: { message: "overloaded", code: 1 } }, finish]);
    await expect(read(plain.model)).rejects.toMatchObject({
      message: "The model failed while it answered: overloaded",
      cause: { code: 1 },
    });
    await expect(
      read(mock({}, [{ type: "text-delta", id: "1", delta: "a" }]).model),
    ).rejects.toThrow(/broke off: it had no end/);
  });

  test("believes of usage what can be true", async () => {
    const said = (total: unknown, cacheRead: unknown, out: unknown) =>
      ({
        usage: {
          inputTokens: { total, noCache: 0, cacheRead, cacheWrite: -1 },
          outputTokens: { total: out },
        },
      }) as unknown as Partial<AiSdkResult>;
    const none = undefined;
    for (const [given, expected] of [
      [said(10, 4, 2), [10, 4, 2]],
      [said(10, 11, 2), [10, none, 2]],
      [said(-1, 0, Number.NaN), [none, 0, none]],
      [said("10", "4", Infinity), [none, none, none]],
      [{ usage: undefined } as unknown as Partial<AiSdkResult>, [none, none, none]],
    ] as const) {
      const { usage } = await ask(mock(given).model);
      expect([usage.inputTokens, usage.cachedInputTokens, usage.outputTokens]).toEqual(expected);
      expect(usage.cacheWriteTokens).toBeUndefined();
    }
  });

  test("says in words where a schema cannot be told to a model", async () => {
    const schema = {
      "~standard": { version: 1, vendor: "mine", validate: (value: unknown) => ({ value }) },
    } as const;
    const { model } = mock({ content: [{ type: "text", text: "1" } as { type: string }] });
    const call = fromAiSdk(model).generate({ schema: { schema } }, new AbortController());
    await expect(call).rejects.toThrow(
      'Cannot describe an answer to a model as mine does not say its schemas as JSON Schema: give "jsonSchema"',
    );
    const told = { schema, jsonSchema: { type: "number" } };
    const { object } = await fromAiSdk(model).generate({ schema: told }, new AbortController());
    expect(object).toBe(1);
  });
});
