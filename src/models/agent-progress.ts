/** What an agent says in the events of its run: its conversation, message by message. */
import type { ModelMessage } from "./model.ts";

/**
 * The `progress` of the `task-progressed` events of an agent: what has come to its conversation since the last. Each message is in one of them, so
 * that a log is as long as its conversation. {@link conversationsIn} puts them together again.
 *
 * The first has the messages that the run began with. A response that calls tools comes before calls with side effects may begin, and its results
 * when all calls were answered, also after a cancel. Any other response comes with what the model was told of it.
 */
export interface AgentProgress {
  readonly type: "agent-messages";
  /** The response that they belong to, counted from 1; 0 for what the run began with. */
  readonly step: number;
  /** How many messages came before these. */
  readonly from: number;
  readonly messages: readonly ModelMessage[];
}

/** Whether the progress of a task is that of an agent: it may come from a file, and from any task. */
export function isAgentProgress(progress: unknown): progress is AgentProgress {
  const { type, step, from, messages } = fieldsOf(progress);
  return (
    type === "agent-messages" &&
    Number.isSafeInteger(step) &&
    Number.isSafeInteger(from) &&
    isListOf(messages, isMessage)
  );
}

function isMessage(value: unknown): boolean {
  const { role, text, toolCalls, results } = fieldsOf(value);
  switch (role) {
    case "user":
      return typeof text === "string";
    case "assistant":
      return typeof text === "string" && isListOf(toolCalls, isNamed);
    case "tool":
      return isListOf(
        results,
        (each) => isNamed(each) && typeof fieldsOf(each)["text"] === "string",
      );
    default:
      return false;
  }
}

function isNamed(value: unknown): boolean {
  const { id, name } = fieldsOf(value);
  return typeof id === "string" && typeof name === "string";
}

function isListOf(value: unknown, isEach: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isEach);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Every field is checked before use.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
