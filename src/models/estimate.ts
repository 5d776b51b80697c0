/** How many tokens a request will take, before it is sent. */
import { ANSWER_TOKENS } from "./defaults.ts";
import { jsonSchemaOf } from "./json-schema-of.ts";
import type { ModelMessage, ModelRequest, ModelUsage } from "./model.ts";

/** How many tokens a request is expected to take. */
export interface TokenEstimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Estimates requests, and learns from what they took. One for each model. */
export interface TokenEstimator {
  estimate(request: ModelRequest): TokenEstimate;
  /** Tells what a request took. What is unknown is not learnt from. */
  learn(request: ModelRequest, usage: ModelUsage): void;
}

/** Latin letters to a token, as most tokenizers have it for English. */
const LETTERS = 4;

/** What a service adds to each message to tell it from the others. */
const MESSAGE_TOKENS = 4;

/** How much what was learnt before counts when something new is learnt. */
const MEMORY = 0.9;

/**
 * Makes an estimator. What goes in is counted by characters: four of ASCII to a token, one of any other, four tokens for each message; tools and
 * schemas count as their JSON. That is then corrected by what the requests before really took, the latest counting most.
 *
 * Before the first response it may be off by half for prose, and by twice for code, digits or scripts other than Latin. After it, requests
 * of the same kind are off by about as much as they differ in kind.
 *
 * What comes out is `maxOutputTokens`, where the request has it: no answer is longer. Else the mean of the answers before, the latest counting
 * most, and 500 before the first.
 */
export function tokenEstimator(): TokenEstimator {
  const input = { counted: 0, real: 0 };
  const output = { count: 0, tokens: 0 };
  return {
    estimate(request) {
      const counted = countOf(request);
      const { maxOutputTokens } = request;
      const usual = output.count === 0 ? ANSWER_TOKENS : output.tokens / output.count;
      return {
        inputTokens: Math.ceil(
          input.counted === 0 ? counted : counted * (input.real / input.counted),
        ),
        outputTokens: maxOutputTokens ?? Math.ceil(usual),
      };
    },
    learn(request, { inputTokens, outputTokens }) {
      const counted = countOf(request);
      if (inputTokens !== undefined && counted > 0) {
        input.counted = input.counted * MEMORY + counted;
        input.real = input.real * MEMORY + inputTokens;
      }
      if (outputTokens !== undefined) {
        output.count = output.count * MEMORY + 1;
        output.tokens = output.tokens * MEMORY + outputTokens;
      }
    },
  };
}

/** Tokens by characters. */
function countOf({
  instructions,
  messages = [],
  prompt,
  tools = [],
  schema,
}: ModelRequest): number {
  const said = [
    ...(instructions === undefined ? [] : [instructions]),
    ...messages.map(writtenOf),
    ...(prompt === undefined ? [] : [prompt]),
  ];
  const shapes = [
    ...tools.map((tool) => JSON.stringify(tool)),
    ...(schema === undefined ? [] : [JSON.stringify(jsonSchemaOf(schema))]),
  ];
  const count = (texts: readonly string[]): number =>
    texts.reduce((sum, text) => sum + tokensIn(text), 0);
  return count(said) + count(shapes) + said.length * MESSAGE_TOKENS;
}

function writtenOf(message: ModelMessage): string {
  switch (message.role) {
    case "user":
      return message.text;
    case "assistant":
      return [
        message.text,
        ...message.toolCalls.map(
          ({ name, input, inputText }) => `${name} ${inputText ?? JSON.stringify(input ?? {})}`,
        ),
      ].join("\n");
    case "tool":
      return message.results.map(({ text }) => text).join("\n");
  }
}

function tokensIn(text: string): number {
  const others = text.match(/[^\0-\x7f]/gu)?.length ?? 0;
  return others + (text.length - others) / LETTERS;
}
