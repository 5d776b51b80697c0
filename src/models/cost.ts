/** What a call cost, in money and tokens. */
import { createRequire } from "node:module";
import type * as prices from "@pydantic/genai-prices";
import type { ModelUsage } from "./model.ts";

/** What a call cost. What is unknown is undefined, never 0. */
export interface ModelCost {
  /** In US dollars, to the billionth. */
  readonly usd: number | undefined;
  /** Those that went in, and those that came out. */
  readonly tokens: number | undefined;
}

const BILLION = 1e9;

/**
 * What a call cost, by the prices of `@pydantic/genai-prices` (https://github.com/pydantic/genai-prices), which are part of this installation:
 * nothing is asked of the network. Tokens that were read from a cache or written to one have the prices of those.
 *
 * `usd` is undefined where the model or its price is not known, or the usage is not. A name is that of a model: `provider/model`; instead of the
 * provider it may have the host of its service, and without one the model must be known by its own name.
 *
 * Does not know of discounts, batches, images or searches, nor of prices newer than the package.
 *
 * @example
 * ```ts
 * import { costOf } from "fanfold/models";
 *
 * const usage = { inputTokens: 1_000_000, outputTokens: 1000, cachedInputTokens: 900_000 };
 * console.log(costOf(usage, "openai/gpt-4o"), costOf(usage, "localhost:11434/qwen3:8b"));
 * ```
 */
export function costOf(usage: ModelUsage, modelName: string): ModelCost {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined || outputTokens === undefined) {
    return { usd: undefined, tokens: undefined };
  }
  return { usd: priceOf(usage, modelName), tokens: inputTokens + outputTokens };
}

/** Whether the price of a model is known. */
export function hasPrice({ name }: { readonly name: string }): boolean {
  return costOf({ inputTokens: 0, outputTokens: 0 }, name).usd !== undefined;
}

function priceOf(usage: ModelUsage, modelName: string): number | undefined {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = usage;
  if (!canBeTrue(usage)) {
    return undefined;
  }
  const slash = modelName.indexOf("/");
  const provider = modelName.slice(0, Math.max(0, slash));
  const found = calcPrice()(
    {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      ...(cachedInputTokens === undefined ? {} : { cache_read_tokens: cachedInputTokens }),
      ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
    },
    modelName.slice(slash + 1),
    placeOf(provider),
  );
  // Of some models only other prices are known, such as those of a search: they would come out as free.
  return found?.model_price["input_mtok"] === undefined
    ? undefined
    : Math.round(found.total_price * BILLION) / BILLION;
}

/** The price list throws at all else, which would lose the answer that was paid for. */
function canBeTrue(usage: ModelUsage): boolean {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage;
  const counts = [inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens];
  return (
    counts.every((count) => count >= 0 && count < Infinity) &&
    cachedInputTokens + cacheWriteTokens <= inputTokens
  );
}

function placeOf(provider: string): prices.PriceOptions {
  if (provider === "") {
    return {};
  }
  return /[.:]/.test(provider)
    ? { providerApiUrl: `https://${provider}/` }
    : { providerId: provider };
}

let loaded: typeof prices | undefined;

/** All prices are half a megabyte: only who asks for one loads them. */
function calcPrice(): typeof prices.calcPrice {
  loaded ??= createRequire(import.meta.url)("@pydantic/genai-prices") as typeof prices;
  return loaded.calcPrice;
}
