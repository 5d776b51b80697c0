/** How a task that asks models would go: its own work, with models that answer at once whatever is likely, and cost nothing. */
import { TasksFailedError } from "../core/errors.ts";
import { scope } from "../core/scope.ts";
import type { TaskContext } from "../core/task.ts";
import { tokenEstimator, type TokenEstimate } from "../models/estimate.ts";
import type { Model, ModelRequest, ModelResponse } from "../models/model.ts";
import type { ForeseenValues } from "./foreseen-values.ts";
import type { Surroundings, Work } from "./kind.ts";
import { kindOf } from "./kinds.ts";
import type { Plan, PlanTask } from "./plan.ts";

/** A request that would be made. */
export interface LikelyRequest extends TokenEstimate {
  /** The name that the task knows the model by; undefined for that of the plan. */
  readonly using: string | undefined;
}

/** What tasks share where nothing is run: none that asks models uses more of it. */
const SURROUNDINGS: Surroundings = {
  outputFile: () => undefined,
  onLine: () => undefined,
  newMark: () => "",
  graceMs: 0,
  keyVariables: [],
};

/**
 * The requests of a task if all goes well. Nothing is sent, and nothing written; folders and files that it names are looked at.
 *
 * @throws whatever the task would fail with.
 */
export async function rehearse(
  plan: Plan,
  task: PlanTask,
  at: {
    readonly values: ForeseenValues;
    readonly contextTokensOf: Work["contextTokensOf"];
    readonly signal: AbortSignal;
  },
): Promise<readonly LikelyRequest[]> {
  const { values, contextTokensOf, signal } = at;
  const kind = kindOf(task.kind);
  const rehearsal = kind.rehearsal?.(task.settings);
  const requests: LikelyRequest[] = [];
  if (rehearsal === undefined) {
    return requests;
  }
  const modelOf = async (using: string | undefined): Promise<Model> => ({
    name: using ?? "model",
    generate: async (request) => {
      requests.push({ using, ...tokenEstimator().estimate(request) });
      return responseOf(request, rehearsal.answer(request));
    },
  });
  const run = async (ctx: TaskContext): Promise<unknown> =>
    await kind.run(task.settings, {
      ...{ ctx, plan, task, values, modelOf, contextTokensOf },
      surroundings: SURROUNDINGS,
      runItems: async () => [],
    });
  try {
    await scope((s) => s.start("rehearsal", run), { signal });
  } catch (error) {
    throw TasksFailedError.isInstance(error) ? error.cause : error;
  }
  return requests;
}

function responseOf({ schema }: ModelRequest, answer: unknown): ModelResponse {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return {
    text,
    toolCalls: [],
    ...(schema === undefined ? {} : { object: answer }),
    finishReason: "stop",
    usage: { inputTokens: undefined, outputTokens: undefined },
    headers: {},
    message: { role: "assistant", text, toolCalls: [] },
  };
}
