/** The model that `fanfold ask` asks, as its options and the environment say. */
import { costOf } from "../models/cost.ts";
import type { Model } from "../models/model.ts";
import { openaiCompatible } from "../models/openai-compatible.ts";
import { withLimits } from "../models/with-limits.ts";

/** What options say of the model. */
export interface AskedModelOptions {
  readonly model?: string;
  readonly baseUrl?: string;
  /** In US dollars. */
  readonly budget?: number;
}

const OPENAI = "https://api.openai.com/v1";

/**
 * Makes the model. What fails in passing is asked again, up to three times in all.
 *
 * The key is taken out of the environment, so that no command that the model runs finds it there.
 *
 * @throws `Error` that says what to set, when the model or the key of OpenAI is missing, when one of them or the address cannot be used, and
 * when there is a budget and the price of the model is not known.
 */
export function askedModel(options: AskedModelOptions): Model {
  const apiKey = takeKey();
  const name = given(options.model) ?? variable("FANFOLD_MODEL");
  const baseUrl = given(options.baseUrl) ?? variable("OPENAI_BASE_URL") ?? OPENAI;
  if (name === undefined) {
    throw new Error("Cannot ask as no model is named: give --model, or set FANFOLD_MODEL");
  }
  const model = make({ baseUrl, apiKey, model: name });
  // Services of one's own may have no keys.
  if (apiKey === undefined && model.name.startsWith(`${new URL(OPENAI).host}/`)) {
    throw new Error(
      "Cannot ask OpenAI as there is no key: set OPENAI_API_KEY, or give --base-url of another service",
    );
  }
  if (options.budget !== undefined && !hasPrice(model)) {
    throw new Error(
      `Cannot keep to --budget as the price of model "${model.name}" is not known: leave it out, and give --max-steps`,
    );
  }
  return withLimits(model, []);
}

function make(options: Parameters<typeof openaiCompatible>[0]): Model {
  try {
    return openaiCompatible(options);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${message} (of --base-url, OPENAI_BASE_URL and OPENAI_API_KEY)`, {
      cause: error,
    });
  }
}

function hasPrice(model: Model): boolean {
  return costOf({ inputTokens: 0, outputTokens: 0 }, model.name).usd !== undefined;
}

function takeKey(): string | undefined {
  const key = variable("OPENAI_API_KEY");
  Reflect.deleteProperty(process.env, "OPENAI_API_KEY");
  return key;
}

function variable(name: string): string | undefined {
  return given(process.env[name]);
}

/** An empty text is nothing: a variable of the shell had no value, most likely. */
function given(text: string | undefined): string | undefined {
  return text?.trim() === "" ? undefined : text?.trim();
}
