/** What the calls of a run took, in tokens, money and time. */
import { SkippedError } from "../core/errors.ts";
import { costOf } from "./cost.ts";
import type { ModelResponse, ModelUsage } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";

/** What the calls of a run took. */
export interface ModelSpent {
  /** How many calls there were, those that failed included; not those that a budget refused, as they were never made. */
  readonly calls: number;
  /** How many of them did not say what they took, as calls that failed: the rest of this is too low by those. */
  readonly unknownCalls: number;
  /** All that went in, cached or not. */
  readonly inputTokens: number;
  /** All that came out. */
  readonly outputTokens: number;
  /** Of those that went in, how many were read from a cache. */
  readonly cachedInputTokens: number;
  /** In US dollars, by `costOf`; undefined where the price of a model is not known, and where no call said what it took. */
  readonly usd: number | undefined;
}

/** What running together saved: time, and no money. */
export interface TimeSaved {
  /** From the start of the run to its end. */
  readonly wallMs: number;
  /** The sum of what each call took: about what one after the other would have taken. What a model waits for its own limits counts. */
  readonly sequentialMs: number;
  /** The difference, from 0. */
  readonly savedMs: number;
}

/** Counts what calls take. */
export class Meter {
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #calls = 0;
  #unknownCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cachedInputTokens = 0;
  #usd: number | undefined = 0;
  #sequentialMs = 0;

  /** @param now - the time, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#startedAtMs = now();
  }

  get spent(): ModelSpent {
    // Of calls that say nothing nothing is known: they are not free.
    const saysNothing = this.#calls > 0 && this.#unknownCalls === this.#calls;
    return {
      calls: this.#calls,
      unknownCalls: this.#unknownCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cachedInputTokens: this.#cachedInputTokens,
      usd: saysNothing ? undefined : this.#usd,
    };
  }

  get time(): TimeSaved {
    const wallMs = this.#now() - this.#startedAtMs;
    const sequentialMs = this.#sequentialMs;
    return { wallMs, sequentialMs, savedMs: Math.max(0, sequentialMs - wallMs) };
  }

  /** Calls `call`, which asks a model of that name, and counts what it took. */
  async count(name: string, call: () => Promise<ModelResponse>): Promise<ModelResponse> {
    const startedAtMs = this.#now();
    this.#calls += 1;
    try {
      const response = await call();
      this.#add(name, response.usage);
      return response;
    } catch (error) {
      if (SkippedError.isInstance(error)) {
        this.#calls -= 1; // It was never made.
      } else {
        this.#add(name, ModelOutputError.isInstance(error) ? error.response?.usage : undefined);
      }
      throw error;
    } finally {
      this.#sequentialMs += this.#now() - startedAtMs;
    }
  }

  #add(name: string, usage: ModelUsage | undefined): void {
    if (usage?.inputTokens === undefined || usage.outputTokens === undefined) {
      this.#unknownCalls += 1;
      return;
    }
    const { usd } = costOf(usage, name);
    this.#usd = usd === undefined || this.#usd === undefined ? undefined : this.#usd + usd;
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#cachedInputTokens += usage.cachedInputTokens ?? 0;
  }
}
