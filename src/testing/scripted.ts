/** A model that answers by a script: for tests, without a service. */
import { systemClock, type Clock } from "../core/clock.ts";
import type {
  Model,
  ModelCallOptions,
  ModelPart,
  ModelRequest,
  ModelResponse,
  ModelUsage,
} from "../models/model.ts";
import { responseOf } from "../models/response.ts";
import { openScript, type Script, type ScriptedAnswer } from "./script.ts";

/** Options of {@link scripted}. */
export interface ScriptedOptions {
  /** @defaultValue "scripted/model" */
  readonly name?: string | undefined;
  /** Where its time comes from. @defaultValue the real one */
  readonly clock?: Clock | undefined;
  /** What answers took that do not say it. @defaultValue unknown */
  readonly usage?: ModelUsage | undefined;
}

/** A model that answers by a script, and remembers what it was asked. */
export interface ScriptedModel extends Model {
  stream(request: ModelRequest, options: ModelCallOptions): AsyncIterable<ModelPart>;
  /** The requests that it got, in order, also those that it had no answer for. The same array all the time; it grows. */
  readonly requests: readonly ModelRequest[];
  /** How many requests are being answered now. */
  readonly inFlight: number;
  /** The most that were being answered at once. */
  readonly mostInFlight: number;
  /** The answers of the list that were given less often than their `times`, those without an end apart. */
  readonly unused: readonly (string | ScriptedAnswer)[];
}

const UNKNOWN: ModelUsage = { inputTokens: undefined, outputTokens: undefined };

/**
 * Makes a model that answers by a script. Of a list, each request gets the first answer that is for it and was not given as often as it
 * may be. `generate` takes as long as `stream`, and says the same.
 *
 * A request for which there is no answer is rejected with a `TypeError` that says what was asked.
 *
 * @throws `TypeError` or `RangeError` when an answer contradicts itself.
 * @example
 * ```ts
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted([{ when: /weather/i, text: "It rains" }, "Hello", { status: 429, headers: { "retry-after": "2" } }]);
 * const { signal } = new AbortController();
 * const { text } = await model.generate({ prompt: "How is the weather?" }, { signal });
 * console.log(text, model.requests.length, model.unused.length);
 * ```
 */
export function scripted(script: Script, options: ScriptedOptions = {}): ScriptedModel {
  const { name = "scripted/model", clock = systemClock, usage = UNKNOWN } = options;
  const requests: ModelRequest[] = [];
  const open = openScript(script);
  let inFlight = 0;
  let mostInFlight = 0;
  async function* stream(
    request: ModelRequest,
    { signal }: ModelCallOptions,
  ): AsyncGenerator<ModelPart, void, undefined> {
    signal.throwIfAborted();
    const answer = open.next(request, requests.push(request) - 1);
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    try {
      const parts = partsOf(answer);
      yield* played(answer, parts, async (ms) => await sleep(clock, ms, signal));
      yield { type: "finish", response: await responseTo(request, answer, usage) };
    } finally {
      inFlight -= 1;
    }
  }
  return {
    name,
    stream,
    generate: async (request, callOptions) => await lastOf(stream(request, callOptions)),
    requests,
    get inFlight() {
      return inFlight;
    },
    get mostInFlight() {
      return mostInFlight;
    },
    get unused() {
      return open.unused;
    },
  };
}

function textsOf({ text = [], object }: ScriptedAnswer): readonly string[] {
  if (object !== undefined) {
    return [JSON.stringify(object)];
  }
  return typeof text === "string" ? [text] : text;
}

function partsOf(answer: ScriptedAnswer): readonly ModelPart[] {
  const texts = textsOf(answer).filter((text) => text !== "");
  return [
    ...texts.map((text) => ({ type: "text", text }) as const),
    ...(answer.toolCalls ?? []).map((call) => ({ type: "tool-call", call }) as const),
  ];
}

/** The bits, each in its time, up to where the answer breaks off. */
async function* played(
  answer: ScriptedAnswer,
  parts: readonly ModelPart[],
  pause: (ms: number) => Promise<void>,
): AsyncGenerator<ModelPart, void, undefined> {
  const { firstMs = 0, eachMs = 0 } = answer;
  const fails = "failure" in answer || answer.status !== undefined;
  const { breaksAfter = fails ? 0 : Infinity } = answer;
  for (const [index, part] of parts.slice(0, breaksAfter).entries()) {
    await pause(index === 0 ? firstMs : eachMs);
    yield part;
  }
  if (breaksAfter < Infinity) {
    await pause(breaksAfter === 0 ? firstMs : eachMs);
    throw failureOf(answer);
  }
  if (parts.length === 0) {
    await pause(firstMs);
  }
}

function failureOf(answer: ScriptedAnswer): unknown {
  const { failure, status, headers = {} } = answer;
  if ("failure" in answer) {
    return failure;
  }
  return status === undefined
    ? new Error("The connection was lost")
    : Object.assign(new Error(`The service answered with status ${status}`), { status, headers });
}

async function responseTo(
  request: ModelRequest,
  answer: ScriptedAnswer,
  common: ModelUsage,
): Promise<ModelResponse> {
  const { toolCalls = [], usage = common, headers = {}, raw } = answer;
  const { finishReason = toolCalls.length > 0 ? "tool-calls" : "stop" } = answer;
  const text = textsOf(answer).join("");
  return await responseOf(request, { text, toolCalls, finishReason, usage, headers, raw });
}

async function lastOf(parts: AsyncIterable<ModelPart>): Promise<ModelResponse> {
  let last: ModelPart | undefined;
  for await (const part of parts) {
    last = part;
  }
  if (last?.type !== "finish") {
    throw new TypeError("Cannot answer as the stream had no end");
  }
  return last.response;
}

/** Waits; one that is aborted is over at once. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = clock.schedule(ms, end);
      signal.addEventListener("abort", end, { once: true });
    });
  }
  signal.throwIfAborted();
}
