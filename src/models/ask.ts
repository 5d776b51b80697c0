/** `ask`: one request as a task, with another try where the answer is not what was asked for. */
import type { Starter, TaskHandle, TaskOptions } from "../core/task.ts";
import { REPAIRS } from "./defaults.ts";
import type { Model, ModelMessage, ModelRequest, ModelResponse, ModelSchema } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";
import { repairPrompt } from "./repair.ts";

/** A request whose answer is data. */
export interface ObjectRequest<T> extends ModelRequest {
  readonly schema: ModelSchema<T>;
  /** None: the answer to a request with tools may be calls instead. */
  readonly tools?: undefined;
}

/** The response to a request whose answer is data. */
export interface ObjectResponse<T> extends ModelResponse {
  readonly object: T;
}

/** Options of `ask`: besides these, what tasks declare. */
export interface AskOptions extends Omit<TaskOptions, "retry"> {
  /** The task or scope that it belongs to. */
  readonly within: Starter;
  /** The key of the task. @defaultValue "ask" */
  readonly key?: string | undefined;
  /** How often the model is told what was wrong with its answer and asked again: an integer from 0. @defaultValue 2 */
  readonly repairs?: number | undefined;
}

/**
 * Asks a model, as a task inside another. Where its answer does not fit the schema, it is told what was wrong, and asked again: each time an
 * attempt of the task, with its limits, `cost` and `timeoutMs`. Other errors fail the task: `withLimits` is what repeats requests.
 *
 * The model is handed the task as `within`, so that what its wrappers start belongs to it.
 *
 * @throws `ModelOutputError`, where the task is awaited, when the last answer does not fit either; else what the model throws.
 * @throws `RangeError` when `repairs` is no integer from 0.
 * @example
 * ```ts
 * import { scope } from "fanfold";
 * import { ask } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 * import { z } from "zod";
 *
 * const model = scripted(['{ "score": "seven" }', '{ "score": 7 }']);
 * const request = { prompt: "How good is it?", schema: { schema: z.object({ score: z.number() }) } };
 * const { object } = await scope((s) => ask(model, request, { within: s }));
 * console.log(object.score, model.requests.length);
 * ```
 */
export function ask<T>(
  model: Model,
  request: ObjectRequest<T>,
  options: AskOptions,
): TaskHandle<ObjectResponse<T>>;
export function ask(
  model: Model,
  request: ModelRequest,
  options: AskOptions,
): TaskHandle<ModelResponse>;
export function ask(
  model: Model,
  request: ModelRequest,
  options: AskOptions,
): TaskHandle<ModelResponse> {
  const { within, key = "ask", repairs = REPAIRS, ...declared } = options;
  if (!Number.isSafeInteger(repairs) || repairs < 0) {
    throw new RangeError(`Cannot ask as "repairs" must be an integer from 0: ${repairs}`);
  }
  let wrong: ModelOutputError | undefined;
  return within.start(key, {
    ...declared,
    retry: {
      attempts: repairs + 1,
      delayMs: 0, // Nothing is overloaded: the next try need not wait.
      retryIf: ModelOutputError.isInstance,
    },
    run: async (ctx) => {
      const next = wrong === undefined ? request : repaired(request, wrong);
      try {
        return await model.generate(next, { signal: ctx.signal, within: ctx });
      } catch (error) {
        wrong = ModelOutputError.isInstance(error) ? error : undefined;
        throw error;
      }
    },
  });
}

/** The request once more, with the answer to it and what is wrong with that. */
function repaired(request: ModelRequest, wrong: ModelOutputError): ModelRequest {
  const { text, response } = wrong;
  const { messages = [], prompt } = request;
  const asked: readonly ModelMessage[] =
    prompt === undefined ? messages : [...messages, { role: "user", text: prompt }];
  const answer = response?.message ?? { role: "assistant", text, toolCalls: [] };
  return {
    ...request,
    messages: answer.text === "" ? asked : [...asked, answer], // Services refuse messages that are empty.
    prompt: repairPrompt(wrong),
  };
}
