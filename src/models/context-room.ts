/** What fits into the context window of a model: estimated, and corrected by what requests really took. */
import { tokenEstimator } from "./estimate.ts";
import type { Model, ModelRequest, ModelResponse } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";

/** By how much more than estimated a request may take before anything is known of the model. */
const FIRST_FACTOR = 1.5;

/** By how much more than the worst request so far the next may take. */
const HEADROOM = 1.1;

/** What the complaints take that are handed back with an answer that does not fit. */
const COMPLAINT_TOKENS = 400;

/** Options of a {@link ContextRoom}. */
export interface ContextRoomOptions {
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly repairs: number;
  /** How many tokens a request takes, by a tokenizer. @defaultValue estimated by characters */
  readonly estimate?: ((request: ModelRequest) => number) | undefined;
}

/**
 * The room for what goes in, beside the answer. Sizes are only ever corrected upwards: a document that is dense in tokens is not
 * forgotten over many that are not.
 */
export class ContextRoom {
  /** For a request, in tokens. */
  readonly inputTokens: number;
  readonly #count: (request: ModelRequest) => number;
  #factor: number;

  constructor({ contextTokens, maxOutputTokens, repairs, estimate }: ContextRoomOptions) {
    // Asked again, a model is shown its answer and what is wrong with it.
    const repair = repairs === 0 ? 0 : maxOutputTokens + COMPLAINT_TOKENS;
    this.inputTokens = contextTokens - maxOutputTokens - repair;
    const estimator = tokenEstimator();
    this.#count = estimate ?? ((request) => estimator.estimate(request).inputTokens);
    this.#factor = estimate === undefined ? FIRST_FACTOR : 1;
  }

  /** What a request takes, in tokens: rather too much than too little. */
  sizeOf(request: ModelRequest): number {
    return Math.ceil(this.#count(request) * this.#factor);
  }

  fits(request: ModelRequest): boolean {
    return this.sizeOf(request) <= this.inputTokens;
  }

  /** A model from whose answers this learns. */
  taught(model: Model): Model {
    return {
      name: model.name,
      generate: async (request, options) => {
        try {
          const response = await model.generate(request, options);
          this.#learn(request, response);
          return response;
        } catch (error) {
          this.#learn(request, ModelOutputError.isInstance(error) ? error.response : undefined);
          throw error;
        }
      },
    };
  }

  #learn(request: ModelRequest, response: ModelResponse | undefined): void {
    const inputTokens = response?.usage.inputTokens;
    const counted = this.#count(request);
    if (inputTokens !== undefined && inputTokens > counted * this.#factor) {
      this.#factor = (inputTokens / counted) * HEADROOM;
    }
  }
}
