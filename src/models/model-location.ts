/** Where the model of a name is, `provider/model`, and where its key is found. */
import { didYouMean } from "../core/suggest.ts";

interface Service {
  readonly baseUrl: string;
  /** The environment variable of its key; undefined where it needs none. */
  readonly keyFrom: string | undefined;
}

export const OPENAI_KEY = "OPENAI_API_KEY";

const OPENAI_HOST = "api.openai.com";

/** Services that speak like OpenAI, as they document it. */
const SERVICES: ReadonlyMap<string, Service> = new Map(
  Object.entries({
    openai: { baseUrl: `https://${OPENAI_HOST}/v1`, keyFrom: OPENAI_KEY },
    google: {
      baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
      keyFrom: "GEMINI_API_KEY",
    },
    groq: { baseUrl: "https://api.groq.com/openai/v1", keyFrom: "GROQ_API_KEY" },
    mistral: { baseUrl: "https://api.mistral.ai/v1", keyFrom: "MISTRAL_API_KEY" },
    deepseek: { baseUrl: "https://api.deepseek.com/v1", keyFrom: "DEEPSEEK_API_KEY" },
    xai: { baseUrl: "https://api.x.ai/v1", keyFrom: "XAI_API_KEY" },
    openrouter: { baseUrl: "https://openrouter.ai/api/v1", keyFrom: "OPENROUTER_API_KEY" },
    ollama: { baseUrl: "http://127.0.0.1:11434/v1", keyFrom: undefined },
  }),
);

const PROVIDERS: readonly string[] = [...SERVICES.keys()];

/** What is known besides the name. */
export interface LocationOptions {
  /** A service that speaks like OpenAI: the whole name is what it calls the model. @defaultValue that of the provider in the name */
  readonly baseUrl?: string | undefined;
  /** Where `OPENAI_BASE_URL` is found. @defaultValue the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Where a model is, and where its key is found. */
export interface ModelLocation {
  readonly baseUrl: string;
  /** What the service calls it. */
  readonly model: string;
  /** The environment variable of its key; undefined where it needs none. */
  readonly keyFrom: string | undefined;
  /** Whether it may be asked without a key. */
  readonly mayLackKey: boolean;
}

/**
 * Says where the model of a name is.
 *
 * @throws `TypeError` when there is no such provider.
 */
export function locateModel(name: string, options: LocationOptions = {}): ModelLocation {
  const { baseUrl, env = process.env } = options;
  if (baseUrl !== undefined) {
    const keyFrom = isOpenai(baseUrl) ? OPENAI_KEY : undefined;
    return { baseUrl, model: name, keyFrom, mayLackKey: keyFrom === undefined };
  }
  const slash = name.indexOf("/");
  const provider = slash < 0 ? "openai" : name.slice(0, slash);
  const service = SERVICES.get(provider);
  const own = filled(env["OPENAI_BASE_URL"]);
  if (own !== undefined && (service === undefined || provider === "openai")) {
    const model = service === undefined ? name : name.slice(slash + 1);
    return { baseUrl: own, model, keyFrom: OPENAI_KEY, mayLackKey: true };
  }
  if (service === undefined) {
    throw new TypeError(
      `Cannot find model "${name}" as its provider must be one of ${PROVIDERS.join(", ")}${didYouMean(provider, PROVIDERS)}; for another service, set OPENAI_BASE_URL to its address`,
    );
  }
  return { ...service, model: name.slice(slash + 1), mayLackKey: service.keyFrom === undefined };
}

/** Whether an address is one of OpenAI itself: any other service would learn its key. */
export function isOpenai(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && new URL(baseUrl).hostname === OPENAI_HOST;
}

/** An empty text is nothing: a variable of the shell had no value, most likely. */
export function filled(text: string | undefined): string | undefined {
  return text?.trim() === "" ? undefined : text?.trim();
}
