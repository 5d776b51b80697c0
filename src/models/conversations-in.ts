/** The conversations of agents, read back from the events of the run that they were part of. */
import type { RunEvent, TaskProgressedEvent } from "../core/event.ts";
import type { ToolCall } from "../tools/result.ts";
import { isAgentProgress, type AgentProgress } from "./agent-progress.ts";
import type { AssistantMessage, ModelMessage } from "./model.ts";

/** The conversation of one run of an agent, as its events tell it. */
export interface AgentConversation {
  /** The task of the agent, as the events number it. */
  readonly taskId: number;
  /** The name of the agent. */
  readonly name: string;
  /** The conversation at its last complete step, as every provider takes it: the `messages` of a run that is to go on. */
  readonly messages: readonly ModelMessage[];
  /** How many responses are in it. */
  readonly steps: number;
  /** The calls of a response that were not all answered, in order; empty where there are none. That response is not in `messages`. */
  readonly unfinished: readonly UnfinishedCall[];
  /** False where events in between are missing or damaged: then `messages` ends before them. */
  readonly isWhole: boolean;
}

/** A call of a step that was not completed. */
export interface UnfinishedCall {
  readonly call: ToolCall;
  /** How far it had come, as far as the events tell: one that has ended, or begun, may have had effects. */
  readonly state: "not-started" | "started" | "ended";
}

/**
 * Reads the conversations of all agents in the events of a run, in the order in which they began: of a run under way, of one that ended, and of one
 * whose process died, from the events up to any moment. Agents inside tools of others are told apart by their tasks.
 *
 * Guarantees: `messages` are those of the run at that moment, up to its last complete step. From events that went through JSON, as those of a recording,
 * they come back equal, as messages are plain data. Not guaranteed: values that JSON does not hold, which only a model of one's own puts
 * into `input` or `raw`, come back as JSON has them; what a recording takes out as a secret stays out.
 *
 * @example
 * ```ts
 * import { settle, type RunEvent, type TaskContext } from "fanfold";
 * import { agent, conversationsIn } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const helper = agent({ model: scripted(["Paris.", "About two million."]) });
 * const events: RunEvent[] = [];
 * const ask = async (within: TaskContext) => await helper.run("What is the capital of France?", { within });
 * await settle({ ask }, { observe: (event) => events.push(event) });
 *
 * const [conversation] = conversationsIn(events);
 * const { text } = await helper.run("How many people live there?", { messages: conversation?.messages });
 * console.log(text);
 * ```
 */
export function conversationsIn(events: Iterable<RunEvent>): readonly AgentConversation[] {
  const names = new Map<number, string>();
  const states = new Map<number, UnfinishedCall["state"]>();
  const agents = new Map<number, AgentLog>();
  for (const event of events) {
    switch (event.type) {
      case "task-added":
        names.set(event.taskId, event.key);
        agents.get(event.parentTaskId ?? 0)?.tasks.set(event.key, event.taskId);
        break;
      case "attempt-started":
        states.set(event.taskId, "started");
        break;
      case "task-settled":
        if (states.has(event.taskId) && !event.abandoned) {
          states.set(event.taskId, "ended");
        }
        break;
      case "task-progressed":
        readProgress(agents, event);
        break;
      default:
    }
  }
  return [...agents].map(([taskId, log]) => ({
    taskId,
    name: names.get(taskId) ?? "",
    ...log.read((id) => states.get(log.tasks.get(id) ?? 0) ?? "not-started"),
  }));
}

function readProgress(
  agents: Map<number, AgentLog>,
  { taskId, progress }: TaskProgressedEvent,
): void {
  const known = agents.get(taskId);
  if (isAgentProgress(progress)) {
    const log = known ?? new AgentLog();
    agents.set(taskId, log);
    log.add(progress);
  } else {
    known?.breakOff(); // An agent says nothing else: it was damaged.
  }
}

/** What the events tell of one agent. */
class AgentLog {
  /** The tasks of the step under way, by key: that of a call is its id. */
  readonly tasks = new Map<string, number>();
  /** All that it has said, also a response whose results have not come. */
  readonly #messages: ModelMessage[] = [];
  #steps = 0;
  #isWhole = true;

  add({ step, from, messages }: AgentProgress): void {
    if (from !== this.#messages.length) {
      this.breakOff();
    }
    if (!this.#isWhole) {
      return;
    }
    this.#messages.push(...messages);
    if (this.#unanswered === undefined) {
      this.#steps = step;
      this.tasks.clear();
    }
  }

  /** Events are missing: what comes later has no place. */
  breakOff(): void {
    this.#isWhole = false;
  }

  read(
    stateOf: (id: string) => UnfinishedCall["state"],
  ): Pick<AgentConversation, "messages" | "steps" | "unfinished" | "isWhole"> {
    const { toolCalls = [] } = this.#unanswered ?? {};
    return {
      messages: this.#messages.slice(0, toolCalls.length === 0 ? undefined : -1),
      steps: this.#steps,
      unfinished: toolCalls.map((call) => ({ call, state: stateOf(call.id) })),
      isWhole: this.#isWhole,
    };
  }

  get #unanswered(): AssistantMessage | undefined {
    const last = this.#messages.at(-1);
    return last?.role === "assistant" && last.toolCalls.length > 0 ? last : undefined;
  }
}
