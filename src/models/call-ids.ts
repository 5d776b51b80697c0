/** Calls that a model has given no id, or one that an earlier call has: some services leave it empty, or count anew in each response. */
import type { ToolCall } from "../tools/result.ts";
import type { ModelMessage, ModelPart, ModelResponse } from "./model.ts";

/**
 * Gives each call an id that no earlier call of the conversation has, where its own is empty or taken: the same in the parts of a stream and
 * in its response.
 */
export async function* withCallIds(
  parts: AsyncIterable<ModelPart>,
  conversation: readonly ModelMessage[],
): AsyncGenerator<ModelPart, void, undefined> {
  const named = namer(conversation);
  for await (const part of parts) {
    switch (part.type) {
      case "text":
        yield part;
        break;
      case "tool-call":
        yield { ...part, call: named(part.call) };
        break;
      case "finish":
        yield { ...part, response: namedResponse(part.response, conversation) };
        break;
    }
  }
}

function namedResponse(
  response: ModelResponse,
  conversation: readonly ModelMessage[],
): ModelResponse {
  const { message } = response;
  const toolCalls = message.toolCalls.map(namer(conversation));
  return toolCalls.every((call, index) => call === message.toolCalls[index])
    ? response
    : { ...response, toolCalls, message: { ...message, toolCalls } };
}

/** Names the calls of one response, in their order: alike whenever it is asked. */
function namer(conversation: readonly ModelMessage[]): (call: ToolCall) => ToolCall {
  let taken: Set<string> | undefined;
  let number = 0;
  return (call) => {
    taken ??= idsIn(conversation);
    let { id } = call;
    while (id === "" || taken.has(id)) {
      number += 1;
      id = `call-${number}`;
    }
    taken.add(id);
    return id === call.id ? call : { ...call, id };
  };
}

function idsIn(conversation: readonly ModelMessage[]): Set<string> {
  const calls = conversation.flatMap((message) =>
    message.role === "assistant" ? message.toolCalls : [],
  );
  return new Set(calls.map(({ id }) => id));
}
