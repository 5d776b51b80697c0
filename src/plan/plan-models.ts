/** The models of a plan that runs: found by their names, limited, paid for and counted. */
import { budget as createBudget, type Budget } from "../core/budget/budget.ts";
import type { Clock } from "../core/clock.ts";
import { limit, type Limit } from "../core/limits/limit.ts";
import { Meter, type ModelSpent } from "../models/meter.ts";
import { filled } from "../models/model-location.ts";
import type { Model } from "../models/model.ts";
import { askedBy } from "./kinds.ts";
import { contextTokensOf, sourceOf, type ModelSource } from "./model-source.ts";
import type { Plan } from "./plan.ts";
import { withItems } from "./plan-graph.ts";

/** The limit of calls over all kinds that ask models. */
export const CALLS_LIMIT = "model";

/** What a run says of models. */
export interface PlanModelOptions {
  /** Models in place of what the plan defines under these names. */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  /**
   * The model of tasks that name none: a name as in the plan, or a model itself. @defaultValue that of the plan, else the environment variable
   * `FANFOLD_MODEL`
   */
  readonly using?: string | Model | undefined;
  /** What all calls may cost: in US dollars, or a budget shared with others. @defaultValue that of the plan */
  readonly budget?: number | Budget | undefined;
}

/** How a model is asked. */
interface Found {
  /** For tasks that ask it once: the limit of their kind is that of calls. */
  readonly once: Model;
  /** For tasks that ask it often. */
  readonly often: Model;
}

/** The models of one run. They are made when they are first needed. */
export class PlanModels {
  readonly #plan: Pick<Plan, "models" | "using">;
  readonly #options: PlanModelOptions;
  readonly #budget: Budget | undefined;
  readonly #calls: readonly Limit[];
  readonly #run: readonly Limit[];
  readonly #clock: Clock | undefined;
  readonly #meter: Meter;
  readonly #found = new Map<string | Model, Promise<Found>>();

  /**
   * @param calls - how many calls of tasks that ask often may be made at once; none for as many as the models allow
   * @param run - how many calls and other tasks there may be at once; none for as many as the other limits allow
   */
  constructor(
    plan: Pick<Plan, "models" | "using" | "budget">,
    options: PlanModelOptions,
    {
      calls,
      run,
      clock,
    }: {
      readonly calls?: Limit | undefined;
      readonly run?: Limit | undefined;
      readonly clock?: Clock | undefined;
    } = {},
  ) {
    const { budget = plan.budget } = options;
    this.#plan = plan;
    this.#options = options;
    this.#budget =
      typeof budget === "number" ? createBudget({ name: "plan", usd: budget }) : budget;
    this.#calls = calls === undefined ? [] : [calls];
    this.#run = run === undefined ? [] : [run];
    this.#clock = clock;
    this.#meter = new Meter(() => 0); // Of time the run itself knows more.
  }

  /** What all calls have taken; undefined when there was none. */
  get spent(): ModelSpent | undefined {
    const { spent } = this.#meter;
    return spent.calls === 0 ? undefined : spent;
  }

  /**
   * The model of a name; without one that of the plan.
   *
   * @throws `TypeError` or `Error`, as a rejection, that says what to set, when it cannot be asked, or not be paid from its budget.
   */
  async find(name: string | undefined, how: keyof Found): Promise<Model> {
    const source = sourceOf(this.#plan, this.#options, name);
    const found = this.#found.get(source.key) ?? this.#make(source);
    this.#found.set(source.key, found);
    return (await found)[how];
  }

  /** The context window of the model that `find` finds, in tokens; undefined where the plan does not say it. */
  contextTokensOf(name: string | undefined): number | undefined {
    return contextTokensOf(this.#plan, this.#options, name);
  }

  async #make(source: ModelSource): Promise<Found> {
    const { hasPrice } = await import("../models/cost.ts");
    const { metered } = await import("../models/metered.ts");
    const { tokenEstimator } = await import("../models/estimate.ts");
    const { withBudget } = await import("../models/with-budget.ts");
    const { withLimits } = await import("../models/with-limits.ts");
    const model = await made(source);
    const { name, definition } = source;
    const {
      concurrency = Infinity,
      requestsPerMinute,
      tokensPerMinute,
      attempts,
      budget,
    } = definition ?? {};
    // Also one that allows everything: what the service says of its own limits is then heeded by all calls.
    const own = limit({ name, concurrency, requestsPerMinute, tokensPerMinute });
    const budgets = [
      ...(budget === undefined ? [] : [createBudget({ name, usd: budget })]),
      ...(this.#budget === undefined ? [] : [this.#budget]),
    ];
    if (budgets.some((each) => each.stats().left.usd < Infinity) && !hasPrice(model)) {
      throw new TypeError(
        `Cannot keep to a budget as the price of model "${model.name}" is not known: ask another model, or leave the budget out`,
      );
    }
    const counted = metered(model, this.#meter);
    const estimator = tokenEstimator();
    const wrap = (limits: readonly Limit[]): Model =>
      budgets.reduce<Model>(
        (each, from) => withBudget(each, from, { clock: this.#clock }),
        withLimits(counted, limits, { retry: attempts, clock: this.#clock, estimator }),
      );
    const always = [own, ...this.#run];
    return { once: wrap(always), often: wrap([...always, ...this.#calls]) };
  }
}

/** @throws `TypeError` that says what to set, when the model cannot be asked. */
async function made(source: ModelSource): Promise<Model> {
  const { name, definition, given } = source;
  if (given !== undefined) {
    return given;
  }
  const { namedModel } = await import("../models/named-model.ts");
  const { model = name, baseUrl, keyFrom } = definition ?? {};
  const apiKey = keyFrom === undefined ? undefined : filled(process.env[keyFrom]);
  if (keyFrom !== undefined && apiKey === undefined) {
    throw new TypeError(`Cannot ask model "${name}" as there is no key for it: set ${keyFrom}`);
  }
  return namedModel(model, { baseUrl, apiKey });
}

/**
 * Makes sure that all models of a plan can be asked and paid for. None is asked.
 *
 * @throws `Error`, as a rejection, that names the task and says what to set.
 */
export async function checkModels(plan: Plan, options: PlanModelOptions): Promise<void> {
  const models = new PlanModels(plan, options);
  for (const task of withItems(plan.tasks)) {
    for (const { name: model } of askedBy(task)) {
      try {
        await models.find(model, "once");
      } catch (error) {
        const { message } = error as Error; // What makes models throws nothing else.
        const where = `${plan.file}:${task.place.line}`;
        throw new Error(`Cannot run task "${task.name}" (${where}): ${message}`, { cause: error });
      }
    }
  }
}
