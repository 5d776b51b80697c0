/** The steps of one run of an agent: a response of its model, and the calls in it as a turn. */
import { SkippedError } from "../core/errors.ts";
import type { TaskContext } from "../core/task.ts";
import type { ToolCall, ToolResult } from "../tools/result.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { Turn } from "../tools/turn.ts";
import type { AgentProgress } from "./agent-progress.ts";
import { checkCalls, finishOf, isRefusal, mayRun } from "./agent-response.ts";
import type {
  AgentEvent,
  AgentFinish,
  AgentOptions,
  AgentResult,
  AgentRunOptions,
} from "./agent-run.ts";
import { approveAround } from "./approve-around.ts";
import { withCallIds } from "./call-ids.ts";
import type { Conversation } from "./conversation.ts";
import type { Meter } from "./meter.ts";
import type { AssistantMessage, ModelRequest, ModelResponse } from "./model.ts";
import { ModelOutputError } from "./model-output-error.ts";
import { repairPrompt } from "./repair.ts";
import { streamOf } from "./stream-of.ts";

/** The options of an agent, complete. */
export type AgentSettings = AgentOptions & {
  readonly maxSteps: number;
  readonly toolbox: Toolbox;
};

/** What the steps of one run work with. */
interface StepsOptions {
  readonly options: AgentSettings;
  readonly runOptions: AgentRunOptions;
  readonly conversation: Conversation;
  readonly tell: (event: AgentEvent) => void;
  readonly meter: Meter;
  readonly ctx: TaskContext;
}

/** The steps of one run. */
export class AgentSteps {
  readonly #options: StepsOptions;
  #text = "";
  /** How many messages of the conversation are in the events of the run. */
  #logged = 0;

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  async run(): Promise<AgentResult> {
    const { maxSteps } = this.#options.options;
    this.#log(0);
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
    const { conversation, meter } = this.#options;
    const { messages } = conversation;
    const object =
      typeof response === "object" && finish === "answered" ? response.object : undefined;
    return { finish, text: this.#text, object, steps, messages, spent: meter.spent };
  }

  /** Says in the events of the run what has come to the conversation, or will, as results are still to come. */
  #log(step: number, response?: AssistantMessage): void {
    const { conversation, ctx } = this.#options;
    const from = this.#logged;
    const messages = response === undefined ? conversation.messages.slice(from) : [response];
    this.#logged += messages.length;
    ctx.progress({ type: "agent-messages", step, from, messages } satisfies AgentProgress);
  }

  /** A response and its calls. */
  async #step(step: number): Promise<ModelResponse | "repair" | "budget"> {
    const { options, runOptions, conversation, tell, meter, ctx } = this.#options;
    const approve = runOptions.approve ?? options.toolbox.approve ?? approveAround(ctx);
    let isKept = true;
    const turn = options.toolbox.turn({
      within: ctx,
      approve,
      onResult: (result) => {
        if (isKept) {
          tell({ type: "tool-answered", step, result });
        }
      },
    });
    let response: ModelResponse;
    try {
      response = await meter.count(options.model.name, () => this.#ask(step, turn));
    } catch (error) {
      let recovered: ModelResponse | "repair" | "budget" | undefined;
      try {
        recovered = this.#recover(error, step);
      } finally {
        isKept = typeof recovered === "object"; // What is aborted of others is of no response.
        turn.abort(error);
      }
      if (typeof recovered === "string") {
        return recovered;
      }
      response = recovered;
    }
    this.#text = response.text;
    if (response.toolCalls.length > 0) {
      this.#log(step, response.message); // Before anything has effects.
    }
    if (mayRun(response.finishReason)) {
      turn.commit();
    } else {
      turn.abort(`the response was not complete: ${response.finishReason}`);
    }
    try {
      await this.#answer(response, turn);
    } finally {
      this.#log(step);
    }
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
      const parts = streamOf(model, request, { signal: within.signal, within });
      for await (const part of withCallIds(parts, conversation.messages)) {
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
    this.#log(step);
    return "repair";
  }

  /** Waits for the results of the calls, and adds all of it to the conversation: also when the run is cancelled meanwhile. */
  async #answer(response: ModelResponse, turn: Turn): Promise<void> {
    const { conversation } = this.#options;
    if (response.toolCalls.length === 0) {
      conversation.add(response.message);
      return;
    }
    let results: readonly ToolResult[];
    try {
      results = await turn.results();
    } catch (error) {
      turn.abort(error); // The run was cancelled: the calls are answered all the same.
      conversation.add(response.message, await turn.results());
      throw error;
    }
    conversation.add(response.message, results);
  }
}
