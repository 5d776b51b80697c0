import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { budget, limit, settle, type LimitOptions } from "../../src/index.ts";
import { openaiCompatible } from "../../src/models/openai-compatible.ts";
import { streamOf } from "../../src/models/stream-of.ts";
import { withBudget } from "../../src/models/with-budget.ts";
import { withLimits } from "../../src/models/with-limits.ts";
import type { ScriptedAnswer } from "../../src/testing/script.ts";
import { rig } from "../../src/testing/rig.ts";
import { scripted } from "../../src/testing/scripted.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { modelServer, play, type ModelServer } from "./model-server.ts";

const servers: ModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const { signal } = new AbortController();

/** The most of anything that began in a window, wherever that begins. */
function mostInWindow(
  starts: readonly { atMs: number; amount: number }[],
  windowMs: number,
): number {
  return Math.max(
    0,
    ...starts.map(({ atMs: from }) =>
      starts
        .filter(({ atMs }) => atMs >= from && atMs < from + windowMs)
        .reduce((sum, { amount }) => sum + amount, 0),
    ),
  );
}

describe("withLimits", () => {
  test("loses nothing and holds every limit, whoever asks and however long answers take", async () => {
    const calls = fc.array(
      fc.record({
        atMs: fc.nat(3000),
        firstMs: fc.nat(2000),
        streams: fc.boolean(),
        inTask: fc.boolean(),
        rejectedFirst: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 25, size: "max" },
    );
    const limits = fc.record<LimitOptions>({
      concurrency: fc.integer({ min: 1, max: 5 }),
      requestsPerSecond: fc.integer({ min: 1, max: 10 }),
      tokensPerMinute: fc.constantFrom(2000, 5000, Infinity),
    });
    await fc.assert(
      fc.asyncProperty(calls, limits, async (calls, options) => {
        const clock = virtualClock();
        const usage = { inputTokens: 100, outputTokens: 20 };
        const starts: { atMs: number; amount: number }[] = [];
        const rejected = new Set<number>();
        const inner = scripted(
          ({ prompt }): ScriptedAnswer => {
            starts.push({ atMs: clock.now(), amount: 1 });
            const index = Number(prompt);
            const { firstMs = 0, rejectedFirst = false } = calls[index] ?? {};
            if (rejectedFirst && !rejected.has(index)) {
              rejected.add(index);
              return { status: 429, headers: { "retry-after": "1" }, firstMs };
            }
            return { text: [`answer ${prompt}`, "."], firstMs, eachMs: 30 };
          },
          { clock, usage },
        );
        const given = limit(options);
        const model = withLimits(inner, given, {
          clock,
          retry: { attempts: 3, random: () => 0.5 },
        });
        const ask = async (index: number, within?: Parameters<typeof model.generate>[1]) => {
          const request = { prompt: `${index}`, maxOutputTokens: 20 };
          const callOptions = within ?? new AbortController();
          if (calls[index]?.streams !== true)
            return (await model.generate(request, callOptions)).text;
          let text = "";
          for await (const part of streamOf(model, request, callOptions)) {
            text += part.type === "text" ? part.text : "";
          }
          return text;
        };
        const answers = calls.map(
          async ({ atMs, inTask }, index) =>
            await new Promise<string>((resolve, reject) => {
              clock.schedule(atMs, () => {
                const outcome = inTask
                  ? settle([async (ctx) => await ask(index, { signal: ctx.signal, within: ctx })], {
                      clock,
                    }).then(([each]) => {
                      if (each.status !== "completed") throw new Error(each.status);
                      return each.value;
                    })
                  : ask(index);
                outcome.then(resolve, reject);
              });
            }),
        );
        expect(await Promise.all(answers)).toEqual(calls.map((_, index) => `answer ${index}.`));
        expect(inner.mostInFlight).toBeLessThanOrEqual(options.concurrency ?? Infinity);
        expect(mostInWindow(starts, 1000)).toBeLessThanOrEqual(
          options.requestsPerSecond ?? Infinity,
        );
        expect(inner.requests).toHaveLength(calls.length + rejected.size);
        expect(given.stats()).toMatchObject({ inUse: 0, waiting: 0, rejected: rejected.size });
      }),
      { numRuns: 60 },
    );
  });

  test("holds its concurrency at a real server, which counts, and loses nothing", async () => {
    const held: (() => void)[] = [];
    const server = await modelServer(() => (response, { body }) => {
      const [message] = body["messages"] as { content: string }[];
      const text = [JSON.stringify(message?.content)];
      held.push(() => play({ text }, body["stream"] === true, response));
      // Answers four at a time: fewer than were let through would wait for ever.
      if (held.length === 4) held.splice(0).forEach((answer) => answer());
    });
    servers.push(server);
    const model = withLimits(openaiCompatible({ baseUrl: server.url, model: "m" }), limit(4));
    const prompts = Array.from({ length: 60 }, (_, index) => `${index}`);
    const answers = await Promise.all(
      prompts.map(async (prompt, index) => {
        const options = new AbortController();
        if (index % 2 === 0) return (await model.generate({ prompt }, options)).text;
        let text = "";
        for await (const part of streamOf(model, { prompt }, options)) {
          text += part.type === "text" ? part.text : "";
        }
        return text;
      }),
    );
    expect(answers).toEqual(prompts.map((prompt) => JSON.stringify(prompt)));
    expect(server.mostInFlight).toBe(4);
    expect(server.received).toHaveLength(60);
  });

  test("waits for as long as a real server asks, all of its requests together", async () => {
    const clock = virtualClock();
    const server = await modelServer((_, index) =>
      index === 0 ? { status: 429, headers: { "retry-after": "20" } } : { text: ["a"] },
    );
    servers.push(server);
    const given = limit({ concurrency: 1, requestsPerMinute: 600 });
    const model = withLimits(openaiCompatible({ baseUrl: server.url, model: "m" }), given, {
      clock,
    });
    const texts = await Promise.all(
      ["a", "b", "c"].map(async (prompt) => (await model.generate({ prompt }, { signal })).text),
    );
    expect(texts).toEqual(["a", "a", "a"]);
    expect(clock.now()).toBeGreaterThanOrEqual(20_000);
    expect(given.stats().rejected).toBe(1);
    expect(server.received).toHaveLength(4);
  });

  test("does not wait for an account that has nothing left to pay with", async () => {
    const error = { message: "You exceeded your current quota", code: "insufficient_quota" };
    const server = await modelServer(
      () => (response) =>
        response
          .writeHead(429, { "content-type": "application/json" })
          .end(JSON.stringify({ error })),
    );
    servers.push(server);
    const model = withLimits(
      openaiCompatible({ baseUrl: server.url, model: "m" }),
      limit({ concurrency: 1, requestsPerMinute: 600 }),
      { clock: virtualClock() },
    );
    await expect(model.generate({ prompt: "a" }, { signal })).rejects.toThrow(error.message);
    expect(server.received).toHaveLength(1);
  });

  test("repeats a stream that ended before its answer began, and none that ended in it", async () => {
    const bit = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] })}\n\n`;
    const torn = (bits: string) => (response: ServerResponse) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(bits);
    const server = await modelServer([torn(""), torn(": wait\n\n"), { text: ["b"] }, torn(bit)]);
    servers.push(server);
    const model = withLimits(openaiCompatible({ baseUrl: server.url, model: "m" }), limit(1), {
      clock: virtualClock(),
    });
    const textOf = async (): Promise<string> => {
      let text = "";
      for await (const part of streamOf(model, { prompt: "q" }, { signal })) {
        text += part.type === "text" ? part.text : "";
      }
      return text;
    };
    expect(await textOf()).toBe("b");
    await expect(textOf()).rejects.toThrow(/without a finish reason/);
    expect(server.received).toHaveLength(4);
  });

  test.each([
    [{ type: "server_error" }, 2],
    [{ type: "overloaded_error" }, 2],
    [{ type: "rate_limit_error" }, 2],
    [{ code: 429 }, 2],
    [{ code: 502 }, 2],
    [{ code: 400 }, 1],
    [{ type: "invalid_request_error" }, 1],
    [{ type: "insufficient_quota", code: 429 }, 1],
    [{ type: "server_error", code: "insufficient_quota" }, 1],
  ])("repeats a stream that begins with an error that may pass: %j", async (said, requests) => {
    const failed = `data: ${JSON.stringify({ error: { message: "not now", ...said } })}\n\n`;
    const server = await modelServer([
      (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(failed),
      { text: ["fine"] },
    ]);
    servers.push(server);
    const model = withLimits(openaiCompatible({ baseUrl: server.url, model: "m" }), limit(1), {
      clock: virtualClock(),
    });
    const parts: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const part of streamOf(model, { prompt: "q" }, { signal })) parts.push(part);
    };
    await (requests === 2 ? read() : expect(read()).rejects.toThrow("not now"));
    expect(server.received).toHaveLength(requests);
    expect(parts).toHaveLength(requests === 2 ? 2 : 0);
  });

  test.each([
    [
      "before its headers",
      (response: ServerResponse) => response.destroy(),
      /^Cannot reach the model at (\S+): other side closed$/,
    ],
    [
      "before its first bit",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(": wait\n\n", () => response.destroy());
      },
      /^Cannot use the answer of the model as the connection to (\S+) broke off: other side closed$/,
    ],
  ])("says where a connection broke off %s, and asks again", async (_, answer, words) => {
    const server = await modelServer(() => answer);
    servers.push(server);
    const model = withLimits(openaiCompatible({ baseUrl: server.url, model: "m" }), limit(1), {
      clock: virtualClock(),
    });
    for (const ask of [
      async () => await model.generate({ prompt: "q" }, { signal }),
      async () => await streamOf(model, { prompt: "q" }, { signal }).next(),
    ]) {
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      const { message, cause } = error as Error;
      expect(words.exec(message)?.[1]).toBe(`${server.url}/chat/completions`);
      expect(cause).toMatchObject({ name: "AI_APICallError", isRetryable: true });
    }
    expect(server.received).toHaveLength(6);
  });

  test("heeds headers that say that nothing is left, also with a limit that knew no time", async () => {
    const clock = virtualClock();
    const nothing = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" };
    const inner = scripted([{ text: "a", headers: nothing }, "b"], { clock });
    const given = limit(8);
    const model = withLimits(inner, given, { clock });
    await model.generate({}, { signal });
    expect(given.stats().pausedMs).toBe(360_000);
    await model.generate({}, { signal });
    expect(clock.now()).toBe(360_000);
  });

  test("reserves estimated tokens, and corrects them by what was taken", async () => {
    const clock = virtualClock();
    const inner = scripted(
      [
        { text: "a", firstMs: 10, usage: { inputTokens: 30, outputTokens: 12 } },
        { text: "b", firstMs: 10 },
      ],
      { clock },
    );
    const given = limit({ tokensPerMinute: 1000 });
    const model = withLimits(inner, given, { clock });
    const request = { prompt: "x".repeat(40), maxOutputTokens: 100 }; // 14 in, 100 out.
    const first = model.generate(request, { signal });
    clock.schedule(5, () => expect(given.stats().tokensLeft).toBe(886));
    await first;
    expect(given.stats().tokensLeft).toBe(958);
    await model.generate(request, { signal }); // 30 in now; it does not say what it took.
    expect(given.stats().tokensLeft).toBe(828);
    const much = { ...request, maxOutputTokens: 1000 };
    await expect(model.generate(much, { signal })).rejects.toThrow(RangeError);
  });

  test.each<[string, ScriptedAnswer, number]>([
    ["a refusal", { status: 400 }, 1],
    ["what was not found", { status: 404 }, 1],
    ["an overloaded service", { status: 529 }, 2],
    ["a broken service", { status: 500 }, 2],
    [
      "a connection that is lost",
      {
        failure: Object.assign(new TypeError("terminated"), { cause: { code: "UND_ERR_SOCKET" } }),
      },
      2,
    ],
    ["a mistake in this program", { failure: new TypeError("undefined is not a function") }, 1],
    [
      "what says of itself that it may pass",
      { failure: Object.assign(new Error("no"), { isRetryable: true }) },
      2,
    ],
  ])("repeats what may pass, and nothing else: %s", async (_, answer, requests) => {
    const clock = virtualClock();
    const inner = scripted([answer, "fine"], { clock });
    const model = withLimits(inner, limit(1), { clock });
    await model.generate({}, { signal }).catch(() => undefined);
    expect(inner.requests).toHaveLength(requests);
    const never = scripted([answer, "fine"], { clock });
    const failing = withLimits(never, limit(1), { clock, retry: false }).generate({}, { signal });
    await expect(failing).rejects.toMatchObject(
      answer.status === undefined ? {} : { status: answer.status },
    );
    expect(never.requests).toHaveLength(1);
  });

  test("repeats a stream until its first part, and not after it", async () => {
    const clock = virtualClock();
    const broken = { text: ["a", "b"], status: 503 };
    const early = scripted([{ ...broken, breaksAfter: 0 }, "fine"], { clock });
    const parts: unknown[] = [];
    for await (const part of streamOf(withLimits(early, limit(1), { clock }), {}, { signal }))
      parts.push(part);
    expect(parts).toHaveLength(2);
    expect(early.requests).toHaveLength(2);
    const late = scripted([{ ...broken, breaksAfter: 1 }, "fine"], { clock });
    const given = limit(1);
    const seen: unknown[] = [];
    await expect(
      (async () => {
        for await (const part of streamOf(withLimits(late, given, { clock }), {}, { signal }))
          seen.push(part);
      })(),
    ).rejects.toMatchObject({ status: 503 });
    expect(seen).toEqual([{ type: "text", text: "a" }]);
    expect(late.requests).toHaveLength(1);
    expect(given.stats()).toMatchObject({ inUse: 0, rejected: 1 });
  });

  test("holds the slot of a stream until it was read to its end, or is left", async () => {
    const r = rig();
    const inner = scripted(() => ({ text: ["a", "b"] }));
    const given = limit(1);
    const model = withLimits(inner, given);
    const reader = streamOf(model, {}, { signal });
    await reader.next();
    const other = model.generate({}, { signal });
    await r.idle();
    expect([given.inUse, given.stats().waiting, inner.requests.length]).toEqual([1, 1, 1]);
    await reader.return();
    expect((await other).text).toBe("ab");
    expect(given.inUse).toBe(0);
    const all = streamOf(model, {}, { signal });
    for (let part = await all.next(); part.done !== true; part = await all.next()) {
      expect(given.inUse).toBe(1);
    }
    expect(given.inUse).toBe(0);
  });

  test("ends with the task that asks, and tells it the reason", async () => {
    const clock = virtualClock();
    const inner = scripted(() => ({ text: "late", firstMs: 10_000 }), { clock });
    const given = limit(1);
    const model = withLimits(inner, given, { clock });
    const outcomes = await settle(
      {
        a: {
          timeoutMs: 100,
          run: async (ctx) => await model.generate({}, { signal: ctx.signal, within: ctx }),
        },
        b: {
          timeoutMs: 200,
          run: async (ctx) => {
            for await (const _ of streamOf(model, {}, { signal: ctx.signal, within: ctx })) {
              // Nothing comes.
            }
          },
        },
      },
      { clock },
    );
    expect([outcomes.a.status, outcomes.b.status]).toEqual(["failed", "failed"]);
    expect([clock.now(), given.inUse, given.stats().waiting, inner.inFlight]).toEqual([
      200, 0, 0, 0,
    ]);
  });

  test("ends with its own signal, and with that of its task", async () => {
    const clock = virtualClock();
    const inner = scripted(() => ({ text: "late", firstMs: 10_000 }), { clock });
    const model = withLimits(inner, limit(5), { clock });
    const own = new AbortController();
    clock.schedule(100, () => own.abort("own"));
    const [outcome] = await settle(
      [async (ctx) => await model.generate({}, { signal: own.signal, within: ctx })],
      { clock },
    );
    expect(outcome).toMatchObject({ status: "failed", error: "own" });
    expect([clock.now(), inner.inFlight]).toEqual([100, 0]);
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    const run = settle(
      [
        async (ctx) => {
          const options = { signal: ctx.signal, within: ctx };
          await Promise.all(Array.from({ length: 20 }, () => model.generate({}, options)));
        },
      ],
      { clock },
    );
    clock.schedule(100, () => run.cancel("stop"));
    expect((await run)[0]).toMatchObject({ status: "cancelled", reason: "stop" });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect([clock.now(), inner.inFlight, warnings]).toEqual([200, 0, []]);
  });

  test("makes one task of several wrappers, in either order", async () => {
    const usage = { inputTokens: 100, outputTokens: 20 };
    for (const order of ["limits inside", "limits outside"]) {
      const one = limit({ tokensPerMinute: 1000 });
      const two = limit(2);
      const money = budget({ usd: 1, tokens: 1000 });
      const price = () => 0.25;
      const inner = scripted(() => "a", { usage });
      const model =
        order === "limits inside"
          ? withBudget(withLimits(inner, [one, two]), money, { price })
          : withLimits(withLimits(withBudget(inner, money, { price }), one), two);
      const tasks: string[] = [];
      await settle(
        [
          async (ctx) =>
            await model.generate(
              { prompt: "Hi", maxOutputTokens: 20 },
              { signal: ctx.signal, within: ctx },
            ),
        ],
        {
          observe: (event) => {
            if (event.type === "task-added") tasks.push(event.key);
          },
        },
      );
      expect(tasks).toEqual(["0", "scripted/model", "scripted/model"]);
      expect(one.stats().tokensLeft).toBe(880);
      expect(money.stats().spent).toEqual({ usd: 0.25, tokens: 120, calls: 1 });
    }
  });
});
