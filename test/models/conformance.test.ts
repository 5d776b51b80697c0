import { LLMock } from "@copilotkit/aimock";
import { expect } from "vitest";
import { budget, limit } from "../../src/index.ts";
import { fromAiSdk } from "../../src/models/from-ai-sdk.ts";
import { memoryStore } from "../../src/models/memory-store.ts";
import type { Model } from "../../src/models/model.ts";
import { openaiCompatible } from "../../src/models/openai-compatible.ts";
import { responseOf } from "../../src/models/response.ts";
import { untilAborted } from "../../src/core/until-aborted.ts";
import { withBudget } from "../../src/models/with-budget.ts";
import { withCache } from "../../src/models/with-cache.ts";
import { withLimits } from "../../src/models/with-limits.ts";
import type { ScriptedAnswer } from "../../src/testing/script.ts";
import { scripted } from "../../src/testing/scripted.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { aiSdkMock } from "./ai-sdk-mock.ts";
import { describeModel, type Conformance } from "./conformance.ts";
import { finishOf, Flights, type Exchange, type Service } from "./exchange.ts";
import { modelServer, usageOf } from "./model-server.ts";

const UNKNOWN = { inputTokens: undefined, outputTokens: undefined };

/** As short as a model can be: no stream, no service. */
function minimal(script: readonly Exchange[]): {
  readonly model: Model;
  readonly service: Service;
} {
  const requests: string[] = [];
  const flights = new Flights();
  const model: Model = {
    name: "minimal",
    async generate(request, { signal }) {
      signal.throwIfAborted();
      const exchange = script[requests.push(JSON.stringify(request)) - 1] ?? {};
      const { text = [], toolCalls = [], usage = UNKNOWN, headers = {}, status } = exchange;
      const end = flights.begin();
      try {
        if (status !== undefined) throw Object.assign(new Error("No"), { status, headers });
        if (exchange.breaksAfter !== undefined) throw new Error("Lost");
        if (exchange.hangsAfter !== undefined) await untilAborted(signal, new Promise(() => {}));
        const finishReason = finishOf(exchange);
        return await responseOf(request, {
          text: text.join(""),
          toolCalls,
          finishReason,
          usage,
          headers,
        });
      } finally {
        end();
      }
    },
  };
  const service = {
    requests,
    get inFlight() {
      return flights.inFlight;
    },
    idle: () => flights.idle(),
  };
  return { model, service };
}

function scriptedService(script: readonly Exchange[]) {
  const clock = virtualClock({ autojump: false }); // Whatever takes time never comes.
  const answers = script.map(({ hangsAfter, ...exchange }): ScriptedAnswer => {
    const { text = [] } = exchange;
    return hangsAfter === undefined
      ? exchange
      : { ...exchange, text, [hangsAfter === 0 ? "firstMs" : "eachMs"]: 1 };
  });
  const model = scripted(answers, { clock });
  const service: Service = {
    get requests() {
      return model.requests.map((request) => JSON.stringify(request));
    },
    get inFlight() {
      return model.inFlight;
    },
    idle: async () => expect(model.inFlight).toBe(0),
  };
  return { model, service };
}

const overServer: Conformance["open"] = async (script) => {
  const service = await modelServer(script);
  return {
    model: openaiCompatible({ baseUrl: service.url, model: "m", apiKey: "sk-test-key" }),
    service,
  };
};

/** Somebody else's idea of the same service. It can be told less. */
const overAimock: Conformance["open"] = async (script) => {
  let count = 0;
  const next = (): Exchange => {
    const exchange = script[count];
    count += 1;
    return exchange ?? {};
  };
  const mock = new LLMock({ port: 0, chunkSize: 4 });
  const exchanges = script.map((exchange, index) => ({ exchange, index }));
  for (const { exchange, index } of exchanges) {
    const { text = [], toolCalls = [], status, breaksAfter } = exchange;
    const match = { predicate: () => count === index };
    const common = {
      ...usageOf(exchange),
      finishReason: { ...REASONS, "tool-calls": "tool_calls" }[finishOf(exchange)],
    };
    const calls = toolCalls.map(({ id, name, inputText }) => ({ id, name, arguments: inputText }));
    const content = text.join("");
    mock.on(
      match,
      () => {
        next();
        if (status !== undefined)
          return { error: { message: "No", type: "error" }, status, retryAfter: 7 };
        if (calls.length === 0) return { content, ...common };
        return content === ""
          ? { toolCalls: calls, ...common }
          : { content, toolCalls: calls, ...common };
      },
      {
        ...(breaksAfter === undefined
          ? {}
          : { truncateAfterChunks: breaksAfter, chaos: { disconnectRate: 1 } }),
      },
    );
  }
  const url = await mock.start();
  const service: Service = {
    get requests() {
      return mock.getRequests().map(({ body }) => JSON.stringify(body));
    },
    inFlight: 0, // It does not tell.
    idle: async () => undefined,
    close: () => mock.stop(),
  };
  return {
    model: openaiCompatible({ baseUrl: `${url}/v1`, model: "gpt-4o", apiKey: "sk-test-key" }),
    service,
  };
};

const REASONS = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  error: "error",
  other: "eos",
};

const wrapped =
  (open: Conformance["open"], wrap: (model: Model) => Model): Conformance["open"] =>
  async (script) => {
    const { model, service } = await open(script);
    return { model: wrap(model), service };
  };

const once = { retry: false } as const;
const free = { price: () => 0.001 };
const limited = (model: Model) =>
  withLimits(model, limit({ concurrency: 2, burst: 10, requestsPerSecond: 1000 }), once);
const paid = (model: Model) => withBudget(model, budget({ usd: 10, tokens: 1e9 }), free);
const cached = (model: Model) => withCache(model, memoryStore());
const inMemory: Conformance["open"] = async (script) => scriptedService(script);

describeModel("a minimal one", { open: async (script) => minimal(script), streams: false });
describeModel("scripted", { open: inMemory });
describeModel("fromAiSdk of version 3", {
  open: async (script) => {
    const service = aiSdkMock("v3", script);
    return { model: fromAiSdk(service.model), service };
  },
});
describeModel("fromAiSdk of version 4", {
  open: async (script) => {
    const service = aiSdkMock("v4", script);
    return { model: fromAiSdk(service.model), service };
  },
});
describeModel("openaiCompatible", { open: overServer, numRuns: 10 });
describeModel("openaiCompatible with aimock", {
  open: overAimock,
  numRuns: 10,
  cannot: ["hide usage", "send headers", "count cached tokens", "hang"],
});
describeModel("withLimits", { open: wrapped(inMemory, limited) });
describeModel("withBudget", { open: wrapped(inMemory, paid) });
describeModel("withCache", { open: wrapped(inMemory, cached) });
describeModel("withCache around withBudget around withLimits over HTTP", {
  open: wrapped(overServer, (model) => cached(paid(limited(model)))),
  numRuns: 10,
});
describeModel("withLimits around withBudget around withCache of one that cannot stream", {
  open: wrapped(
    async (script) => minimal(script),
    (model) => limited(paid(cached(model))),
  ),
  streams: false,
});
