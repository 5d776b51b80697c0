import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  openaiCompatible,
  type OpenaiCompatibleOptions,
} from "../../src/models/openai-compatible.ts";
import { isStrict } from "../../src/models/openai/strict-schema.ts";
import { jsonSchemaOf } from "../../src/models/json-schema-of.ts";
import { partsOf } from "./conformance.ts";
import { modelServer, type Answer, type ModelServer } from "./model-server.ts";

const KEY = "sk-very-secret-0123456789";
const json = { "content-type": "application/json" };
const whole = (more: object) =>
  JSON.stringify({ choices: [{ message: { content: "a" }, finish_reason: "stop" }], ...more });

const servers: ModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  vi.unstubAllEnvs();
});

async function open(script: readonly Answer[], options: Partial<OpenaiCompatibleOptions> = {}) {
  const server = await modelServer(script);
  servers.push(server);
  const model = openaiCompatible({ baseUrl: server.url, model: "m", apiKey: KEY, ...options });
  return { server, model };
}

const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  await call.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("openaiCompatible", () => {
  test("sends the key as a bearer token, and headers", async () => {
    const { server, model } = await open([{ text: ["a"] }], { headers: { "x-app": "test" } });
    await model.generate({ prompt: "Hi" }, new AbortController());
    expect(server.received[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "x-app": "test",
    });
    expect(server.received[0]?.body).toMatchObject({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
    });
  });

  test("takes the key of the environment for OpenAI, and for nobody else", async () => {
    vi.stubEnv("OPENAI_API_KEY", KEY);
    const { server, model } = await open([{ text: ["a"] }], { apiKey: undefined });
    await model.generate({ prompt: "Hi" }, new AbortController());
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    vi.stubEnv("OPENAI_API_KEY", "two\nlines"); // Seen, as it is refused.
    const options = { baseUrl: "https://api.openai.com/v1", model: "m" };
    expect(() => openaiCompatible(options)).toThrow(/one line of plain text: "apiKey"$/);
  });

  test("is called by the host of the service, or as it is told", () => {
    const baseUrl = "http://localhost:11434/v1/";
    expect(openaiCompatible({ baseUrl, model: "qwen3:8b" }).name).toBe("localhost:11434/qwen3:8b");
    expect(openaiCompatible({ baseUrl, model: "m", provider: "ollama" }).name).toBe("ollama/m");
  });

  test.each([
    ["localhost:1234"],
    ["ftp://localhost/"],
    [""],
    [`http://user:${KEY}@localhost/`],
    [`http://localhost/?key=${KEY}`],
  ])("refuses a base URL that is none, or has a key in it: %s", (baseUrl) => {
    let error: unknown;
    try {
      openaiCompatible({ baseUrl, model: "m" });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect(inspect(error)).not.toContain(KEY);
  });

  test.each<[string, Answer]>([
    [
      "in the body of an error",
      (response) =>
        response
          .writeHead(401, json)
          .end(JSON.stringify({ error: { message: `Bad key ${KEY}`, type: KEY } })),
    ],
    [
      "in an error that is no JSON",
      (response) => response.writeHead(500, { "x-key": KEY }).end(`<p>${KEY}</p>`),
    ],
    [
      "in an answer that cannot be read",
      (response) => response.writeHead(200, json).end(`{"choices":"${KEY}"}`),
    ],
    [
      "in a stream",
      (response) =>
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .end(`data: {"error":{"message":"${KEY}"}}\n\n`),
    ],
  ])("never shows the key, also where the service sends it back: %s", async (_, answer) => {
    const { model } = await open([answer, answer]);
    for (const call of [
      model.generate({ prompt: "a" }, new AbortController()),
      partsOf(model, { prompt: "b" }),
    ]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
      expect(JSON.stringify(error)).not.toContain(KEY);
      expect((error as Error).stack).not.toContain(KEY);
    }
  });

  test("hides headers as it hides the key, but nothing short", async () => {
    const answer: Answer = (response) =>
      response.writeHead(500, json).end(JSON.stringify({ error: { message: `test ${KEY}` } }));
    const { model } = await open([answer], {
      apiKey: undefined,
      headers: { "api-key": KEY, "x-app": "test" },
    });
    const error = await failureOf(model.generate({ prompt: "a" }, new AbortController()));
    expect((error as Error).message).toBe("test [hidden]");
  });

  test.each<[string, Answer]>([
    ["malformed JSON", (response) => response.writeHead(200, json).end('{"choices":[')],
    [
      "a page of HTML",
      (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html></html>"),
    ],
    [
      "no choices",
      (response) => response.writeHead(200, json).end(JSON.stringify({ choices: [] })),
    ],
    [
      "usage that is no number",
      (response) => response.writeHead(200, json).end(whole({ usage: { prompt_tokens: "many" } })),
    ],
    ["nothing", (response) => response.writeHead(200, json).end()],
  ])("rejects %s", async (_, answer) => {
    const { server, model } = await open([answer, answer]);
    expect(await failureOf(model.generate({ prompt: "a" }, new AbortController()))).toBeInstanceOf(
      Error,
    );
    expect(await failureOf(partsOf(model, { prompt: "b" }))).toBeInstanceOf(Error);
    await server.idle();
  });

  test("rejects a stream with a line that is no JSON", async () => {
    const chunk = `data: ${JSON.stringify({ choices: [{ delta: { content: "a" } }] })}\n\n`;
    const { model } = await open([
      (response) =>
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .end(`${chunk}data: {"cho\n\n`),
    ]);
    const seen: unknown[] = [];
    expect(
      await failureOf(partsOf(model, { prompt: "a" }, undefined, seen as never)),
    ).toBeInstanceOf(Error);
    expect(seen).toEqual([{ type: "text", text: "a" }]);
  });

  test.each([
    [undefined, [undefined, undefined]],
    [null, [undefined, undefined]],
    [{}, [undefined, undefined]],
    [{ prompt_tokens: 3 }, [3, undefined]],
    [{ prompt_tokens: -3, completion_tokens: 2 }, [undefined, 2]],
    [
      { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 9 } },
      [3, 2],
    ],
  ])("believes of usage what can be true: %j", async (usage, expected) => {
    const { model } = await open([
      (response) => response.writeHead(200, json).end(whole({ usage })),
    ]);
    const response = await model.generate({ prompt: "a" }, new AbortController());
    expect([response.usage.inputTokens, response.usage.outputTokens]).toEqual(expected);
    expect(response.usage.cachedInputTokens).toBeUndefined();
  });

  test("waits for slow first tokens, and can be stopped meanwhile", async () => {
    const { server, model } = await open([
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        // Then nothing.
      },
    ]);
    const controller = new AbortController();
    const call = partsOf(model, { prompt: "a" }, controller.signal);
    call.catch(() => undefined);
    while (server.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort("enough");
    await expect(call).rejects.toBe("enough");
    await server.idle();
  });

  test("sends schemas, strict where OpenAI would take them so", async () => {
    const { server, model } = await open([{ text: ['{"a":1}'] }, { text: ['{"a":1}'] }]);
    const strict = { schema: z.object({ a: z.number() }) };
    const loose = { schema: z.object({ a: z.number(), b: z.string().optional() }) };
    for (const schema of [strict, loose])
      await model.generate({ prompt: "a", schema }, new AbortController());
    expect(server.received.map(({ body }) => body["response_format"])).toMatchObject([
      {
        type: "json_schema",
        json_schema: { name: "answer", strict: true, schema: { required: ["a"] } },
      },
      { type: "json_schema", json_schema: { name: "answer", strict: false } },
    ]);
  });

  test("puts schemas into words where the service does not take them", async () => {
    const { server, model } = await open([{ text: ['{"a":1}'] }, { text: ["a"] }], {
      structuredOutputs: false,
    });
    const schema = { schema: z.object({ a: z.number() }) };
    const { object } = await model.generate(
      { instructions: "Be fair.", prompt: "a", schema },
      new AbortController(),
    );
    expect(object).toEqual({ a: 1 });
    const { messages, response_format: format } = server.received[0]?.body ?? {};
    expect(format).toEqual({ type: "json_object" });
    expect(messages).toMatchObject([
      {
        role: "system",
        content: expect.stringMatching(/^Be fair\.\n\nAnswer with JSON .*\n\{.*"required":\["a"\]/),
      },
      {},
    ]);
    await model.generate({ prompt: "b" }, new AbortController());
    expect(server.received[1]?.body["messages"]).toEqual([{ role: "user", content: "b" }]);
  });

  test.each<[boolean, z.ZodType]>([
    [true, z.object({ a: z.array(z.object({ b: z.enum(["x", "y"]).nullable() })), n: z.int() })],
    [false, z.object({ a: z.string().optional() })],
    [false, z.object({ a: z.array(z.looseObject({ b: z.string() })) })],
    [false, z.object({ a: z.record(z.string(), z.number()) })],
    [false, z.array(z.string())],
    [true, z.object({ properties: z.object({ type: z.string() }) })],
  ])("knows which schemas are strict: %s", (expected, schema) => {
    expect(isStrict(jsonSchemaOf({ schema }))).toBe(expected);
  });

  test("closes objects that say nothing of other fields, not those that hold together", () => {
    const field = { type: "object", properties: { properties: { type: "string" } } };
    const derived = {
      type: "object",
      properties: {
        one: field,
        both: { allOf: [field, field] },
        open: { ...field, additionalProperties: true },
      },
      default: { properties: {} },
    };
    const schema = {
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => derived },
      },
    } as const;
    expect(jsonSchemaOf({ schema })).toEqual({
      ...derived,
      properties: { ...derived.properties, one: { ...field, additionalProperties: false } },
      additionalProperties: false,
    });
    expect(
      isStrict({ type: "object", properties: {}, additionalProperties: false, allOf: [] }),
    ).toBe(false);
  });
});
