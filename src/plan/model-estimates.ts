/** The models that a plan would ask: where they are, whether they have a key and a price. */
import { describeError } from "../core/errors.ts";
import { costOf, hasPrice } from "../models/cost.ts";
import { filled } from "../models/model-location.ts";
import { openaiCompatible } from "../models/openai-compatible.ts";
import { askedBy } from "./kinds.ts";
import { contextTokensOf, locationOf, sourceOf } from "./model-source.ts";
import type { PlanModelOptions } from "./plan-models.ts";
import type { Plan, PlanTask } from "./plan.ts";
import type { LikelyRequest } from "./rehearsal.ts";

/** A model that would be asked. */
export interface ModelEstimate {
  /** What the plan calls it. */
  readonly name: string;
  /** What prices call it; undefined where it cannot be found. */
  readonly model: string | undefined;
  readonly address: string | undefined;
  /** The environment variable of its key; undefined where it needs none. */
  readonly keyFrom: string | undefined;
  readonly hasKey: boolean;
  readonly hasPrice: boolean;
  /** What its calls may cost, in US dollars, where the plan says so. */
  readonly budget: number | undefined;
}

/** The models that tasks ask, as they are met. */
export class ModelEstimates {
  readonly problems: string[] = [];
  readonly #plan: Plan;
  readonly #options: PlanModelOptions;
  readonly #found = new Map<string | undefined, ModelEstimate | undefined>();

  constructor(plan: Plan, options: PlanModelOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  get all(): readonly ModelEstimate[] {
    const found = [...this.#found.values()].filter((each) => each !== undefined);
    return [...new Map(found.map((each) => [each.name, each])).values()];
  }

  namesOf(task: PlanTask): readonly string[] {
    const names = askedBy(task).map(({ name }) => this.#find(name)?.name ?? name);
    return [...new Set(names.filter((name) => name !== undefined))];
  }

  /** In US dollars; undefined where it is not known. */
  priceOf({ using, inputTokens, outputTokens }: LikelyRequest): number | undefined {
    const model = this.#find(using)?.model;
    return model === undefined ? undefined : costOf({ inputTokens, outputTokens }, model).usd;
  }

  /** The context window of a model, in tokens; undefined where the plan does not say it. */
  contextTokensOf(using: string | undefined): number | undefined {
    return contextTokensOf(this.#plan, this.#options, using);
  }

  #find(using: string | undefined): ModelEstimate | undefined {
    if (!this.#found.has(using)) {
      this.#found.set(using, this.#look(using));
    }
    return this.#found.get(using);
  }

  #look(using: string | undefined): ModelEstimate | undefined {
    try {
      const source = sourceOf(this.#plan, this.#options, using);
      const { name, definition, given } = source;
      const budget = definition?.budget;
      if (given !== undefined) {
        const about = { address: undefined, keyFrom: undefined, hasKey: true, budget };
        return { name, model: given.name, ...about, hasPrice: hasPrice(given) };
      }
      const { baseUrl, model, keyFrom, mayLackKey } = locationOf(source);
      const apiKey = keyFrom === undefined ? "" : filled(process.env[keyFrom]);
      const hasKey = apiKey !== undefined;
      if (!hasKey && !mayLackKey) {
        this.problems.push(`there is no key for model "${name}": set ${keyFrom}`);
      }
      const asked = openaiCompatible({ baseUrl, model, apiKey: apiKey ?? "" });
      const about = { address: baseUrl, keyFrom, hasKey, budget };
      return { name, model: asked.name, ...about, hasPrice: hasPrice(asked) };
    } catch (error) {
      const problem = describeError(error);
      if (!this.problems.includes(problem)) {
        this.problems.push(problem);
      }
      return undefined;
    }
  }
}

/** What keeps a budget from being kept to. */
export function unpricedOf(
  models: readonly ModelEstimate[],
  budget: number | undefined,
): readonly string[] {
  return models
    .filter((each) => each.model !== undefined && !each.hasPrice)
    .filter((each) => budget !== undefined || each.budget !== undefined)
    .map(({ model }) => `the price of model "${model}" is not known, which a budget needs`);
}
