/** Names of models in a plan. */
import { suggest } from "../core/suggest.ts";
import type { ModelDefinition } from "./model-settings.ts";

/** Reports what is wrong with a name. */
type Report = (message: string, suggestion: string | undefined) => void;

/** Reports a name that is neither one that the plan defines nor that of a provider and its model. */
export function checkModelName(name: string, defined: readonly string[], report: Report): void {
  if (name.includes("${{")) {
    report(
      `Cannot choose a model by a reference; name it, or leave it to --model: ${name}`,
      undefined,
    );
  } else if (!defined.includes(name) && !isFullName(name)) {
    report(
      `Cannot ask the model "${name}" as the plan defines no such model; name it under models, or write ${fullName(name)}`,
      suggest(name, defined),
    );
  }
}

/** Reports a definition that says neither where the model is nor whose it is. */
export function checkDefinition({ model, baseUrl }: ModelDefinition, report: Report): void {
  if (model.includes("${{")) {
    report(`Cannot choose a model by a reference: ${model}`, undefined);
  } else if (baseUrl === undefined && !isFullName(model)) {
    report(
      `Cannot find the model "${model}" as it must be ${fullName(model)}; of another service, write its baseUrl too`,
      undefined,
    );
  }
}

/** In a plan a name without a slash is one of its own, so that a wrong one is seen before anything is asked. */
function isFullName(name: string): boolean {
  return /^[^/]+\/./.test(name);
}

/** What to write instead: elsewhere a name without a slash is one of OpenAI, or of the service at `OPENAI_BASE_URL`. */
function fullName(name: string): string {
  return name.includes("/") ? "provider/model" : `provider/model, such as openai/${name}`;
}
