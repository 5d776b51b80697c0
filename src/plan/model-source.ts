/** Which model a name in a plan stands for. */
import { filled, locateModel, type ModelLocation } from "../models/model-location.ts";
import type { Model } from "../models/model.ts";
import { askedBy } from "./kinds.ts";
import type { ModelDefinition } from "./model-settings.ts";
import type { PlanModelOptions } from "./plan-models.ts";
import type { Plan } from "./plan.ts";
import { withItems } from "./plan-graph.ts";

/** A model that a task asks. */
export interface ModelSource {
  /** What the plan, or who runs it, calls it. */
  readonly name: string;
  readonly definition: ModelDefinition | undefined;
  /** The model itself, where it was given. */
  readonly given: Model | undefined;
  /** What tells it from the other models of a run: under two names, one model has two definitions. */
  readonly key: string | Model;
}

type Names = Pick<Plan, "models" | "using">;

/**
 * The model of a name; without one that of the run, of the plan, or of `FANFOLD_MODEL`, in this order.
 *
 * @throws `TypeError` when there is none.
 */
export function sourceOf(
  plan: Names,
  options: PlanModelOptions,
  name: string | undefined,
): ModelSource {
  const who = chosen(plan, options, name);
  if (who === undefined) {
    throw new TypeError(
      'Cannot ask a model as none is named: write "using" in the task or the plan, give --model, or set FANFOLD_MODEL',
    );
  }
  if (typeof who !== "string") {
    return { name: who.name, definition: undefined, given: who, key: who };
  }
  const given = options.models ?? {};
  return {
    name: who,
    definition: definitionOf(plan, who),
    given: Object.hasOwn(given, who) ? given[who] : undefined,
    key: who,
  };
}

/** The context window of the model of a name, in tokens; undefined where the plan does not say it. */
export function contextTokensOf(
  plan: Names,
  options: PlanModelOptions,
  name: string | undefined,
): number | undefined {
  const who = chosen(plan, options, name);
  return typeof who === "string" ? definitionOf(plan, who)?.contextTokens : undefined;
}

function chosen(
  { using }: Names,
  options: PlanModelOptions,
  name: string | undefined,
): string | Model | undefined {
  return name ?? options.using ?? using ?? filled(process.env["FANFOLD_MODEL"]);
}

function definitionOf({ models }: Names, name: string): ModelDefinition | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined;
}

/**
 * Where a model is that was not given itself, and the environment variable of its key.
 *
 * @throws `TypeError` when there is no such provider.
 */
export function locationOf({ name, definition }: ModelSource): ModelLocation {
  const { model = name, baseUrl, keyFrom } = definition ?? {};
  const location = locateModel(model, { baseUrl });
  return keyFrom === undefined ? location : { ...location, keyFrom, mayLackKey: false };
}

/** The environment variables in which the keys of the models of a plan are, whether they are set or not. */
export function keyVariables(plan: Plan, options: PlanModelOptions): readonly string[] {
  const names = new Set(
    withItems(plan.tasks)
      .flatMap(askedBy)
      .map(({ name }) => name),
  );
  const variables = [...names].flatMap((name) => {
    try {
      const source = sourceOf(plan, options, name);
      return source.given === undefined ? (locationOf(source).keyFrom ?? []) : [];
    } catch {
      return []; // It cannot be asked, which its task is told.
    }
  });
  return [...new Set(variables)];
}
