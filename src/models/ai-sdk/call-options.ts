/** A request in the words of the AI SDK. */
import { jsonSchemaOf } from "../json-schema-of.ts";
import type { ModelMessage, ModelRequest } from "../model.ts";
import { partsOfMessage } from "./content.ts";
import type { AiSdkCallOptions, AiSdkMadePart, AiSdkMessage } from "./specification.ts";

/** @throws `TypeError` when the schema cannot be said as JSON Schema. */
export function callOptionsOf(provider: string, request: ModelRequest): AiSdkCallOptions {
  const { instructions, messages = [], prompt, tools, schema } = request;
  const { maxOutputTokens, temperature } = request;
  return {
    prompt: [
      ...(instructions === undefined ? [] : [{ role: "system", content: instructions } as const]),
      ...messages.map((message) => messageOf(provider, message)),
      ...(prompt === undefined ? [] : [userMessage(prompt)]),
    ],
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(schema === undefined
      ? {}
      : { responseFormat: { type: "json", schema: { ...jsonSchemaOf(schema) }, name: "answer" } }),
    ...(tools === undefined || tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }): AiSdkMadePart => ({
            type: "function",
            name,
            description,
            inputSchema: { ...inputSchema },
          })),
        }),
  };
}

function messageOf(provider: string, message: ModelMessage): AiSdkMessage {
  switch (message.role) {
    case "user":
      return userMessage(message.text);
    case "assistant":
      return { role: "assistant", content: partsOfMessage(provider, message) };
    case "tool":
      return {
        role: "tool",
        content: message.results.map(({ id, name, text, isError }): AiSdkMadePart => ({
          type: "tool-result",
          toolCallId: id,
          toolName: name,
          output: { type: isError ? "error-text" : "text", value: text },
        })),
      };
  }
}

function userMessage(text: string): AiSdkMessage {
  const part: AiSdkMadePart = { type: "text", text };
  return { role: "user", content: [part] };
}
