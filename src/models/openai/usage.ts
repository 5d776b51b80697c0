/** What services that speak like OpenAI say of tokens. What they do not say is unknown. */

interface Said {
  readonly prompt_tokens?: number | null | undefined;
  readonly completion_tokens?: number | null | undefined;
  readonly prompt_tokens_details?:
    | { readonly cached_tokens?: number | null | undefined }
    | null
    | undefined;
}

interface Counted {
  inputTokens: Record<"total" | "noCache" | "cacheRead" | "cacheWrite", number | undefined>;
  outputTokens: Record<"total" | "text" | "reasoning", number | undefined>;
}

/** In the words of the AI SDK, whose own conversion takes what is absent for 0. */
export function usageOfService(said: Said | null | undefined): Counted {
  return {
    inputTokens: {
      total: said?.prompt_tokens ?? undefined,
      noCache: undefined,
      cacheRead: said?.prompt_tokens_details?.cached_tokens ?? undefined,
      cacheWrite: undefined,
    },
    outputTokens: {
      total: said?.completion_tokens ?? undefined,
      text: undefined,
      reasoning: undefined,
    },
  };
}
