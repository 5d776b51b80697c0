/** `warmUp`: the first request of many with the same beginning opens the cache of a service, and the others follow. */
import { createHash } from "node:crypto";
import { systemClock, type Clock } from "../core/clock.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import { untilAborted } from "../core/until-aborted.ts";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { Model, ModelCallOptions, ModelPart, ModelRequest, ModelResponse } from "./model.ts";
import { streamOf } from "./stream-of.ts";

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
  /** Whether it was given up, of one model at the least, as nothing was read from a cache. */
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

/** How many beginnings are known at the most; those that were not used for longest are forgotten. */
const MOST_BEGINNINGS = 1000;

interface Beginning {
  /** Resolves when somebody may follow. Undefined once somebody could. */
  opening: Promise<void> | undefined;
  isOpen: boolean;
  usedAtMs: number;
}

/** What following has brought at one model. */
interface Experience {
  followed: number;
  cachedTokens: number;
}

/**
 * Makes the first of many requests with the same beginning go ahead; the others wait for the first bit of its answer, and find the beginning in
 * the cache of the service. Sent together, all of them would pay for it in full.
 *
 * It costs the time until that first bit, once for each beginning. Where three requests of a model have followed and none read anything from a
 * cache, it is given up for that model, and nobody waits any more. Where the first fails before it says anything, the next goes first.
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
  /** In the order of their last use. */
  readonly #beginnings = new Map<string, Beginning>();
  /** By the name of the model. */
  readonly #experiences = new Map<string, Experience>();
  #opened = 0;

  constructor(letters: number, keepMs: number, clock: Clock) {
    this.#letters = letters;
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  get stats(): WarmUpStats {
    const all = [...this.#experiences.values()];
    return {
      opened: this.#opened,
      followed: all.reduce((sum, { followed }) => sum + followed, 0),
      cachedTokens: all.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0),
      gaveUp: all.some(isInVain),
    };
  }

  wrap(model: Model): Model {
    const { name } = model;
    if (model.stream === undefined) {
      return model;
    }
    const experience = this.#experiences.get(name) ?? { followed: 0, cachedTokens: 0 };
    this.#experiences.set(name, experience);
    return {
      name,
      generate: async (request, options) => {
        const beginning = this.#beginningOf(name, experience, request);
        if (beginning === undefined) {
          return await model.generate(request, options);
        }
        const open = await this.#enter(beginning, options.signal);
        if (open !== undefined) {
          // Whoever goes first has to hear the first bit.
          return await responseIn(name, opening(streamOf(model, request, options), open));
        }
        const response = await model.generate(request, options);
        note(experience, response);
        return response;
      },
      stream: (request, options) => this.#stream(model, experience, { request, options }),
    };
  }

  async *#stream(
    model: Model,
    experience: Experience,
    { request, options }: Call,
  ): AsyncGenerator<ModelPart, void, undefined> {
    const beginning = this.#beginningOf(model.name, experience, request);
    const open = beginning && (await this.#enter(beginning, options.signal));
    const parts = streamOf(model, request, options);
    if (open !== undefined) {
      yield* opening(parts, open);
      return;
    }
    for await (const part of parts) {
      if (part.type === "finish" && beginning !== undefined) {
        note(experience, part.response);
      }
      yield part;
    }
  }

  /** Waits until a beginning is open, or nobody opens it: then whoever waited goes first, and is handed how to tell the others. */
  async #enter(beginning: Beginning, signal: AbortSignal): Promise<Open | undefined> {
    while (!beginning.isOpen) {
      if (beginning.opening === undefined) {
        return this.#open(beginning);
      }
      await untilAborted(signal, beginning.opening);
    }
    return undefined;
  }

  #open(beginning: Beginning): Open {
    const { promise, resolve } = promiseAndHands<void>();
    beginning.opening = promise;
    this.#opened += 1;
    return (isOpen) => {
      beginning.isOpen ||= isOpen;
      if (beginning.opening === promise) {
        beginning.opening = undefined;
        resolve();
      }
    };
  }

  /** What a request begins with; undefined where nobody waits for it. */
  #beginningOf(name: string, experience: Experience, request: ModelRequest): Beginning | undefined {
    const text = textOf(request);
    if (text.length < this.#letters || isInVain(experience)) {
      return undefined;
    }
    const key = createHash("sha256")
      .update(JSON.stringify([name, shapeOf(request), text.slice(0, this.#letters)]))
      .digest("base64");
    const now = this.#clock.now();
    const known = this.#beginnings.get(key);
    const beginning =
      known !== undefined && this.#isKept(known, now)
        ? known
        : { opening: undefined, isOpen: false, usedAtMs: now };
    beginning.usedAtMs = now;
    this.#beginnings.delete(key);
    this.#beginnings.set(key, beginning);
    this.#forget(now);
    return beginning;
  }

  #isKept({ opening, usedAtMs }: Beginning, now: number): boolean {
    return opening !== undefined || now - usedAtMs <= this.#keepMs;
  }

  /** Those that were not used for longest come first. */
  #forget(now: number): void {
    for (const [key, beginning] of this.#beginnings) {
      if (this.#isKept(beginning, now) && this.#beginnings.size <= MOST_BEGINNINGS) {
        return;
      }
      this.#beginnings.delete(key); // Whoever waits for its opening has it in hand.
    }
  }
}

interface Call {
  readonly request: ModelRequest;
  readonly options: ModelCallOptions;
}

/** Says whether the others may follow, or one of them goes first. What is said later changes nothing. */
type Open = (isOpen: boolean) => void;

/** The parts of the answer of whoever goes first. */
async function* opening(
  parts: AsyncIterable<ModelPart>,
  open: Open,
): AsyncGenerator<ModelPart, void, undefined> {
  try {
    for await (const part of parts) {
      open(true);
      yield part;
    }
  } finally {
    open(false); // Where it failed before, the next one goes first.
  }
}

function note(experience: Experience, { usage }: ModelResponse): void {
  experience.followed += 1;
  experience.cachedTokens += usage.cachedInputTokens ?? 0;
}

function isInVain({ followed, cachedTokens }: Experience): boolean {
  return followed >= VAIN && cachedTokens === 0;
}

async function responseIn(name: string, parts: AsyncIterable<ModelPart>): Promise<ModelResponse> {
  for await (const part of parts) {
    if (part.type === "finish") {
      return part.response;
    }
  }
  throw new TypeError(`Cannot read the answer of "${name}" as its stream has no finish`);
}

/** What a request begins with, in the order in which services read it. */
function textOf({ instructions = "", messages = [], prompt = "" }: ModelRequest): string {
  const said = messages.length === 0 ? "" : JSON.stringify(messages);
  return `${instructions}\n${said}\n${prompt}`;
}

/** What services put before everything else. */
function shapeOf({ schema, tools = [] }: ModelRequest): string {
  return JSON.stringify([schema && jsonSchemaOf(schema), tools]);
}
