/** `namedModel`: a model by its name, `provider/model`. */
import type { Model } from "./model.ts";
import { filled, locateModel, OPENAI_KEY } from "./model-location.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Options of {@link namedModel}. */
export interface NamedModelOptions {
  /** A service that speaks like OpenAI: the whole name is what it calls the model. @defaultValue that of the provider in the name */
  readonly baseUrl?: string | undefined;
  /** Its key. @defaultValue the environment variable of the provider; beside `baseUrl` as for `openaiCompatible` */
  readonly apiKey?: string | undefined;
  /** Where keys and `OPENAI_BASE_URL` are found. @defaultValue the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Makes a model by its name. Nothing is asked of the network yet.
 *
 * - `openai/gpt-5-mini`: of a provider that is known: openai, google, groq, mistral, deepseek, xai, openrouter and ollama, each with its own
 *   environment variable for the key, such as `GROQ_API_KEY` (of google `GEMINI_API_KEY`); ollama needs none.
 * - Any other name is one of the service at `OPENAI_BASE_URL`, whole as it is, slashes included; so is the model of `openai/…` where that is set. Its key
 *   is that of `OPENAI_API_KEY`, and may be missing. Where `OPENAI_BASE_URL` is not set, a name without a slash is one of OpenAI.
 *
 * @throws `TypeError` when there is no such provider, no key for it, or the address cannot be used.
 * @example
 * ```ts
 * import { namedModel } from "fanfold/models";
 *
 * console.log(namedModel("ollama/qwen3:8b").name); // 127.0.0.1:11434/qwen3:8b
 * ```
 */
export function namedModel(name: string, options: NamedModelOptions = {}): Model {
  const { baseUrl, model, keyFrom, mayLackKey } = locateModel(name, options);
  const { apiKey, env = process.env } = options;
  const key = apiKey ?? (keyFrom === undefined ? "" : filled(env[keyFrom]));
  if (key === undefined && !mayLackKey) {
    throw new TypeError(
      `Cannot ask model "${name}" as there is no key for it: set ${keyFrom}${keyFrom === OPENAI_KEY ? ", or OPENAI_BASE_URL to another service" : ""}`,
    );
  }
  return openaiCompatible({ baseUrl, apiKey: key ?? "", model });
}
