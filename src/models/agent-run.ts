/** What an agent is told, tells, and comes back with. */
import type { Budget } from "../core/budget/budget.ts";
import type { TaskContext } from "../core/task.ts";
import type { ToolCall, ToolResult } from "../tools/result.ts";
import type { Tool } from "../tools/tool.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { TurnReport } from "../tools/turn-report.ts";
import type { Approve } from "../tools/turn.ts";
import type { ModelSpent } from "./meter.ts";
import type { Model, ModelMessage, ModelSchema, ModelUsage } from "./model.ts";

/** Options of an agent. */
export interface AgentOptions {
  readonly model: Model;
  /** What it may call. @defaultValue nothing */
  readonly toolbox?: Toolbox | undefined;
  /** What holds for the whole conversation. @defaultValue none */
  readonly instructions?: string | undefined;
  /** What reports call it. @defaultValue "agent" */
  readonly name?: string | undefined;
  /** How many responses of the model there may be: an integer from 1. @defaultValue 20 */
  readonly maxSteps?: number | undefined;
  /** The shape of the answer, as data. @defaultValue text */
  readonly schema?: ModelSchema | undefined;
  /** What the responses are paid from, as by `withBudget`: tools are paid from that of their toolbox. @defaultValue none */
  readonly budget?: Budget | readonly Budget[] | undefined;
  /** The longest response, in tokens. @defaultValue that of the service */
  readonly maxOutputTokens?: number | undefined;
  /** How much is left to chance, from 0. @defaultValue that of the service */
  readonly temperature?: number | undefined;
}

/** Options of one run of an agent. */
export interface AgentRunOptions {
  /** Stops the run. */
  readonly signal?: AbortSignal | undefined;
  /** The conversation to go on with: the `messages` of an earlier run. @defaultValue a new one */
  readonly messages?: readonly ModelMessage[] | undefined;
  /** The task to which it belongs, for agents inside a tool, a scope or a plan. @defaultValue none: it is in the run of its toolbox */
  readonly within?: TaskContext | undefined;
  /** Asks for consent to calls that need it, in place of that of the toolbox; also to those of agents inside whose toolbox has none of its own. */
  readonly approve?: Approve | undefined;
  /**
   * Told what happens, as it happens.
   *
   * Contract: returns quickly, as the run waits for it; what it throws is dropped, and it is not called again.
   */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined;
}

/** What happens in a run of an agent. Steps count from 1. */
export type AgentEvent =
  /** A bit of the text of a response. */
  | { readonly type: "text"; readonly step: number; readonly text: string }
  /** The model calls a tool. */
  | { readonly type: "tool-called"; readonly step: number; readonly call: ToolCall }
  /** A call was answered: as soon as it is, of those that only read also while the model still writes. Of a response that breaks off none after that. */
  | { readonly type: "tool-answered"; readonly step: number; readonly result: ToolResult }
  /** A response and all its calls are over; not told of an answer that does not fit: from `messages` the run can go on later, in another process too. The events of the run say the same: see {@link conversationsIn}. */
  | {
      readonly type: "step-completed";
      readonly step: number;
      readonly messages: readonly ModelMessage[];
      readonly usage: ModelUsage;
      /** What each call waited for; undefined where there was none. */
      readonly report: TurnReport | undefined;
    };

/**
 * Why a run ended.
 *
 * - `answered`: the model had no more to call.
 * - `length`, `content-filter`, `error`, `other`: its last response ended so, before it was complete.
 * - `max-steps`: there may be no more steps.
 * - `budget`: another step did not fit into the budget.
 */
export type AgentFinish =
  | "answered"
  | "length"
  | "content-filter"
  | "error"
  | "other"
  | "max-steps"
  | "budget";

/** What came of a run. */
export interface AgentResult {
  readonly finish: AgentFinish;
  /** The text of the last response. */
  readonly text: string;
  /** The answer as data; undefined without a `schema`, and where it was not answered. */
  readonly object?: unknown;
  /** How many responses there were, those included that did not fit. */
  readonly steps: number;
  /** The whole conversation, as every provider takes it. */
  readonly messages: readonly ModelMessage[];
  /** What all responses took together; what its tools took is not in it. */
  readonly spent: ModelSpent;
}

/** A run of an agent: await it for its result. */
export interface AgentRun extends Promise<AgentResult> {
  /**
   * The conversation as of now, as every provider takes it: each call has its result, also after a cancel or a failure. A response under way is not in
   * it.
   */
  readonly messages: readonly ModelMessage[];
  /** What its responses took so far: also after a failure or a cancel, where there is no result that would say it. */
  readonly spent: ModelSpent;
  /** Asks it to stop. A second call does nothing. */
  cancel(reason?: unknown): void;
}

/** A model that calls tools until it has an answer. */
export interface Agent {
  /**
   * Puts something to the agent. Without a prompt it goes on with the `messages` of an earlier run as they are: those of one that was interrupted, or
   * that ran out of steps.
   *
   * @throws as a rejection: what the model throws; `ModelOutputError` where the answer of the last step does not fit; `CancelledError` after a
   * cancel. `messages` of the run stay valid. At once: `TypeError` inside a call of its toolbox that it is not said to be `within`, and
   * without a prompt where `messages` end with an answer, or there are none.
   */
  run(prompt: string | undefined, options?: AgentRunOptions): AgentRun;
  /**
   * The agent as a tool of another: its calls belong to the call, which lends its slots to them. A run that ends with anything but `answered` makes
   * the call fail.
   */
  asTool(options: AgentToolOptions): Tool<{ readonly prompt: string }, string>;
}

/** Options of {@link Agent.asTool}. */
export interface AgentToolOptions {
  readonly name: string;
  /** When to use it, for the model; and that it has to be told everything, as it knows nothing of the conversation. */
  readonly description: string;
}
