/** A model of the AI SDK, by hand: version 3 or 4 of its specification. */
import type { AiSdkLanguageModel } from "../../src/models/ai-sdk/specification.ts";
import { finishOf, Flights, type Exchange, type Service } from "./exchange.ts";

export interface AiSdkMock extends Service {
  readonly model: AiSdkLanguageModel;
}

type Part = { readonly type: string } & Record<string, unknown>;

export function aiSdkMock(version: "v3" | "v4", script: readonly Exchange[]): AiSdkMock {
  const requests: string[] = [];
  const flights = new Flights();
  const next = (options: object): Exchange => {
    const exchange = script[requests.push(JSON.stringify(options)) - 1];
    if (exchange === undefined) throw new TypeError("The script has ended");
    return exchange;
  };
  const model: AiSdkLanguageModel = {
    specificationVersion: version,
    provider: "mock.chat",
    modelId: "one",
    async doGenerate(options) {
      const exchange = next(options);
      const end = flights.begin();
      try {
        await failOrHang(exchange, options.abortSignal);
        return {
          content: contentOf(exchange),
          finishReason: { unified: finishOf(exchange), raw: "raw" },
          usage: usageOf(exchange),
          response: { headers: headersOf(exchange) },
          warnings: [],
        };
      } finally {
        end();
      }
    },
    async doStream(options) {
      const exchange = next(options);
      if (exchange.status !== undefined) throw refusal(exchange);
      const end = flights.begin();
      const parts = streamParts(exchange);
      let index = 0;
      return {
        response: { headers: headersOf(exchange) },
        stream: new ReadableStream<Part>({
          async pull(controller) {
            const part = parts[index];
            index += 1;
            if (part === "hang") {
              // Real providers make their stream fail.
              await abortion(options.abortSignal).catch((error: unknown) =>
                controller.error(error),
              );
              end();
            } else if (part === "break") {
              controller.error(new Error("The connection was lost"));
              end();
            } else if (part === undefined) {
              controller.close();
              end();
            } else {
              controller.enqueue(part);
            }
          },
          cancel: end,
        }),
      };
    },
  };
  return {
    model,
    requests,
    get inFlight() {
      return flights.inFlight;
    },
    idle: () => flights.idle(),
  };
}

async function failOrHang(exchange: Exchange, signal: AbortSignal | undefined): Promise<void> {
  if (exchange.status !== undefined) throw refusal(exchange);
  if (exchange.breaksAfter !== undefined) throw new Error("The connection was lost");
  if (exchange.hangsAfter !== undefined) await abortion(signal);
}

async function abortion(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_, reject) => {
    const stop = (): void => reject(new DOMException("This operation was aborted", "AbortError"));
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
  });
}

/** As `APICallError`, which all providers throw. */
function refusal({ status = 0, headers = {} }: Exchange): Error {
  return Object.assign(new Error(`Status ${status}`), {
    statusCode: status,
    responseHeaders: headers,
    isRetryable: status === 429 || status >= 500,
  });
}

/** As services send them. */
function headersOf({ headers = {} }: Exchange): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
}

const SIGNED = { mock: { signature: "s1" } };

function contentOf({ text = [], toolCalls = [] }: Exchange): Part[] {
  const all = text.join("");
  return [
    { type: "reasoning", text: "Hmm", providerMetadata: SIGNED },
    { type: "source", sourceType: "url", id: "1", url: "http://localhost/" },
    ...(all === "" ? [] : [{ type: "text", text: all }]),
    ...toolCalls.map(({ id, name, inputText }) => ({
      type: "tool-call",
      toolCallId: id,
      toolName: name,
      input: inputText,
    })),
  ];
}

function streamParts(exchange: Exchange): (Part | "hang" | "break")[] {
  const bits = (exchange.text ?? []).filter((bit) => bit !== "");
  const calls = contentOf(exchange).filter(({ type }) => type === "tool-call");
  const deltas = bits.map((delta) => ({ type: "text-delta", id: "t", delta }));
  const said: Part[] = [...deltas, ...calls];
  const start: Part[] = [
    { type: "stream-start", warnings: [] },
    { type: "response-metadata", id: "1" },
    { type: "reasoning-start", id: "r" },
    { type: "reasoning-delta", id: "r", delta: "H" },
    { type: "reasoning-delta", id: "r", delta: "mm" },
    { type: "reasoning-end", id: "r", providerMetadata: SIGNED },
    { type: "source", sourceType: "url", id: "1", url: "http://localhost/" },
    ...(bits.length === 0 ? [] : [{ type: "text-start", id: "t" }]),
  ];
  const { hangsAfter, breaksAfter } = exchange;
  if (hangsAfter !== undefined) return [...start, ...said.slice(0, hangsAfter), "hang"];
  if (breaksAfter !== undefined) return [...start, ...said.slice(0, breaksAfter), "break"];
  const inputs = calls.flatMap(({ toolCallId, toolName, input }): Part[] => [
    { type: "tool-input-start", id: toolCallId, toolName },
    { type: "tool-input-delta", id: toolCallId, delta: input },
    { type: "tool-input-end", id: toolCallId },
  ]);
  return [
    ...start,
    ...deltas,
    ...(bits.length === 0 ? [] : [{ type: "text-end", id: "t" }]),
    ...inputs,
    ...calls,
    {
      type: "finish",
      usage: usageOf(exchange),
      finishReason: { unified: finishOf(exchange), raw: "raw" },
    },
  ];
}

function usageOf({ usage }: Exchange) {
  return {
    inputTokens: {
      total: usage?.inputTokens,
      noCache: undefined,
      cacheRead: usage?.cachedInputTokens,
      cacheWrite: usage?.cacheWriteTokens,
    },
    outputTokens: { total: usage?.outputTokens, text: undefined, reasoning: undefined },
  };
}
