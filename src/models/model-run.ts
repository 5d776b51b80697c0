/** What every pattern of model calls has in common: one run, whose result also says what it took. */
import type { Budget } from "../core/budget/budget.ts";
import { ownResult } from "../core/own-result.ts";
import { startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import { createContext } from "../core/task-context.ts";
import type { Starter, TaskContext, TaskHandle } from "../core/task.ts";
import { ask, type ObjectRequest, type ObjectResponse } from "./ask.ts";
import { Meter, type ModelSpent, type TimeSaved } from "./meter.ts";
import { metered } from "./metered.ts";
import type { Model, ModelRequest, ModelResponse } from "./model.ts";
import { warmUp, type WarmUp, type WarmUpStats } from "./warm-up.ts";
import { withBudget } from "./with-budget.ts";

/** Options that all patterns of model calls share, besides those of every run. */
export interface ModelRunOptions extends Omit<RunOptions, "failure"> {
  /** How often a model is told what was wrong with its answer and asked again: an integer from 0. @defaultValue 2 */
  readonly repairs?: number | undefined;
  /**
   * What every call is paid from, as by `withBudget`: what it is estimated to take is reserved, and corrected by what it took.
   * @defaultValue none
   */
  readonly budget?: RunOptions["budget"];
  /**
   * Whether the first of calls with the same long beginning goes ahead, so that the others find it in the cache of the service: see `warmUp`. One
   * that is handed on is shared with other runs. @defaultValue false
   */
  readonly warmUp?: boolean | WarmUp | undefined;
}

/** What a pattern took. */
export interface ModelRunFacts {
  /** All calls together. Running them together saves nothing of it. */
  readonly spent: ModelSpent;
  readonly time: TimeSaved;
  /** What warming up did, over all runs that share it; undefined where it is off. */
  readonly warmUp: WarmUpStats | undefined;
}

/** A pattern under way: await it for its result. */
export interface ModelRun<T> extends Run<T & ModelRunFacts> {
  /** What its calls took so far: also after a failure or a cancel, where there is no result that would say it. */
  readonly spent: ModelSpent;
}

/** A call of a model, in a pattern. */
export interface Asking {
  /** The key of its task. */
  readonly key: string;
  /** What it belongs to. */
  readonly within: Starter;
  /** Goes around the model, outside of all that the run puts there. @defaultValue nothing */
  readonly around?: ((model: Model) => Model) | undefined;
}

/** A pattern under way: what its parts start their calls with. */
export interface ModelWork {
  /** Of the run itself, to be handed on as `within`. */
  readonly ctx: TaskContext;
  /** A model as this run asks it: paid from its budgets, and counted. */
  own(model: Model): Model;
  /** Asks a model for data, as a task, and counts what that takes. */
  ask<T>(model: Model, request: ObjectRequest<T>, asking: Asking): TaskHandle<ObjectResponse<T>>;
  /** Asks a model for a text, as a task, and counts what that takes. */
  tell(model: Model, request: ModelRequest, asking: Asking): TaskHandle<ModelResponse>;
}

/** Runs a pattern as one run. A failure stops it, but for that of what runs in a group of its own. */
export function modelRun<T extends object>(
  name: string,
  { repairs, budget = [], warmUp: warm = false, ...options }: ModelRunOptions,
  body: (work: ModelWork) => Promise<T>,
): ModelRun<T> {
  let meter = new Meter(() => 0); // Nothing is spent before it begins.
  const run = startRun(
    { ...options, name: options.name ?? name },
    "stop",
    async (kernel, record) => {
      if (options.signal?.aborted === true) {
        return undefined;
      }
      meter = new Meter(() => kernel.now());
      const { clock } = kernel.options;
      const caches = typeof warm === "object" ? warm : warm ? warmUp({ clock }) : undefined;
      const own = ownModels(meter, Array.isArray(budget) ? budget : [budget], caches);
      const result = await body({
        ctx: createContext(kernel, record),
        own,
        ask: (model, request, { key, within, around = itself }) =>
          ask(around(own(model)), request, { key, within, repairs }),
        tell: (model, request, { key, within, around = itself }) =>
          ask(around(own(model)), request, { key, within }),
      });
      return { ...result, spent: meter.spent, time: meter.time, warmUp: caches?.stats };
    },
    (outcome, kernel, record) => ownResult(outcome, kernel, record) as T & ModelRunFacts, // The body returned it.
  );
  return Object.defineProperty(run, "spent", { get: () => meter.spent }) as ModelRun<T>; // It is all that it adds.
}

function itself(model: Model): Model {
  return model;
}

/** Models that are paid from budgets and counted: one for each that was given, as each learns how long its answers are. */
function ownModels(
  meter: Meter,
  budgets: readonly Budget[],
  caches: WarmUp | undefined,
): (model: Model) => Model {
  const known = new Map<Model, Model>();
  return (model) => {
    const found = known.get(model);
    if (found !== undefined) {
      return found;
    }
    const paid = budgets.reduce((each, budget) => withBudget(each, budget), model);
    const warm = caches?.wrap(paid) ?? paid;
    const made = metered(warm, meter);
    known.set(model, made);
    return made;
  };
}
