/** The model that `fanfold ask` asks, as its options and the environment say. */
import { hasPrice } from "../models/cost.ts";
import { filled, locateModel, OPENAI_KEY } from "../models/model-location.ts";
import type { Model } from "../models/model.ts";
import { namedModel } from "../models/named-model.ts";
import { withLimits } from "../models/with-limits.ts";

/** A model to ask. */
export interface AskedModel {
  readonly model: Model;
  /** The variables that were taken out of the environment. */
  readonly secrets: Readonly<Record<string, string | undefined>>;
}

/** What options say of the model. */
export interface AskedModelOptions {
  readonly model?: string;
  readonly baseUrl?: string;
  /** In US dollars. */
  readonly budget?: number;
}

/**
 * Makes the model. What fails in passing is asked again, up to three times in all.
 *
 * Its key, and that of OpenAI, are taken out of the environment, so that no command that the model runs finds them there.
 *
 * @throws `Error` that says what to set, when the model or the key of OpenAI is missing, when one of them or the address cannot be used, and
 * when there is a budget and the price of the model is not known.
 */
export function askedModel(options: AskedModelOptions): AskedModel {
  const secrets: Record<string, string | undefined> = {};
  const take = (variable: string): string | undefined => {
    secrets[variable] = takeKey(variable);
    return secrets[variable];
  };
  const openaiKey = take(OPENAI_KEY);
  const name = filled(options.model) ?? filled(process.env["FANFOLD_MODEL"]);
  if (name === undefined) {
    throw new Error("Cannot ask as no model is named: give --model, or set FANFOLD_MODEL");
  }
  const model = make(name, { baseUrl: filled(options.baseUrl), openaiKey, take });
  if (options.budget !== undefined && !hasPrice(model)) {
    throw new Error(
      `Cannot keep to --budget as the price of model "${model.name}" is not known: leave it out, and give --max-steps`,
    );
  }
  return { model: withLimits(model, []), secrets };
}

function make(
  name: string,
  {
    baseUrl,
    openaiKey,
    take,
  }: {
    readonly baseUrl: string | undefined;
    readonly openaiKey: string | undefined;
    /** Takes the key in a variable. */
    readonly take: (variable: string) => string | undefined;
  },
): Model {
  try {
    const { keyFrom, mayLackKey } = locateModel(name, { baseUrl });
    // A service of one's own is given the key of OpenAI too: who names its address trusts it.
    const isOpenai = keyFrom === undefined ? baseUrl !== undefined : keyFrom === OPENAI_KEY;
    const apiKey = isOpenai ? openaiKey : keyFrom === undefined ? undefined : take(keyFrom);
    if (apiKey === undefined && !mayLackKey && isOpenai) {
      throw new Error(
        "Cannot ask OpenAI as there is no key: set OPENAI_API_KEY, or give --base-url of another service",
      );
    }
    return namedModel(name, { baseUrl, apiKey });
  } catch (error) {
    const { message } = error as Error;
    const isOfAddress = error instanceof TypeError && message.startsWith("Cannot reach");
    throw new Error(
      isOfAddress ? `${message} (of --base-url, OPENAI_BASE_URL and OPENAI_API_KEY)` : message,
      { cause: error },
    );
  }
}

/** The key in a variable, which no command finds there any more. */
function takeKey(variable: string): string | undefined {
  const key = filled(process.env[variable]);
  Reflect.deleteProperty(process.env, variable);
  return key;
}
