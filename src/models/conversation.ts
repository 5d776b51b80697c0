/** A conversation that every provider takes, at every moment: a call is in it only together with its result. */
import type { ToolResult } from "../tools/result.ts";
import type { AssistantMessage, ModelMessage } from "./model.ts";
import type { ModelOutputError } from "./model-output-error.ts";

/** A conversation as it grows. */
export class Conversation {
  #messages: readonly ModelMessage[];

  constructor(messages: readonly ModelMessage[], prompt: string | undefined) {
    this.#messages =
      prompt === undefined ? [...messages] : [...messages, { role: "user", text: prompt }];
  }

  /** The conversation as of now; what is added later is not in this list. */
  get messages(): readonly ModelMessage[] {
    return this.#messages;
  }

  /** A response, with one result for each of its calls. */
  add(message: AssistantMessage, results?: readonly ToolResult[]): void {
    this.#push(message);
    if (results !== undefined) {
      const answers = results.map(({ id, name, text, isError }) => ({ id, name, text, isError }));
      this.#messages = [...this.#messages, { role: "tool", results: answers }];
    }
  }

  /** An answer that cannot be used, and what the model is told of that. */
  repair({ text, response }: ModelOutputError, prompt: string): void {
    const { message } = response ?? {};
    // What it called was not run: a call without its result is refused by services.
    const isPlain = message !== undefined && message.toolCalls.length === 0;
    this.#push(isPlain ? message : { role: "assistant", text, toolCalls: [] });
    this.#messages = [...this.#messages, { role: "user", text: prompt }];
  }

  /** Services refuse messages that are empty. */
  #push(message: AssistantMessage): void {
    if (message.text !== "" || message.toolCalls.length > 0) {
      this.#messages = [...this.#messages, message];
    }
  }
}

/** @throws `TypeError` when there is nothing that a model could answer to. */
export function checkOpening(messages: readonly ModelMessage[]): void {
  const last = messages.at(-1);
  if (last === undefined || last.role === "assistant") {
    throw new TypeError(
      `Cannot run an agent without a prompt as "messages" must end with what it is to answer to: ${last?.role ?? "none"}`,
    );
  }
}
