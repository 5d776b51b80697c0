/** What a pattern took, in words. */
import { counted, grouped } from "../core/counted.ts";
import { formatDuration } from "../core/format-duration.ts";
import type { ModelSpent, TimeSaved } from "./meter.ts";
import type { WarmUpStats } from "./warm-up.ts";

/** What there is to say: the result of a pattern, of an agent, or a part of one. */
export interface SpentFacts {
  readonly spent: ModelSpent;
  readonly time?: TimeSaved | undefined;
  readonly warmUp?: WarmUpStats | undefined;
}

/**
 * What calls took, in words: tokens, money, the time that running together saved, and what warming up brought. What is not known is said to be
 * unknown. Not promised: the wording. Programs read the result itself.
 *
 * @example
 * ```ts
 * import { describeSpent, sections } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted(() => ({ object: { content: "…", keyPoints: [] } }));
 * const result = await sections({ model, topic: "Maps", sections: ["a", "b"], synthesize: false });
 * for (const line of describeSpent(result)) console.log(line);
 * ```
 */
export function describeSpent({ spent, time, warmUp }: SpentFacts): readonly string[] {
  const { calls, unknownCalls } = spent;
  const { tokens = "tokens unknown", usd = "price unknown" } = figuresOf(spent);
  const isPartly = unknownCalls > 0 && unknownCalls < calls;
  return [
    `${counted(calls, "call")}: ${tokens}, ${usd}.`,
    ...(isPartly ? [`${counted(unknownCalls, "call")} did not say what was taken.`] : []),
    ...(time === undefined ? [] : [timeIn(time)]),
    ...(warmUp === undefined ? [] : warmUpIn(warmUp)),
  ];
}

/** Tokens and money, in words; undefined where nothing is known of them. */
export function figuresOf(spent: ModelSpent): {
  readonly tokens: string | undefined;
  readonly usd: string | undefined;
} {
  const { calls, unknownCalls, usd } = spent;
  const atLeast = unknownCalls > 0 ? "at least " : "";
  return {
    tokens: calls > 0 && unknownCalls === calls ? undefined : `${atLeast}${describeTokens(spent)}`,
    usd: usd === undefined ? undefined : `${atLeast}$${usd.toFixed(4)}`,
  };
}

/** `12,345 tokens in (2,048 from a cache), 50 out`. */
export function describeTokens({
  inputTokens,
  outputTokens,
  cachedInputTokens = 0,
}: Pick<ModelSpent, "inputTokens" | "outputTokens"> & Partial<ModelSpent>): string {
  const cached = cachedInputTokens > 0 ? ` (${grouped(cachedInputTokens)} from a cache)` : "";
  return `${grouped(inputTokens)} tokens in${cached}, ${grouped(outputTokens)} out`;
}

function timeIn({ wallMs, sequentialMs, savedMs }: TimeSaved): string {
  const one = `${formatDuration(wallMs)}; one after another ${formatDuration(sequentialMs)}`;
  return `${one}: together saved ${formatDuration(savedMs)}, and no money.`;
}

function warmUpIn({ opened, followed, cachedTokens, gaveUp }: WarmUpStats): readonly string[] {
  return [
    ...(opened > 0
      ? [
          `Warmed up ${opened === 1 ? "once" : `${opened} times`}: ${counted(followed, "call")} read ${counted(cachedTokens, "token")} from a cache.`,
        ]
      : []),
    ...(gaveUp ? ["Warming up was given up, as nothing was read from a cache."] : []),
  ];
}
