/**
 * `agent`: a model that calls tools until it has an answer. Each response is a turn of the toolbox: calls that only read start while the model still
 * writes, and all results go back in the order of the calls.
 */
import { all } from "../patterns/all.ts";
import { SkippedError, TasksFailedError } from "../core/errors.ts";
import { recordOf } from "../core/task-context.ts";
import type { TaskContext } from "../core/task.ts";
import { defineTool } from "../tools/tool.ts";
import { refuseInside, noteOpener, openerNow } from "../tools/calls-around.ts";
import type { ToolCall, ToolResult } from "../tools/result.ts";
import { toolbox, type Toolbox } from "../tools/toolbox.ts";
import type { Turn } from "../tools/turn.ts";
import type {
  Agent,
  AgentEvent,
  AgentFinish,
  AgentOptions,
  AgentResult,
  AgentRun,
  AgentRunOptions,
} from "./agent-run.ts";
import { teller } from "./agent-observer.ts";
import { checkCalls, finishOf, isRefusal, mayRun } from "./agent-response.ts";
import { Conversation } from "./conversation.ts";
import { Meter } from "./meter.ts";
import type { ModelRequest, ModelResponse } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";
import { repairPrompt } from "./repair.ts";
import { object, someText } from "./shape.ts";
import { streamOf } from "./stream-of.ts";
import { withBudget } from "./with-budget.ts";

const DEFAULT_STEPS = 20;

/** What an agent is handed that is a tool: the whole task, as it knows nothing of the conversation around it. */
const TASK = object({ prompt: someText() });

/**
 * Makes an agent. It keeps no state: each run is a conversation of its own, and any number may be under way.
 *
 * Runs of agents with one toolbox have their claims compared, so that two agents do not race for a file.
 *
 * @throws `RangeError` when `maxSteps` is no integer from 1, `TypeError` when a budget counts money and the price of the model is not known.
 * @example
 * ```ts
 * import { agent } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 * import { defineTool, toolbox } from "fanfold/tools";
 *
 * const weather = defineTool({ name: "weather", effect: "read", run: () => "rain" });
 * const model = scripted([{ toolCalls: [{ id: "1", name: "weather", input: {} }] }, "Take an umbrella."]);
 * const { text, steps } = await agent({ model, toolbox: toolbox([weather]) }).run("What do I need today?");
 * console.log(text, steps);
 * ```
 */
export function agent(options: AgentOptions): Agent {
  const { maxSteps = DEFAULT_STEPS } = options;
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) {
    throw new RangeError(
      `Cannot make an agent as "maxSteps" must be an integer from 1: ${maxSteps}`,
    );
  }
  const budgets = [options.budget ?? []].flat();
  const settings = {
    ...options,
    maxSteps,
    model: budgets.reduce((model, budget) => withBudget(model, budget), options.model),
    toolbox: options.toolbox ?? toolbox([]),
  };
  const run = (prompt: string, runOptions: AgentRunOptions = {}): AgentRun =>
    startRun(settings, prompt, runOptions);
  return {
    run,
    asTool: ({ name, description }) =>
      defineTool({
        name,
        description,
        input: TASK.schema,
        inputJsonSchema: TASK.jsonSchema,
        parallel: true, // It touches nothing itself: its calls say what they touch.
        run: async ({ prompt }, ctx) => {
          const { finish, text, steps } = await run(prompt, { within: ctx, signal: ctx.signal });
          if (finish !== "answered") {
            const last = text === "" ? "it said nothing" : `it said last: ${text}`;
            throw new Error(
              `Cannot answer as the agent ended early (${finish}, step ${steps}); ${last}`,
            );
          }
          return text;
        },
      }),
  };
}

type Settings = AgentOptions & { readonly maxSteps: number; readonly toolbox: Toolbox };

function startRun(options: Settings, prompt: string, runOptions: AgentRunOptions): AgentRun {
  const { name = "agent", toolbox } = options;
  const { signal, within = placeOf(toolbox), messages = [] } = runOptions;
  const conversation = new Conversation(messages, prompt);
  const tell = teller(runOptions.onEvent);
  let steps: Promise<AgentResult> | undefined;
  const opener = openerNow();
  const task = async (ctx: TaskContext): Promise<AgentResult> => {
    noteOpener(recordOf(ctx).record, opener);
    steps = new Steps({ options, runOptions, conversation, tell, ctx }).run();
    return await steps;
  };
  // A response that cannot be used is no reason to stop: the steps see to it.
  const tasks = all({ [name]: task }, { name, within, signal, failure: "continue" });
  const result = tasks.then(
    ({ [name]: value }) => value as AgentResult, // It is the one that `all` was given.
    async (error: unknown) => {
      // A long result may take longer to be kept than a cancelled task may take to stop. It waits for nothing else then.
      await Promise.allSettled([steps]);
      throw TasksFailedError.isInstance(error) ? error.cause : error;
    },
  );
  return Object.defineProperties(result, {
    messages: { get: () => conversation.messages },
    cancel: { value: (reason?: unknown): void => tasks.cancel(reason) },
  }) as AgentRun; // The two properties defined here are all that it adds.
}

/**
 * Where the runs are that are within no task.
 *
 * @throws `TypeError` inside a call of the toolbox: the calls of the agent might wait for that one.
 */
function placeOf({ context }: Toolbox): TaskContext {
  refuseInside(recordOf(context).kernel, { action: "run an agent", toolbox: "its toolbox" });
  return context;
}

interface StepsOptions {
  readonly options: Settings;
  readonly runOptions: AgentRunOptions;
  readonly conversation: Conversation;
  readonly tell: (event: AgentEvent) => void;
  readonly ctx: TaskContext;
}

/** The steps of one run. */
class Steps {
  readonly #options: StepsOptions;
  readonly #meter: Meter;
  #text = "";

  constructor(options: StepsOptions) {
    const { clock } = recordOf(options.ctx).kernel.options;
    this.#options = options;
    this.#meter = new Meter(() => clock.now());
  }

  async run(): Promise<AgentResult> {
    const { maxSteps } = this.#options.options;
    for (let step = 1; step <= maxSteps; step += 1) {
      const response = await this.#step(step);
      if (response === "budget") {
        return this.#result("budget", step - 1);
      }
      const finish = response === "repair" ? undefined : finishOf(response);
      if (finish !== undefined) {
        return this.#result(finish, step, response);
      }
    }
    return this.#result("max-steps", maxSteps);
  }

  #result(finish: AgentFinish, steps: number, response?: ModelResponse | "repair"): AgentResult {
    const { messages } = this.#options.conversation;
    const object =
      typeof response === "object" && finish === "answered" ? response.object : undefined;
    return { finish, text: this.#text, object, steps, messages, spent: this.#meter.spent };
  }

  /** A response and its calls. */
  async #step(step: number): Promise<ModelResponse | "repair" | "budget"> {
    const { options, runOptions, conversation, tell, ctx } = this.#options;
    const turn = options.toolbox.turn({ within: ctx, approve: runOptions.approve });
    let response: ModelResponse;
    try {
      response = await this.#meter.count(options.model.name, () => this.#ask(step, turn));
    } catch (error) {
      turn.abort(error);
      const recovered = this.#recover(error, step);
      if (typeof recovered === "string") {
        return recovered;
      }
      response = recovered;
    }
    this.#text = response.text;
    if (mayRun(response.finishReason)) {
      turn.commit();
    } else {
      turn.abort(`the response was not complete: ${response.finishReason}`);
    }
    await this.#answer(step, response, turn);
    tell({
      type: "step-completed",
      step,
      messages: conversation.messages,
      usage: response.usage,
      report: response.toolCalls.length > 0 ? turn.report() : undefined,
    });
    return response;
  }

  /** Asks the model, as a task: its calls are handed to the turn as they come. */
  async #ask(step: number, turn: Turn): Promise<ModelResponse> {
    const { options, conversation, tell, ctx } = this.#options;
    const { model, toolbox } = options;
    const request: ModelRequest = {
      instructions: options.instructions,
      messages: conversation.messages,
      tools: toolbox.descriptions.length > 0 ? toolbox.descriptions : undefined,
      schema: options.schema,
      maxOutputTokens: options.maxOutputTokens,
      temperature: options.temperature,
    };
    return await ctx.start(`step ${step}`, async (within) => {
      const calls: ToolCall[] = [];
      for await (const part of streamOf(model, request, { signal: within.signal, within })) {
        switch (part.type) {
          case "text":
            tell({ type: "text", step, text: part.text });
            break;
          case "tool-call":
            tell({ type: "tool-called", step, call: part.call });
            turn.call(part.call);
            calls.push(part.call);
            break;
          case "finish":
            checkCalls(model.name, calls, part.response.message.toolCalls);
            return part.response;
        }
      }
      throw new Error(
        `Cannot go on as the stream of model "${model.name}" ended before its response`,
      );
    });
  }

  /** What a step comes to whose response cannot be used. */
  #recover(error: unknown, step: number): ModelResponse | "repair" | "budget" {
    const { conversation, options } = this.#options;
    if (SkippedError.isInstance(error) && error.because.kind === "budget") {
      return "budget";
    }
    if (!ModelOutputError.isInstance(error)) {
      throw error;
    }
    const { response } = error;
    if (response !== undefined && isRefusal(response.finishReason)) {
      return response; // Asking again would not help.
    }
    if (step === options.maxSteps) {
      throw error;
    }
    this.#text = error.text;
    conversation.repair(error, repairPrompt(error));
    return "repair";
  }

  /** Waits for the results of the calls, and adds all of it to the conversation: also when the run is cancelled meanwhile. */
  async #answer(step: number, response: ModelResponse, turn: Turn): Promise<void> {
    const { conversation, tell } = this.#options;
    if (response.toolCalls.length === 0) {
      conversation.add(response.message);
      return;
    }
    let results: readonly ToolResult[];
    try {
      for await (const result of turn) {
        tell({ type: "tool-answered", step, result });
      }
      results = await turn.results();
    } catch (error) {
      turn.abort(error); // The run was cancelled: the calls are answered all the same.
      conversation.add(response.message, await turn.results());
      throw error;
    }
    conversation.add(response.message, results);
  }
}
