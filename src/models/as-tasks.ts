/**
 * Requests as tasks, so that limits, budgets and retries work for them as for all others. Wrappers around wrappers become one task with what all
 * of them declare: limits and budgets are then taken together or not at all, and what a request took is told once.
 */
import { valueOf } from "../core/start-task.ts";
import type { TaskContext } from "../core/task.ts";
import { settle } from "../patterns/settle.ts";
import { taskOptions, tell, type Declared } from "./declared.ts";
import type { Model, ModelCallOptions, ModelRequest, ModelResponse } from "./model.ts";
import { streamAsTask } from "./stream-as-task.ts";
import { streamOf } from "./stream-of.ts";

/** A model, and what the wrapper around it declares. */
export interface Layers {
  readonly model: Model;
  /** Undefined where there is no wrapper. */
  readonly declared: Declared | undefined;
}

const wrappers = new WeakMap<Model, Layers>();

/** Takes a wrapper off; a model that is none is its own. */
export function layersOf(model: Model): Layers {
  return wrappers.get(model) ?? { model, declared: undefined };
}

/** A model whose requests are tasks. */
export function asTasks(model: Model, declared: Declared): Model {
  const { name } = model;
  const stream = (request: ModelRequest, options: ModelCallOptions) =>
    streamAsTask(options.signal, {
      open: (ctx) => streamOf(model, request, { signal: ctx.signal, within: ctx }),
      run: async (mayRepeat, call) =>
        await runTask(name, request, options, declared, { mayRepeat, call }),
    });
  const made: Model = {
    name,
    async generate(request, options) {
      const response = await runTask(name, request, options, declared, {
        mayRepeat: () => true,
        call: async (ctx) => await model.generate(request, { signal: ctx.signal, within: ctx }),
      });
      return response as ModelResponse; // There is one where it did not throw.
    },
    // One that cannot stream answers as a whole: nobody should wait for its first bit.
    ...(model.stream === undefined ? {} : { stream }),
  };
  wrappers.set(made, { model, declared });
  return made;
}

/** What a task of a model does. */
interface Call {
  /** Whether a failure may be repeated. */
  readonly mayRepeat: () => boolean;
  /** Makes the request. Returns undefined where nobody waits for the end of the answer. */
  readonly call: (ctx: TaskContext) => Promise<ModelResponse | undefined>;
}

async function runTask(
  name: string,
  request: ModelRequest,
  { signal, within }: ModelCallOptions,
  declared: Declared,
  { mayRepeat, call }: Call,
): Promise<ModelResponse | undefined> {
  signal.throwIfAborted();
  const { retry } = declared;
  const retryIf = (error: unknown, attempt: number): boolean =>
    mayRepeat() && retry?.retryIf?.(error, attempt) !== false;
  const task = {
    ...taskOptions(request, declared),
    retry: retry && { ...retry, retryIf },
    run: async (ctx: TaskContext) => await tell(ctx, request, declared, () => call(ctx)),
  };
  // A run of its own also within a task: a failure is then left to whoever asked.
  const outcomes = await settle(
    { [name]: task },
    {
      name,
      within,
      clock: declared.clock,
      // Where the task stops what is inside it, one listener less on its signal.
      signal: signal === within?.signal ? undefined : signal,
    },
  );
  signal.throwIfAborted();
  const outcome = outcomes[name];
  return outcome === undefined ? undefined : valueOf(outcome);
}
