/** `withCache`: a model that is asked the same only once. */
import { WaitRefusedError } from "../core/errors.ts";
import { mutexBy, type KeyedMutex } from "../core/keyed-mutex.ts";
import type { Lock } from "../core/mutex.ts";
import type { ModelStore } from "./memory-store.ts";
import type { Model, ModelCallOptions, ModelPart, ModelRequest, ModelResponse } from "./model.ts";
import { requestKey } from "./request-key.ts";
import { partsOf, responseOf, type Answer } from "./response.ts";
import { streamOf } from "./stream-of.ts";

/** Those who make the same request at the same time, and what came of it. */
interface Flight {
  users: number;
  answer?: KeptAnswer;
  failure?: { readonly error: unknown };
}

/** What is kept of a response. */
type KeptAnswer = Pick<Answer, "text" | "toolCalls" | "finishReason" | "raw">;

/** What somebody took who was answered from what others had paid for. */
const NOTHING = { inputTokens: 0, outputTokens: 0 };

/**
 * A model that keeps its answers in a store, and answers identical requests from there: to a model of the same name, with the same
 * conversation, tools, schema and settings. Identical requests at the same time share one call, and its failure.
 *
 * - A response from the store took no tokens (0), and has no headers. Its object is validated anew.
 * - Failures are not kept, nor answers that do not fit their schema or ended by an error. A call that was stopped is made again for those
 *   who share it.
 * - A store that fails costs the keeping, not the answer.
 * - Put it around limits and budgets, so that what is in the store waits for nothing.
 *
 * Samples of one request, as votes take them, become one: give each a request of its own, or no cache.
 *
 * @example
 * ```ts
 * import { memoryStore, withCache } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const inner = scripted(["once"]);
 * const model = withCache(inner, memoryStore());
 * const { signal } = new AbortController();
 * const answers = [1, 2, 3].map(() => model.generate({ prompt: "Hello" }, { signal }));
 * console.log((await Promise.all(answers)).map(({ text }) => text), inner.requests.length);
 * ```
 */
export function withCache(model: Model, store: ModelStore): Model {
  const cache = new Cache(model, store);
  return {
    name: model.name,
    async generate(request, options) {
      let last: ModelResponse | undefined;
      for await (const part of cache.answer(request, options, generated)) {
        last = part.type === "finish" ? part.response : undefined;
      }
      return last as ModelResponse; // A stream ends with its finish.
    },
    stream: (request: ModelRequest, options: ModelCallOptions) =>
      cache.answer(request, options, streamOf),
  };
}

async function* generated(
  model: Model,
  request: ModelRequest,
  options: ModelCallOptions,
): AsyncGenerator<ModelPart, void, undefined> {
  yield { type: "finish", response: await model.generate(request, options) };
}

class Cache {
  readonly #model: Model;
  readonly #store: ModelStore;
  /** One call at a time for each key. Tasks that wait lend their slots, which the call may need. */
  readonly #calls: KeyedMutex<string> = mutexBy({ name: "model-cache" });
  readonly #flights = new Map<string, Flight>();

  constructor(model: Model, store: ModelStore) {
    this.#model = model;
    this.#store = store;
  }

  async *answer(
    request: ModelRequest,
    options: ModelCallOptions,
    call: typeof streamOf,
  ): AsyncGenerator<ModelPart, void, undefined> {
    options.signal.throwIfAborted();
    const key = requestKey(this.#model.name, request);
    const flight = this.#board(key);
    try {
      const lock = await this.#acquire(key, options);
      try {
        if (flight.failure !== undefined) {
          throw flight.failure.error;
        }
        const kept = await this.#kept(key, flight, request);
        options.signal.throwIfAborted();
        if (kept === undefined) {
          yield* this.#ask(key, flight, call(this.#model, request, options), options.signal);
        } else {
          yield* partsOf(kept);
        }
      } finally {
        lock?.release();
      }
    } finally {
      this.#leave(key, flight);
    }
  }

  #board(key: string): Flight {
    const flight = this.#flights.get(key) ?? { users: 0 };
    flight.users += 1;
    this.#flights.set(key, flight);
    return flight;
  }

  #leave(key: string, flight: Flight): void {
    flight.users -= 1;
    if (flight.users === 0) {
      this.#land(key, flight);
    }
  }

  /** Who comes from now on is on another flight. */
  #land(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) {
      this.#flights.delete(key);
    }
  }

  /** Waits until nobody else makes the request. Undefined where that one does not stop and will not be waited for. */
  async #acquire(key: string, { signal, within }: ModelCallOptions): Promise<Lock | undefined> {
    try {
      return await this.#calls.acquire(key, { signal, within });
    } catch (error) {
      if (WaitRefusedError.isInstance(error)) {
        return undefined;
      }
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** The response that is known already, if there is one. */
  async #kept(
    key: string,
    flight: Flight,
    request: ModelRequest,
  ): Promise<ModelResponse | undefined> {
    try {
      const kept = flight.answer ?? (await this.#store.get(key));
      return isAnswer(kept)
        ? await responseOf(request, { ...kept, usage: NOTHING, headers: {} })
        : undefined;
    } catch {
      return undefined; // The store is broken, or what it has does not fit a schema that has changed.
    }
  }

  /** Makes the request, and keeps its answer. */
  async *#ask(
    key: string,
    flight: Flight,
    parts: AsyncGenerator<ModelPart, void, undefined>,
    signal: AbortSignal,
  ): AsyncGenerator<ModelPart, void, undefined> {
    try {
      for await (const part of parts) {
        if (part.type === "finish" && part.response.finishReason !== "error") {
          const { text, toolCalls, finishReason, message } = part.response;
          flight.answer = { text, toolCalls, finishReason, raw: message.raw };
          await this.#keep(key, flight.answer);
        }
        yield part;
      }
    } catch (error) {
      if (!signal.aborted) {
        flight.failure = { error };
        this.#land(key, flight);
      }
      throw error;
    }
  }

  async #keep(key: string, answer: KeptAnswer): Promise<void> {
    try {
      await this.#store.set(key, answer);
    } catch {
      // It has been paid for: whoever asked gets it all the same.
    }
  }
}

/** What another program, or another version of this one, may have kept under the key is no answer. */
function isAnswer(kept: unknown): kept is KeptAnswer {
  const { text, toolCalls, finishReason } = (kept ?? {}) as Partial<KeptAnswer>;
  return typeof text === "string" && Array.isArray(toolCalls) && typeof finishReason === "string";
}
