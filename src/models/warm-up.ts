/** `warmUp`: the first request of many with the same beginning opens the cache of a service, and the others follow. */
import { systemClock, type Clock } from "../core/clock.ts";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { Model, ModelCallOptions, ModelRequest, ModelResponse } from "./model.ts";
import { streamOf } from "./stream-of.ts";
import { untilAborted } from "./until-aborted.ts";

/** Options of {@link warmUp}. */
export interface WarmUpOptions {
  /**
   * How long a common beginning must be to matter, in tokens of four characters: an integer from 1. Services cache nothing shorter than 1024
   * tokens, and some nothing shorter than 4096. @defaultValue 1024
   */
  readonly minimumTokens?: number | undefined;
  /** How long a service keeps what nobody uses, in milliseconds. @defaultValue 300000 */
  readonly keepMs?: number | undefined;
  /** The source of time. @defaultValue the real one */
  readonly clock?: Clock | undefined;
}

/** What warming up did. */
export interface WarmUpStats {
  /** How many requests went first. */
  readonly opened: number;
  /** How many followed one that went first, and have ended. */
  readonly followed: number;
  /** How many tokens those read from a cache: the saving is the difference of the two prices. */
  readonly cachedTokens: number;
  /** Whether it was given up, as nothing was read from a cache. */
  readonly gaveUp: boolean;
}

/** What is known of the caches of services. Whoever is handed the same one shares it. */
export interface WarmUp {
  /** @internal A model whose requests with the same beginning follow the first of them. */
  wrap(model: Model): Model;
  /** What it did so far. */
  readonly stats: WarmUpStats;
}

/** How many requests must follow in vain before it is given up. */
const VAIN = 3;

/** Latin letters to a token. */
const LETTERS = 4;

interface Beginning {
  /** Resolves when somebody may follow. Undefined once somebody could. */
  opening: Promise<void> | undefined;
  isOpen: boolean;
  usedAtMs: number;
}

/**
 * Makes the first of many requests with the same beginning go ahead; the others wait for the first bit of its answer, and find the beginning in
 * the cache of the service. Sent together, all of them would pay for it in full.
 *
 * It costs the time until that first bit, once for each beginning. Where three requests have followed and none read anything from a cache, it is
 * given up, and nobody waits any more. Where the first fails before it says anything, the next goes first.
 *
 * Does nothing for a model that cannot stream, or for requests whose first `minimumTokens` are not the same.
 *
 * @throws `RangeError` when a number is out of its range.
 * @example
 * ```ts
 * import { sections, warmUp } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const caches = warmUp();
 * const model = scripted(() => ({ object: { content: "…", keyPoints: [] } }));
 * const input = "A long report. ".repeat(1000);
 * await sections({ model, topic: "Report", input, sections: ["a", "b"], synthesize: false, warmUp: caches });
 * console.log(caches.stats);
 * ```
 */
export function warmUp(options: WarmUpOptions = {}): WarmUp {
  const { minimumTokens = 1024, keepMs = 300_000, clock = systemClock } = options;
  if (!Number.isSafeInteger(minimumTokens) || minimumTokens < 1) {
    throw new RangeError(
      `Cannot warm up as "minimumTokens" must be an integer from 1: ${minimumTokens}`,
    );
  }
  if (!(keepMs >= 0)) {
    throw new RangeError(`Cannot warm up as "keepMs" must be a number from 0: ${keepMs}`);
  }
  return new SharedWarmUp(minimumTokens * LETTERS, keepMs, clock);
}

class SharedWarmUp implements WarmUp {
  readonly #letters: number;
  readonly #keepMs: number;
  readonly #clock: Clock;
  readonly #beginnings = new Map<string, Beginning>();
  #opened = 0;
  #followed = 0;
  #cachedTokens = 0;

  constructor(letters: number, keepMs: number, clock: Clock) {
    this.#letters = letters;
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  get stats(): WarmUpStats {
    return {
      opened: this.#opened,
      followed: this.#followed,
      cachedTokens: this.#cachedTokens,
      gaveUp: this.#gaveUp,
    };
  }

  wrap(model: Model): Model {
    const { name } = model;
    return {
      name,
      generate: async (request, options) => {
        const text = beginningOf(request);
        if (model.stream === undefined || text.length < this.#letters || this.#gaveUp) {
          return await model.generate(request, options);
        }
        const key = `${name}\n${shapeOf(request)}\n${text.slice(0, this.#letters)}`;
        return await this.#follow(model, this.#beginning(key), { request, options });
      },
    };
  }

  get #gaveUp(): boolean {
    return this.#followed >= VAIN && this.#cachedTokens === 0;
  }

  #beginning(key: string): Beginning {
    const now = this.#clock.now();
    for (const [other, { opening, usedAtMs }] of this.#beginnings) {
      if (opening === undefined && now - usedAtMs > this.#keepMs) {
        this.#beginnings.delete(other);
      }
    }
    const found = this.#beginnings.get(key);
    const beginning = found ?? { opening: undefined, isOpen: false, usedAtMs: now };
    beginning.usedAtMs = now;
    this.#beginnings.set(key, beginning);
    return beginning;
  }

  async #follow(model: Model, beginning: Beginning, call: Call): Promise<ModelResponse> {
    while (!beginning.isOpen) {
      if (beginning.opening === undefined) {
        return await this.#open(model, beginning, call);
      }
      await untilAborted(call.options.signal, beginning.opening);
    }
    const response = await model.generate(call.request, call.options);
    this.#followed += 1;
    this.#cachedTokens += response.usage.cachedInputTokens ?? 0;
    return response;
  }

  async #open(model: Model, beginning: Beginning, call: Call): Promise<ModelResponse> {
    let release = (): void => {};
    beginning.opening = new Promise((resolve) => {
      release = () => {
        beginning.opening = undefined;
        resolve();
      };
    });
    this.#opened += 1;
    try {
      return await readAll(model, call, () => {
        beginning.isOpen = true;
        release();
      });
    } finally {
      release(); // Where it failed before, the next one goes first.
    }
  }
}

interface Call {
  readonly request: ModelRequest;
  readonly options: ModelCallOptions;
}

/** The response, with a call to `onBit` as soon as the model says anything. */
async function readAll(
  model: Model,
  { request, options }: Call,
  onBit: () => void,
): Promise<ModelResponse> {
  for await (const part of streamOf(model, request, options)) {
    onBit();
    if (part.type === "finish") {
      return part.response;
    }
  }
  throw new TypeError(`Cannot read the answer of "${model.name}" as its stream has no finish`);
}

/** What a request begins with, in the order in which services read it. */
function beginningOf({ instructions = "", messages = [], prompt = "" }: ModelRequest): string {
  const said = messages.length === 0 ? "" : JSON.stringify(messages);
  return `${instructions}\n${said}\n${prompt}`;
}

/** What services put before everything else. */
function shapeOf({ schema, tools = [] }: ModelRequest): string {
  return JSON.stringify([schema && jsonSchemaOf(schema), tools]);
}
