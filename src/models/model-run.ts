/** What every pattern of model calls has in common: one run, whose result also says what it took. */
import { ownResult } from "../core/own-result.ts";
import { startRun } from "../core/run.ts";
import type { Run, RunOptions } from "../core/run-options.ts";
import { createContext } from "../core/task-context.ts";
import type { Cost, Starter, TaskContext, TaskHandle } from "../core/task.ts";
import { ask, type ObjectRequest, type ObjectResponse } from "./ask.ts";
import { Meter, type ModelSpent, type TimeSaved } from "./meter.ts";
import type { Model } from "./model.ts";

/** Options that all patterns of model calls share, besides those of every run. */
export interface ModelRunOptions extends Omit<RunOptions, "failure"> {
  /** How often a model is told what was wrong with its answer and asked again: an integer from 0. @defaultValue 2 */
  readonly repairs?: number | undefined;
  /** What a call is estimated to take, for limits and budgets that count it. @defaultValue nothing */
  readonly cost?: Cost | undefined;
}

/** What a pattern took. */
export interface ModelRunFacts {
  /** All calls together. Running them together saves nothing of it. */
  readonly spent: ModelSpent;
  readonly time: TimeSaved;
}

/** A call of a model, in a pattern. */
export interface Asking {
  /** The key of its task. */
  readonly key: string;
  /** What it belongs to. */
  readonly within: Starter;
}

/** A pattern under way: what its parts start their calls with. */
export interface ModelWork {
  /** Of the run itself, to be handed on as `within`. */
  readonly ctx: TaskContext;
  readonly meter: Meter;
  /** Asks a model for data, as a task, and counts what that takes. */
  ask<T>(model: Model, request: ObjectRequest<T>, asking: Asking): TaskHandle<ObjectResponse<T>>;
}

/** Runs a pattern as one run. A failure stops it, but for that of what runs in a group of its own. */
export function modelRun<T extends object>(
  name: string,
  { repairs, cost, ...options }: ModelRunOptions,
  body: (work: ModelWork) => Promise<T>,
): Run<T & ModelRunFacts> {
  return startRun(
    { name, ...options },
    "stop",
    async (kernel, record) => {
      if (options.signal?.aborted === true) {
        return undefined;
      }
      const meter = new Meter(() => kernel.now());
      const result = await body({
        ctx: createContext(kernel, record),
        meter,
        ask: (model, request, asking) =>
          ask(metered(model, meter), request, { ...asking, repairs, cost }),
      });
      return { ...result, spent: meter.spent, time: meter.time };
    },
    (outcome, kernel) => ownResult(outcome, kernel) as T & ModelRunFacts, // The body returned it.
  );
}

function metered(model: Model, meter: Meter): Model {
  return {
    name: model.name,
    generate: (request, options) => meter.count(() => model.generate(request, options)),
  };
}
